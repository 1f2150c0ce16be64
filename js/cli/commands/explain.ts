// `dacc explain`: says which events made a cell, or what became of an event.

import type { Command } from 'commander'
import { load } from '../../api/index.node.ts'
import { lastDayOf, monthOf } from '../../generate/calendar.ts'
import type { Dacc, ExplainedEvent, Explanation, Options } from '../../types/index.d.ts'
import { readRemoteHome } from '../homes/remote-home.ts'
import { type ExplainSource, readSources } from '../input/explain-source.ts'
import { openInput } from '../input/input.ts'
import { type CellName, cellName, matchesCell, readCell } from '../measures/cell.ts'
import {
  addAppFlag,
  addComputationFlags,
  type ComputationFlags,
  readOptions,
  refuseAppOfCozy,
  rulesOf,
} from '../options/computation-options.ts'
import { addTokenFlags, type ConnectionFlags, isAddress, readConnection } from '../options/connection.ts'
import { day } from '../options/flag-values.ts'
import { NegativeAnswer, printable, UsageError } from '../terminal/errors.ts'
import { Output } from '../terminal/output.ts'
import { counted, megabytes, Progress } from '../terminal/progress.ts'
import { didYouMean, suggestions } from '../terminal/suggestion.ts'
import { ExplanationPrinter } from './explanation.ts'

/** Adds `dacc explain` to the program. */
export function explain(dacc: Command): void {
  const command = dacc
    .command('explain')
    .summary('say which rule counted an event, or which events made a cell')
    .description(
      'Says of an event what each indicator that reads it made of it, and why; or of a cell which events made it.',
    )
    .argument(
      '<EVENT-ID|CELL>',
      'the _id of an event, or #N for the one after N others; or a cell, as navigation-count-daily@2024-03-09[page=water]; its groups may be left out',
    )
    .argument('[HOME]', 'a home file, one of many homes, events alone, or the address of a Cozy; - for stdin', '-')
  addComputationFlags(addTokenFlags(addAppFlag(command)))
    .option('--consent-since <day>', 'as if consent had been given on that day', day('--consent-since'))
    .option('--json', 'one JSON document')
    .addHelpText(
      'after',
      `
Where no days or months are asked for, those of the event or the cell are
computed, whether or not tonight's run would. Ends with 3 if nothing is found.

Example:
  dacc explain 'navigation-count-daily@2024-03-09[page=water]' home.json`,
    )
    .action((target: string, file: string, flags: ExplainFlags) => run(target, file, flags))
}

interface ExplainFlags extends ComputationFlags, ConnectionFlags {
  json?: boolean
}

async function run(target: string, file: string, flags: ExplainFlags): Promise<void> {
  if (target.trim() === '')
    throw new UsageError('an event or a cell is needed: the _id of an event, #N, or measureName@date')
  const dacc = await load()
  if (isAddress(file)) refuseAppOfCozy(flags)
  const environment = isAddress(file) ? readConnection({ ...flags, cozyUrl: file }) : undefined
  const options = await readOptions(flags, dacc, environment?.fields)
  if (file === '-' && process.stdin.isTTY) {
    throw new UsageError('a home is needed: name a file after the event or cell, or pipe one in')
  }
  const cell = cellNamed(target, dacc, options)
  const input = environment === undefined ? await openInput(file) : await readRemoteHome(environment, options)
  const progress = new Progress(input.size)
  const output = new Output(() => progress.clear())
  const search = new Search(target, cell, options)
  const telling = new ExplanationPrinter(output, flags.json === true)
  const done = { sources: 0, bytes: 0 }
  try {
    for await (const source of readSources(input, dacc, options.app !== undefined)) {
      const found = search.in(source)
      if (found !== undefined) await telling.tell(found, source.name)
      done.sources += 1
      done.bytes += source.bytes
      progress.update(done.bytes, `${counted(done.sources, 'home')}, ${megabytes(done.bytes)}`)
    }
    if (search.isFound) await telling.end()
  } finally {
    await output.flush()
    progress.clear()
  }
  if (!search.isFound) throw new NegativeAnswer(printable(search.whyNothing(input.name)))
  if (search.assumesConsent)
    process.stderr.write('Events alone have no terms: explained as if consent stood on every day.\n')
}

/** The cell that a text names, if any; throws if no indicator has its name. */
function cellNamed(target: string, dacc: Dacc, options: Options): CellName | undefined {
  const cell = readCell(target)
  if (cell === undefined) return undefined
  const all = rulesOf(dacc, options)
  const rule = all.find(({ measureName }) => measureName === cell.measureName)
  if (rule === undefined) {
    throw new NegativeAnswer(
      `${printable(cell.measureName)} is no measure of the catalog${didYouMean(
        suggestions(
          cell.measureName,
          all.map(({ measureName }) => measureName),
        ),
      )}`,
    )
  }
  const keys = rule.groups
  const wrong = [...cell.groups.keys()].find((key) => !keys.includes(key))
  if (wrong !== undefined) {
    throw new NegativeAnswer(
      `${cell.measureName} has no group ${printable(wrong)}; ${keys.length === 0 ? 'it has none' : `its groups are ${keys.join(', ')}`}`,
    )
  }
  return cell
}

/** What is known of an event or a cell in one home. */
export type Explained =
  | { kind: 'event'; event: ExplainedEvent; of: Explanation; tonight: Explanation | undefined }
  | { kind: 'cell'; cells: number[]; of: Explanation; tonight: Explanation | undefined }

/** How many names are remembered for suggestions. */
const MAX_KNOWN = 200_000

/** Looks for an event or a cell, one home at a time. */
class Search {
  isFound = false
  assumesConsent = false
  readonly #target: string
  readonly #cell: CellName | undefined
  readonly #options: Options
  readonly #isAsked: boolean
  #events = 0
  readonly #known = new Set<string>()
  readonly #reasons = new Map<string, number>()

  constructor(target: string, cell: CellName | undefined, options: Options) {
    this.#target = target
    this.#cell = cell
    this.#options = options
    this.#isAsked = options.from !== undefined || options.to !== undefined || options.months !== undefined
  }

  in(source: ExplainSource): Explained[] | undefined {
    const assumed = source.kind === 'events' && this.#options.consent === undefined
    const options = assumed ? { ...this.#options, consent: [{ from: '0001-01-01' }] } : this.#options
    const found = this.#cell === undefined ? this.#event(source, options) : this.#cells(source, options, this.#cell)
    if (found.length === 0) return undefined
    this.isFound = true
    this.assumesConsent ||= assumed
    return found
  }

  #event(source: ExplainSource, options: Options): Explained[] {
    const first = source.explain(options)
    const isMeant = ({ id, index }: ExplainedEvent) => id === this.#target || `#${index}` === this.#target
    const events = first.events.filter(isMeant)
    this.#events = Math.max(this.#events, first.events.length)
    if (events.length === 0) this.#know(first.events.flatMap(({ id }) => id ?? []))
    return events.map((event) => {
      if (this.#isAsked || event.day === undefined) return { kind: 'event', event, of: first, tonight: undefined }
      const of = source.explain({ ...options, from: event.day, to: event.day, months: [monthOf(event.day)] })
      return {
        kind: 'event',
        event: of.events[event.index] ?? event,
        of,
        tonight: source.kind === 'home' ? first : undefined,
      }
    })
  }

  #cells(source: ExplainSource, options: Options, cell: CellName): Explained[] {
    const of = source.explain(this.#isAsked ? options : { ...options, ...periodOf(cell) })
    const cells = of.cells.flatMap(({ measure }, at) => (matchesCell(measure, cell) ? [at] : []))
    if (cells.length > 0) {
      const tonight = this.#isAsked || source.kind === 'events' ? undefined : source.explain(options)
      return [{ kind: 'cell', cells, of, tonight }]
    }
    this.#know(
      of.cells
        .filter(({ measure }) => measure.measureName === cell.measureName)
        .map(({ measure }) => cellName(measure)),
    )
    for (const event of of.events) {
      if (event.day?.startsWith(cell.date) !== true) continue
      const reading = event.readings.find(({ measureName }) => measureName === cell.measureName)
      const reason = reading?.reason ?? (event.readings.length === 0 ? event.verdict : undefined)
      if (reason !== undefined) this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1)
    }
    return []
  }

  #know(texts: readonly string[]): void {
    for (const text of texts) if (this.#known.size < MAX_KNOWN) this.#known.add(text)
  }

  whyNothing(name: string): string {
    if (this.#cell === undefined && /^#\d+$/.test(this.#target)) {
      return `${name}: there is no event ${this.#target}; ${this.#events === 0 ? 'it has none' : `the last is #${this.#events - 1}`}`
    }
    if (this.#cell === undefined) {
      return `${name}: no event has the _id ${this.#target}${didYouMean(suggestions(this.#target, this.#known))}`
    }
    const others = [...this.#known].slice(0, 3)
    if (others.length > 0) return `${name}: no such cell${didYouMean(others)}`
    const reasons = [...this.#reasons].map(([reason, count]) => `${count} ${reason}`)
    return `${name}: no event made ${this.#target}${reasons.length === 0 ? '; none of its kind falls in that time' : `; of those of that time: ${reasons.join(', ')}`}`
  }
}

/** The days or months to compute for a cell. */
function periodOf({ date }: CellName): Options {
  const month = date.slice(0, 7)
  return date.length > 7
    ? { from: date, to: date, months: [month] }
    : { from: `${month}-01`, to: lastDayOf(month), months: [month] }
}

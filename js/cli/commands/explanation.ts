// Prints the result of `dacc explain`.

import type { ExplainedCell, ExplainedEvent, Explanation, Reading } from '../../types/index.d.ts'
import { cellName } from '../measures/cell.ts'
import { formatColumns } from '../terminal/columns.ts'
import { printable } from '../terminal/errors.ts'
import { coloursOf, columnsOf, type Output } from '../terminal/output.ts'
import { counted } from '../terminal/progress.ts'
import { wrap } from '../terminal/text-layout.ts'
import type { Explained } from './explain.ts'

/** How many events of a cell a terminal shows; --json has all. */
const MAX_EVENTS = 40

const INDENT = '  '

/** Prints the result, for a person or as JSON. */
export class ExplanationPrinter {
  readonly #output: Output
  readonly #json: boolean
  readonly #items: object[] = []
  #isFirst = true

  constructor(output: Output, json: boolean) {
    this.#output = output
    this.#json = json
  }

  async tell(all: readonly Explained[], home: string | undefined): Promise<void> {
    for (const found of all) {
      if (this.#json) {
        this.#items.push(...asJson(found).map((item) => (home === undefined ? item : { home, ...item })))
        continue
      }
      const lines =
        found.kind === 'event'
          ? ofEvent(found.event, found.of, found.tonight)
          : ofCells(found.cells, found.of, found.tonight)
      if (!this.#isFirst) await this.#output.line('')
      this.#isFirst = false
      if (home !== undefined) await this.#output.line(coloursOf(process.stdout).cyan(`Home ${printable(home)}`))
      for (const line of lines) await this.#output.line(line)
    }
  }

  async end(): Promise<void> {
    if (this.#json) await this.#output.line(JSON.stringify({ found: this.#items }, null, 2))
    await this.#output.flush()
  }
}

function ofEvent(event: ExplainedEvent, of: Explanation, tonight: Explanation | undefined): string[] {
  const { bold, green, red, yellow } = coloursOf(process.stdout)
  const { verdict, readings } = event
  const paint = verdict === 'counted' ? green : verdict === 'not-counted' ? yellow : red
  const lines = [
    `${bold(`Event ${nameOf(event)}`)}  ${[event.type, timeOf(event)]
      .filter(Boolean)
      .map((text) => printable(text ?? ''))
      .join('  ')}`,
    ...indented(`${paint(verdict)}: ${of.sentences[verdict] ?? ''}`),
  ]
  if (readings.length === 0 && verdict === 'not-counted')
    lines.push(...indented('No indicator of the catalog reads its type.'))
  for (const reading of readings) lines.push('', ...ofReading(reading, of, tonight))
  const cells = readings.flatMap((reading) => reading.cells ?? [])
  return [...lines, ...notTonight(cells, of, tonight)]
}

/** A line if the next run computes none of these cells. */
function notTonight(cells: readonly number[], of: Explanation, tonight: Explanation | undefined): string[] {
  const known = cells.flatMap((at) => of.cells[at] ?? []).map((cell) => tonightsCell(cell, tonight))
  if (tonight === undefined || known.length === 0 || known.some((cell) => cell !== undefined)) return []
  return ['', ...wrappedHere("Tonight's run computes none of this: its time is settled, or before the first run.")]
}

function ofReading(
  { measureName, cells = [], reason, noticed = [] }: Reading,
  of: Explanation,
  tonight: Explanation | undefined,
): string[] {
  const { bold, green, yellow, dim } = coloursOf(process.stdout)
  const lines: string[] = []
  for (const at of cells) {
    const cell = of.cells[at]
    if (cell === undefined) continue
    if (lines.length > 0) lines.push('')
    lines.push(
      `${green('counted')}  ${bold(printable(cellName(cell.measure)))}`,
      ...indented(`Value ${cell.measure.value}${madeBy(cell)}. ${ruleOf(measureName, of)}${stateOf(cell, tonight)}`),
    )
  }
  for (const code of noticed) lines.push(...indented(`${yellow(code)}: ${of.sentences[code] ?? ''}`))
  if (reason !== undefined) {
    lines.push(
      `${dim('not in')}   ${bold(measureName)}`,
      ...indented(`${yellow(reason)}: ${of.sentences[reason] ?? ''}`),
    )
  }
  return lines
}

function ofCells(cells: readonly number[], of: Explanation, tonight: Explanation | undefined): string[] {
  const each = cells.map((at) => ofCell(at, of, tonight))
  return [...each.flatMap((lines, at) => (at === 0 ? lines : ['', ...lines])), ...notTonight(cells, of, tonight)]
}

function ofCell(at: number, of: Explanation, tonight: Explanation | undefined): string[] {
  const { bold } = coloursOf(process.stdout)
  const cell = of.cells[at]
  if (cell === undefined) return []
  const { measure, events } = cell
  const rule = of.rules.find(({ measureName }) => measureName === measure.measureName)
  const lines = [
    `${bold(printable(cellName(measure)))}  value ${measure.value}`,
    ...indented(`${rule?.description ?? ''} ${rule?.value ?? ''}${stateOf(cell, tonight)}`),
  ]
  if (events.length === 0)
    return [...lines, ...indented('No event made it: it is the home as it stands, or the absence of events.')]
  const rows = events.slice(0, MAX_EVENTS).map((place) => {
    const event = of.events[place]
    return event === undefined ? [] : [nameOf(event), timeOf(event) ?? '', printable(event.type ?? '')]
  })
  const more = events.length - rows.length
  return [
    ...lines,
    ...formatColumns(['event', 'when', 'type'], rows)
      .split('\n')
      .map((line) => `${INDENT}${line}`),
    ...(more > 0 ? indented(`… and ${counted(more, 'event')} more; --json has them all.`) : []),
  ]
}

function madeBy({ events, remembered }: ExplainedCell): string {
  const by = events.length === 0 ? '' : `, made by ${counted(events.length, 'event')}`
  return remembered === true ? `${by} and what is remembered of earlier ones` : by
}

/** The cell as the next run computes it, or as the ledger has it. */
function tonightsCell({ measure }: ExplainedCell, tonight: Explanation | undefined): ExplainedCell | undefined {
  const name = cellName(measure)
  return tonight?.cells.find((cell) => cellName(cell.measure) === name)
}

/** The state of a cell, by the next run or the ledger. */
function stateOf(cell: ExplainedCell, tonight: Explanation | undefined): string {
  const known = tonightsCell(cell, tonight)
  if (known === undefined) return ''
  const late =
    known.late === true ? `; it was planned with value ${known.measure.value} and stays so, for events came late` : ''
  return known.state === undefined ? " Tonight's run sends it." : ` In the ledger it is ${known.state}${late}.`
}

function ruleOf(name: string, { rules }: Explanation): string {
  return rules.find(({ measureName }) => measureName === name)?.value ?? ''
}

/** The `_id` of an event, or its position if it has none. */
function nameOf({ id, index }: ExplainedEvent): string {
  return id === undefined ? `#${index}` : printable(id)
}

function timeOf({ moment }: ExplainedEvent): string | undefined {
  return moment?.replace('T', ' ').replace(/\.\d+$/, '')
}

function indented(text: string): string[] {
  return `${INDENT}${wrap(text.trim(), columnsOf(process.stdout), INDENT.length)}`.split('\n')
}

function wrappedHere(text: string): string[] {
  return wrap(text, columnsOf(process.stdout)).split('\n')
}

function asJson(found: Explained): object[] {
  const { of, tonight } = found
  if (found.kind === 'cell') {
    return found.cells.map((at) => {
      const cell = of.cells[at]
      const events = (cell?.events ?? [])
        .map((place) => of.events[place])
        .map((event) => ({
          index: event?.index,
          id: event?.id,
          type: event?.type,
          moment: event?.moment,
        }))
      const rule = of.rules.find(({ measureName }) => measureName === cell?.measure.measureName)
      return { ...cell, events, rule, ...stateAsJson(cell, tonight) }
    })
  }
  const { event } = found
  const readings = event.readings.map((reading) => ({
    ...reading,
    ...(reading.cells !== undefined && {
      cells: reading.cells.map((at) => {
        const { events = [], ...cell } = of.cells[at] ?? {}
        return { ...cell, events: events.length, ...stateAsJson(of.cells[at], tonight) }
      }),
    }),
    ...(reading.reason !== undefined && { sentence: of.sentences[reading.reason] }),
    rule: of.rules.find(({ measureName }) => measureName === reading.measureName),
  }))
  return [{ ...event, sentence: of.sentences[event.verdict], readings }]
}

function stateAsJson(cell: ExplainedCell | undefined, tonight: Explanation | undefined): object {
  if (cell === undefined || tonight === undefined) return {}
  const known = tonightsCell(cell, tonight)
  return { tonight: known === undefined ? 'not-computed' : (known.state ?? 'sends') }
}

// `dacc check`: judges measures before they are sent, and the description of an app.

import type { Command } from 'commander'
import { load } from '../../api/index.node.ts'
import type { AppDescription, Dacc } from '../../types/index.d.ts'
import { type AppFile, appFaults, parseApp } from '../input/app-file.ts'
import { recogniseApp } from '../input/file-kind.ts'
import { openInput } from '../input/input.ts'
import { readMeasures } from '../input/measure-file.ts'
import {
  addJudgeFlags,
  createJudge,
  type JudgeFlags,
  type Judgement,
  SERVER_ACTIONS,
  type ServerAction,
} from '../measures/judge.ts'
import { NegativeAnswer, printable, UsageError } from '../terminal/errors.ts'
import { coloursOf, columnsOf, jsonErrorEnd, Output } from '../terminal/output.ts'
import { counted, Progress } from '../terminal/progress.ts'
import { wrap } from '../terminal/text-layout.ts'

/** Adds `dacc check` to the program. */
export function check(dacc: Command): void {
  const command = dacc
    .command('check')
    .summary('check measures, and say what the server would do with each; or the description of an app')
    .description(
      'Checks measures as strictly as they are made. The server does not: it answers 201 '
        + 'to measures that it then loses, or stores as something else. Or checks the '
        + 'description of an app as the module reads it.',
    )
    .argument('<FILE>', 'measures, one a line or in a JSON array; or an app.json; - for stdin')
  addJudgeFlags(command)
    .option('--all', 'name the measures that are good, too')
    .option('--json', 'one JSON document, with every measure')
    .addHelpText(
      'after',
      `
Each fault is a line: where it is, what it is, and of a measure what the server
would do. Ends with 3 if there is one.

Example:
  dacc preview home.json --ndjson | dacc check -
  dacc check app.json`,
    )
    .action((file: string, flags: CheckFlags) => run(file, flags))
}

interface CheckFlags extends JudgeFlags {
  all?: boolean
  json?: boolean
}

/** How many cells are remembered to find duplicates. */
const MAX_CELLS = 1_000_000

async function run(file: string, { all = false, json = false, ...flags }: CheckFlags): Promise<void> {
  const dacc = await load()
  const { isApp, input } = await recogniseApp(await openInput(file))
  if (isApp) return checkApp(await parseApp(input), flags, json, dacc)
  const judge = await createJudge(dacc, flags)
  const progress = new Progress(input.size)
  const output = new Output(() => progress.clear())
  const tally = new Tally()
  let bytes = 0
  try {
    if (json) await output.line('{"measures":[')
    for await (const measure of readMeasures(input)) {
      const judgement = judge.judge(measure)
      const isFirst = tally.measures === 0
      tally.add(judgement)
      if (json) await output.line(`${isFirst ? '' : ','}${JSON.stringify(asJson(judgement))}`)
      else await print(output, input.name, judgement, all)
      bytes += measure.bytes
      progress.update(bytes, counted(tally.measures, 'measure'))
    }
    if (json) await output.line(`],"summary":${JSON.stringify(tally.summary())}}`)
  } catch (error) {
    if (json) await output.line(jsonErrorEnd(error))
    throw error
  } finally {
    await output.flush()
    progress.clear()
  }
  const note = json ? undefined : tally.note()
  if (note !== undefined) process.stdout.write(`${note}\n`)
  if (tally.faulty > 0) {
    throw new NegativeAnswer(`${input.name}: ${tally.faulty} of ${counted(tally.measures, 'measure')} must not be sent`)
  }
}

async function checkApp(file: AppFile, flags: JudgeFlags, json: boolean, dacc: Dacc): Promise<void> {
  if (flags.catalog !== undefined || flags.config !== undefined)
    throw new UsageError(`${file.name}: this is the description of an app; --catalog and --config go with measures`)
  const faults = appFaults(file, dacc)
  const output = new Output()
  const { bold, green } = coloursOf(process.stdout)
  const columns = columnsOf(process.stdout)
  if (json) await output.line(JSON.stringify({ app: file.app.app, faults }))
  for (const { line, column, sentence } of json ? [] : faults) {
    const place = `${file.name}:${line}:${column}:`
    await output.line(wrap(`${place} ${printable(sentence)}`, columns, 4).replace(place, bold(place)))
  }
  if (!json && faults.length === 0) await output.line(green(wrap(`${summary(file.app)}, all good`, columns)))
  await output.flush()
  if (faults.length > 0)
    throw new NegativeAnswer(`${file.name}: ${counted(faults.length, 'fault')}; nothing is computed`)
}

/** How much of what a good description has. */
function summary({ app, sources, indicators }: AppDescription): string {
  const types = sources.flatMap((source) => source.types)
  const fields = sources.flatMap((source) => source.fields ?? [])
  return `${printable(app)}: ${[
    counted(types.length, 'type'),
    counted(fields.length, 'field'),
    counted(indicators.length, 'indicator'),
  ].join(', ')}`
}

async function print(output: Output, name: string, judgement: Judgement, all: boolean): Promise<void> {
  const { bold, green, red, yellow } = coloursOf(process.stdout)
  const columns = columnsOf(process.stdout)
  const { measure, action, faults } = judgement
  const paint = action === 'stores' ? green : action === 'stores-as-is' ? yellow : red
  const formatLine = (line: number, column: number, what: string) => {
    const place = `${name}:${line}:${column}:`
    const text = wrap(`${place} ${printable(what)}; ${SERVER_ACTIONS[action]}`, columns, 4)
    return text.replace(place, bold(place)).replace(/; (the server .*)$/s, (_, does: string) => `; ${paint(does)}`)
  }
  for (const { line, column, sentence } of faults) await output.line(formatLine(line, column, sentence))
  if (all && faults.length === 0) await output.line(formatLine(measure.line, measure.column, 'good'))
}

function asJson({ measure, action, status, faults }: Judgement): object {
  const { line, column, home } = measure
  return { line, column, ...(home !== undefined && { home }), server: { status, does: action }, faults }
}

class Tally {
  measures = 0
  faulty = 0
  #twice = 0
  readonly #actions = new Map<ServerAction, number>()
  readonly #cells = new Set<string>()

  add({ measure, action, faults, cell }: Judgement): void {
    this.measures += 1
    if (faults.length > 0) this.faulty += 1
    this.#actions.set(action, (this.#actions.get(action) ?? 0) + 1)
    if (cell === undefined) return
    const key = `${measure.home ?? ''}\n${cell}`
    if (this.#cells.has(key)) this.#twice += 1
    else if (this.#cells.size < MAX_CELLS) this.#cells.add(key)
  }

  summary(): object {
    return {
      measures: this.measures,
      faulty: this.faulty,
      twice: this.#twice,
      server: Object.fromEntries(this.#actions),
    }
  }

  /** The sentence if there is no fault. */
  note(): string | undefined {
    const { green, yellow } = coloursOf(process.stdout)
    const columns = columnsOf(process.stdout)
    const twice = this.#twice === 1 ? '1 measure is' : `${this.#twice} measures are`
    const notes = [
      ...(this.faulty === 0
        ? [green(wrap(`${counted(this.measures, 'measure')}, ${this.measures === 1 ? '' : 'all '}good`, columns))]
        : []),
      ...(this.#twice > 0
        ? [
            yellow(
              wrap(`${twice} of the same cell as an earlier one: if both are of one home, it counts twice`, columns),
            ),
          ]
        : []),
    ]
    return notes.length === 0 ? undefined : notes.join('\n')
  }
}

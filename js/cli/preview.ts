import type { Command } from 'commander'
import { load } from '../index.node.ts'
import type { Dacc, Measure, Options } from '../index.d.ts'
import { DiagnosticSum } from './diagnostics.ts'
import { day } from './flags.ts'
import { homesOf, isObject, reading, type HomeBytes } from './homes.ts'
import { openInput, type Input } from './input.ts'
import { readOptions, withFlags, type Flags } from './options.ts'
import { Output, columnsOf, errorEnd } from './output.ts'
import { Progress, counted, megabytes } from './progress.ts'
import { MeasureTable } from './table.ts'
import { wrapped } from './text.ts'

/** `dacc preview`: what a run would send, without any network. */
export function preview(dacc: Command): void {
  const command = dacc
    .command('preview')
    .summary('print the measures that a run would send, without sending any')
    .description('Prints, without any network, exactly the measures that a run would send:\n'
      + 'yesterday\'s and those of the months that are due.')
    .argument('<HOME.json>', 'a home file, a file of many homes (one a line), or - for stdin')
    .option('--ndjson', 'one JSON measure a line; {"home":…,"measure":{…}} for many homes')
    .option('--json', 'one JSON document: the measures, and the counts of what was noticed')
    .addHelpText('after', `
Days or months asked for replace those that a run would choose; no months are
computed beside days unless asked for. What was noticed and not stopped for
goes to stderr: a line with its count, its code, and what the code means.

Example:
  dacc preview home.json --from 2024-03-01 --to 2024-03-31 --month 2024-03`)
  withFlags(command)
    .option('--consent-since <day>', 'as if consent had been given on that day', day('--consent-since'))
    .action((file: string, flags: PreviewFlags) => run(file, flags))
}

interface PreviewFlags extends Flags {
  ndjson?: boolean
  json?: boolean
}

/** How measures are printed. */
type Form = 'table' | 'ndjson' | 'json'

async function run(file: string, flags: PreviewFlags): Promise<void> {
  const dacc = await load()
  const options = await readOptions(flags, dacc)
  const input = await openInput(file)
  const progress = new Progress(input.size)
  try {
    await print(dacc, options, input, flags.json ? 'json' : flags.ndjson ? 'ndjson' : 'table', progress)
  } finally {
    progress.clear()
  }
}

async function print(
  dacc: Dacc, options: Options, input: Input, form: Form, progress: Progress,
): Promise<void> {
  const output = new Output(() => progress.clear())
  const diagnostics = new DiagnosticSum()
  const done = { homes: 0, bytes: 0, measures: 0 }
  let table: MeasureTable | undefined
  const add = async (measure: Measure, name: string | number | undefined, isOfMany: boolean) => {
    if (form !== 'table') return output.line(`${form === 'json' && done.measures > 0 ? ',' : ''}${jsonLine(measure, name)}`)
    table ??= new MeasureTable(output, isOfMany)
    return table.add(measure, String(name ?? ''))
  }
  try {
    if (form === 'json') await output.line('{"measures":[')
    for await (const home of homesOf(input, (bytes) => isObject(dacc, bytes))) {
      const outcome = reading(input, home, (bytes) => dacc.aggregateHome(bytes, options))
      diagnostics.add(outcome.diagnostics)
      const name = outcome.measures.length > 0 ? nameOf(dacc, input, home) : undefined
      for (const measure of outcome.measures) {
        await add(measure, name, home.line !== undefined)
        done.measures += 1
      }
      done.homes += 1
      done.bytes += home.bytes.length
      progress.update(done.bytes, `${counted(done.homes, 'home')}, ${megabytes(done.bytes)}`)
    }
    if (form === 'json') await output.line(`],"diagnostics":${JSON.stringify(diagnostics)}}`)
  } catch (error) {
    if (form === 'json') await output.line(errorEnd(error))
    throw error
  } finally {
    // Where a home cannot be read, those before it still stand.
    await table?.flush()
    await output.flush()
  }
  progress.clear()
  if (form === 'json') return
  if (done.measures === 0) {
    const stream = form === 'ndjson' ? process.stderr : process.stdout
    const sentence = whyNothing(done.homes, diagnostics, options)
    stream.write(`${wrapped(sentence, stream.isTTY ? columnsOf(stream) : undefined)}\n`)
  }
  diagnostics.print(dacc.diagnosticCodes())
}

/** The name of a home in a file of many; its line's number if it has none. */
function nameOf(dacc: Dacc, input: Input, home: HomeBytes): string | number | undefined {
  if (home.line === undefined) return undefined
  return reading(input, home, (bytes) => dacc.homeName(bytes)) ?? home.line
}

function jsonLine(measure: Measure, home: string | number | undefined): string {
  return JSON.stringify(home === undefined ? measure : { home, measure })
}

function whyNothing(homes: number, diagnostics: DiagnosticSum, { from, to, months }: Options): string {
  const without = diagnostics.count('consent-missing')
  if (without === homes) {
    const whose = homes === 1 ? 'the home does not consent' : `none of the ${homes} homes consents`
    return `Nothing to send: ${whose} today (--consent-since DAY shows what it would be with consent).`
  }
  const isAsked = from !== undefined || to !== undefined || months !== undefined
  return `Nothing to send: ${[
    isAsked
      ? 'nothing in the days or months asked for gives a measure'
      : 'neither yesterday nor any month that is due gives a measure',
    ...(without > 0 ? [`${without} of ${homes} homes do not consent today`] : []),
    ...(diagnostics.count('period-open') > 0 ? ['some of what was asked for is not over yet'] : []),
    ...(diagnostics.count('event-outside-consent') > 0 ? ['events of days without consent do not count'] : []),
  ].join('; ')}.`
}

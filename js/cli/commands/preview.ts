// `dacc preview`: shows what a run would send.

import type { Command } from 'commander'
import { load } from '../../api/index.node.ts'
import { HttpClient } from '../../hosts/http-client.ts'
import type { Environment } from '../../service/environment.ts'
import type { Dacc, Measure, Options, Outcome } from '../../types/index.d.ts'
import { recognise } from '../input/file-kind.ts'
import { type HomeBytes, isObject, readHomes, withHomeLabel } from '../input/home-reader.ts'
import { type Input, openInput } from '../input/input.ts'
import { concatenate } from '../input/lines.ts'
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
import { DiagnosticCounts } from '../terminal/diagnostic-counts.ts'
import { isRefusal, UsageError } from '../terminal/errors.ts'
import { MeasureTable } from '../terminal/measure-table.ts'
import { columnsOf, jsonErrorEnd, Output } from '../terminal/output.ts'
import { counted, megabytes, Progress } from '../terminal/progress.ts'
import { wrap } from '../terminal/text-layout.ts'
import { simulateRun } from './run.ts'

/** Adds `dacc preview` to the program. */
export function preview(dacc: Command): void {
  const command = dacc
    .command('preview')
    .summary('print the measures that a run would send, without sending any')
    .description(
      "Prints exactly the measures that a run would send: yesterday's and those of the "
        + 'months that are due. Of a file without any network; a Cozy is only read.',
    )
    .argument(
      '<HOME>',
      'a home file, one of many homes (one a line), events alone, or the address of a Cozy; - for stdin',
    )
    .option('--ndjson', 'one JSON measure a line; {"home":…,"measure":{…}} for many homes')
    .option('--json', 'one JSON document: the measures, and the counts of what was noticed')
    .addHelpText(
      'after',
      `
Days or months asked for replace those that a run would choose; no months are
computed beside days unless asked for. What was noticed and not stopped for
goes to stderr: a line with its count, its code, and what the code means.

Example:
  dacc preview home.json --from 2024-03-01 --to 2024-03-31 --month 2024-03
  dacc preview events.ndjson --app app.json`,
    )
  addComputationFlags(addTokenFlags(addAppFlag(command)))
    .option('--consent-since <day>', 'as if consent had been given on that day', day('--consent-since'))
    .action((file: string, flags: PreviewFlags) => run(file, flags))
}

interface PreviewFlags extends ComputationFlags, ConnectionFlags {
  ndjson?: boolean
  json?: boolean
}

/** How measures are printed. */
type Form = 'table' | 'ndjson' | 'json'

async function run(home: string, flags: PreviewFlags): Promise<void> {
  const form = flags.json ? 'json' : flags.ndjson ? 'ndjson' : 'table'
  const dacc = await load()
  if (isAddress(home)) {
    if (flags.consentSince !== undefined)
      throw new UsageError('--consent-since: it does not go with a Cozy, whose own terms are read')
    refuseAppOfCozy(flags)
    const environment = readConnection({ ...flags, cozyUrl: home })
    const options = await readOptions(flags, dacc, environment.fields)
    const progress = new Progress(undefined)
    return printed(dacc, options, form, progress, ofCozy(options, environment))
  }
  const options = await readOptions(flags, dacc)
  const input = await openInput(home)
  return printed(dacc, options, form, new Progress(input.size), ofInput(dacc, options, input))
}

async function printed(
  dacc: Dacc,
  options: Options,
  form: Form,
  progress: Progress,
  previews: AsyncIterable<Preview>,
): Promise<void> {
  try {
    await print(dacc, options, form, progress, previews)
  } finally {
    progress.clear()
  }
}

/** What a run would send of one home. */
interface Preview extends Outcome {
  kind: 'home' | 'events' | 'cozy'
  /** In a file of several homes, the home's name or the number of its line. */
  name: string | number | undefined
  bytes: number
  /** The last day with an event that makes a measure; undefined if it is computed or unknown. */
  lastDay?: string | undefined
}

async function* ofCozy(options: Options, environment: Environment): AsyncGenerator<Preview> {
  const client = new HttpClient()
  try {
    const { measures, report } = await simulateRun({ options, environment, client })
    yield { kind: 'cozy', measures, diagnostics: report.diagnostics, name: undefined, bytes: 0 }
  } finally {
    client.close()
  }
}

async function* ofInput(dacc: Dacc, options: Options, given: Input): AsyncGenerator<Preview> {
  const { kind, input } = await recognise(given, options.app !== undefined)
  if (kind === 'events') return yield await ofEvents(dacc, options, input)
  for await (const home of readHomes(input, (bytes) => isObject(dacc, bytes))) {
    const outcome = withHomeLabel(input, home, (bytes) => dacc.aggregateHome(bytes, options))
    const isMany = home.line !== undefined
    yield {
      ...outcome,
      kind: 'home',
      name: isMany && outcome.measures.length > 0 ? nameOf(dacc, input, home) : undefined,
      bytes: home.bytes.length,
      lastDay: isMany
        ? undefined
        : withHomeLabel(input, home, (bytes) =>
            lastDayOf(dacc, options, outcome, (asked) => dacc.aggregateHome(bytes, asked)),
          ),
    }
  }
}

/** Computes events alone. Without terms, consent is assumed. */
async function ofEvents(dacc: Dacc, options: Options, input: Input): Promise<Preview> {
  const assumed: Options = { ...options, consent: options.consent ?? [{ from: FIRST }] }
  let bytes = 0
  let kept: Uint8Array[] = []
  async function* counting(): AsyncGenerator<Uint8Array> {
    for await (const chunk of input.chunks) {
      bytes += chunk.length
      if (bytes > MAX_KEPT) kept = []
      else kept.push(chunk)
      yield chunk
    }
  }
  try {
    const outcome = await dacc.aggregate(counting(), assumed)
    const lastDay =
      bytes > MAX_KEPT
        ? undefined
        : lastDayOf(dacc, assumed, outcome, (asked) => dacc.aggregate(concatenate(kept), asked))
    return { ...outcome, kind: 'events', name: undefined, bytes, lastDay }
  } catch (error) {
    if (!isRefusal(error)) throw error
    throw new UsageError(`${input.name}: ${error.message.replace(/^the (?:events|_find answer): /, '')}`)
  }
}

/** Larger inputs are computed only once. */
const MAX_KEPT = 64 * 2 ** 20

/** The first possible day. */
const FIRST = '0001-01-01'

/** A day before any recorded event. */
const LONG_AGO = '2000-01-01'

/** The last day with events that make measures, if no computed day has any. */
function lastDayOf(
  dacc: Dacc,
  options: Options,
  { measures }: Outcome,
  compute: (options: Options) => Outcome,
): string | undefined {
  const { from, to, months } = options
  if (from !== undefined || to !== undefined || months !== undefined) return undefined
  const ofEvents = new Set(
    rulesOf(dacc, options)
      .filter(({ period, events }) => period === 'day' && events.length > 0)
      .map(({ measureName }) => measureName),
  )
  const days = (of: readonly Measure[]) =>
    of.filter(({ measureName }) => ofEvents.has(measureName)).map(({ startDate }) => startDate)
  if (days(measures).length > 0) return undefined
  return days(compute({ ...options, from: LONG_AGO }).measures)
    .sort()
    .at(-1)
}

async function print(
  dacc: Dacc,
  options: Options,
  form: Form,
  progress: Progress,
  previews: AsyncIterable<Preview>,
): Promise<void> {
  const output = new Output(() => progress.clear())
  const diagnostics = new DiagnosticCounts()
  const done = { homes: 0, bytes: 0, measures: 0 }
  let last: Preview | undefined
  let table: MeasureTable | undefined
  const add = async (measure: Measure, name: string | number | undefined) => {
    if (form !== 'table')
      return output.line(`${form === 'json' && done.measures > 0 ? ',' : ''}${jsonLine(measure, name)}`)
    table ??= new MeasureTable(output, name !== undefined)
    return table.add(measure, String(name ?? ''))
  }
  try {
    if (form === 'json') await output.line('{"measures":[')
    for await (const preview of previews) {
      last = preview
      diagnostics.add(preview.diagnostics)
      for (const measure of preview.measures) {
        await add(measure, preview.name)
        done.measures += 1
      }
      done.homes += 1
      done.bytes += preview.bytes
      progress.update(done.bytes, `${counted(done.homes, 'home')}, ${megabytes(done.bytes)}`)
    }
    if (form === 'json') await output.line(`],"diagnostics":${JSON.stringify(diagnostics)}}`)
  } catch (error) {
    if (form === 'json') await output.line(jsonErrorEnd(error))
    throw error
  } finally {
    // Homes before an unreadable one are still printed.
    await table?.flush()
    await output.flush()
  }
  progress.clear()
  const say = (stream: NodeJS.WriteStream, sentence: string) =>
    stream.write(`${wrap(sentence, stream.isTTY ? columnsOf(stream) : undefined)}\n`)
  if (form !== 'json') {
    if (done.measures === 0)
      say(form === 'ndjson' ? process.stderr : process.stdout, whyNothing(done.homes, diagnostics, options, last?.kind))
    diagnostics.print(dacc.diagnosticCodes())
  }
  if (last?.kind === 'events') {
    say(
      process.stderr,
      options.consent === undefined
        ? "These are events alone, without terms, profile and loads: only what is made of events is computed, of all of them as one home's, and as if consent stood on every day."
        : "These are events alone, without profile and loads: only what is made of events is computed, of all of them as one home's.",
    )
  }
  if (done.homes === 1 && last?.lastDay !== undefined) {
    const { lastDay } = last
    say(
      process.stderr,
      `The last event that counts is of ${lastDay}, which tonight's run does not look at: --to ${lastDay} shows what that day made, --month ${lastDay.slice(0, 7)} its month.`,
    )
  }
}

/** The name of a home in a file of several, or the number of its line. */
function nameOf(dacc: Dacc, input: Input, home: HomeBytes): string | number | undefined {
  if (home.line === undefined) return undefined
  return withHomeLabel(input, home, (bytes) => dacc.homeName(bytes)) ?? home.line
}

function jsonLine(measure: Measure, home: string | number | undefined): string {
  return JSON.stringify(home === undefined ? measure : { home, measure })
}

function whyNothing(
  homes: number,
  diagnostics: DiagnosticCounts,
  { from, to, months }: Options,
  kind: Preview['kind'] | undefined,
): string {
  const without = diagnostics.count('consent-missing')
  if (kind === 'events' && from === undefined && to === undefined && months === undefined) {
    return 'Nothing to send: no event of yesterday makes a measure.'
  }
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

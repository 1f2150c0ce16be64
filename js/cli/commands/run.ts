// `dacc run`: executes the nightly run once.

import { randomBytes, randomInt } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Command } from 'commander'
import { Run } from '../../../pkg/wasm/dacc_aggregator.js'
import { load } from '../../api/index.node.ts'
import { HttpClient, type HttpResponse, type NoResponse } from '../../hosts/http-client.ts'
import { executeRun, performRequest, type RunHost } from '../../hosts/run.ts'
import type { Environment } from '../../service/environment.ts'
import type { Level, Measure, Options, Report } from '../../types/index.d.ts'
import { DryRunCozy } from '../homes/dry-run-cozy.ts'
import { addClockFlags, type ComputationFlags, readOptions } from '../options/computation-options.ts'
import { addConnectionFlags, type ConnectionFlags, printableAddress, readConnection } from '../options/connection.ts'
import { day } from '../options/flag-values.ts'
import { Interrupted, isRefusal, NegativeAnswer, printable, ServerError, UsageError } from '../terminal/errors.ts'
import { Interruption } from '../terminal/interruption.ts'
import { MeasureTable } from '../terminal/measure-table.ts'
import { coloursOf, columnsOf, continueWithoutReader, Output } from '../terminal/output.ts'
import { counted, Progress } from '../terminal/progress.ts'
import { wrap } from '../terminal/text-layout.ts'

/** Adds `dacc run` to the program. */
export function run(dacc: Command): void {
  const command = dacc
    .command('run')
    .summary('do the nightly run against a Cozy, or show what it would do')
    .description(
      'Does what the nightly service does, against the Cozy given: reads it, computes what '
        + 'is open, keeps the ledger, sends what was never sent.',
    )
    .option('--dry-run', 'read, and show what would be sent; send and write nothing')
  addClockFlags(addConnectionFlags(command))
    .option('--first-day <day>', 'the first day to compute, for a home that never ran', day('--first-day'))
    .option('--remote <doctype>', 'where measures go (default: cc.cozycloud.dacc_v2)')
    .option('--json', 'one JSON document: the report and the log, or what would be sent')
    .addHelpText(
      'after',
      `
Address, token and options are read as the service reads them: COZY_URL,
COZY_CREDENTIALS, COZY_FIELDS, COZY_TIME_LIMIT; flags win over them. Ctrl-C lets
the measure that is under way end, and sends no other.

Example:
  COZY_URL=http://127.0.0.1:7373 COZY_CREDENTIALS=… dacc run --dry-run`,
    )
    .action((flags: RunFlags) => act(flags))
}

interface RunFlags extends ConnectionFlags, ComputationFlags {
  dryRun?: boolean
  firstDay?: string
  remote?: string
  json?: boolean
}

async function act(flags: RunFlags): Promise<void> {
  const environment = readConnection(flags)
  const { firstDay, remote } = flags
  const base = await readOptions(flags, await load(), environment.fields)
  const options = { ...base, ...(firstDay !== undefined && { firstDay }), ...(remote !== undefined && { remote }) }
  const client = new HttpClient()
  try {
    await (flags.dryRun ? showRun : executeNightlyRun)({ options, environment, client, json: flags.json === true })
  } finally {
    client.close()
  }
}

interface Task {
  options: Options
  environment: Environment
  client: HttpClient
  json: boolean
  /** Payloads to send instead of computed ones. */
  given?: string[]
}

/** Simulates a run: returns what it would send, and writes nothing. */
export async function simulateRun({
  options,
  environment,
  client,
  given,
}: Omit<Task, 'json'>): Promise<{ measures: Measure[]; report: Report }> {
  const cozy = new DryRunCozy(client, environment)
  const watch = new Watch((request) => cozy.request(request), environment)
  const report = await executeRun(createRun(options, environment, given), watch)
  watch.end()
  watch.complain(report, 'nothing was sent or written')
  return { measures: cozy.measures, report }
}

async function showRun({ options, environment, client, json }: Task): Promise<void> {
  const { measures, report } = await simulateRun({ options, environment, client })
  const output = new Output()
  if (json) {
    const { end, diagnostics } = report
    await output.line(JSON.stringify({ dryRun: true, measures, end, diagnostics }))
    await output.flush()
    return
  }
  const table = new MeasureTable(output, false)
  for (const measure of measures) await table.add(measure, '')
  await table.flush()
  const what =
    measures.length > 0
      ? `${counted(measures.length, 'measure')} would go to ${placeOf(options.remote ?? 'cc.cozycloud.dacc_v2')}`
      : ENDS[report.end === 'complete' ? 'nothing' : report.end]
  process.stderr.write(`${wrap(printable(`Nothing was sent or written: ${what}.`), columnsOf(process.stderr))}\n`)
}

/** Executes the run. */
export async function executeNightlyRun({ options, environment, client, json, given }: Task): Promise<void> {
  continueWithoutReader()
  const interruption = new Interruption()
  const watch = new Watch(
    (request) => performRequest(client, request, environment),
    environment,
    interruption,
    json ? undefined : printed,
  )
  const report = await executeRun(createRun(options, environment, given), watch)
  watch.end()
  interruption.end()
  if (json) process.stdout.write(`${JSON.stringify({ report, log: watch.lines })}\n`)
  if (interruption.isWished) throw new Interrupted('what was not sent is planned, and the next run sends it')
  watch.complain(
    report,
    report.left > 0
      ? `${counted(report.left, 'measure')} wait for the next run`
      : `${counted(report.sent, 'measure')} sent`,
  )
  const { refused, unknown, held } = report
  if (refused > 0) throw new NegativeAnswer(`the server refused ${counted(refused, 'measure')}; the ledger tells why`)
  if (unknown > 0)
    throw new NegativeAnswer(`what became of ${counted(unknown, 'measure')} is not known; they are not sent again`)
  if (held > 0) {
    throw new NegativeAnswer(
      `${counted(held, 'measure')} wait${held === 1 ? 's' : ''} for a definition that the server does not have; \`dacc definitions\` prints it`,
    )
  }
}

/** A remote doctype, or a server's address without secrets. */
function placeOf(remote: string): string {
  return URL.canParse(remote) ? printableAddress(new URL(remote)) : remote
}

function createRun(options: Options, { job, timeLimit }: Environment, given?: string[]): Run {
  try {
    return new Run(options, { job, timeLimit, seed: randomInt(2 ** 47), home: randomBytes(16).toString('hex') }, given)
  } catch (error) {
    if (!isRefusal(error)) throw error
    throw new UsageError(`--${error.message}`)
  }
}

const ENDS: Readonly<Record<Report['end'] | 'nothing', string>> = {
  complete: 'the run is complete',
  nothing: 'there is nothing to send',
  'no-consent': 'the person does not consent today',
  busy: 'another run is under way',
  'out-of-time': 'the time ended first',
  stopped: 'the run stopped',
}

/** How the log line begins that says why sending stopped. */
const STOPPED = 'sending stopped: '

/** A host that performs a run's effects and watches for Ctrl-C and refused access. */
class Watch implements RunHost {
  readonly lines: { level: Level; message: string }[] = []
  readonly #perform: RunHost['request']
  readonly #cozyUrl: URL
  readonly #interruption: Interruption | undefined
  readonly #print: ((level: Level, message: string) => void) | undefined
  readonly #progress = new Progress(undefined)
  #requests = 0
  #sends = 0
  #isShut = false
  /** The host's own sentence about a failed request. */
  #unusable: string | undefined
  #isCutShort = false

  constructor(
    perform: RunHost['request'],
    { cozyUrl }: Environment,
    interruption?: Interruption,
    print?: (level: Level, message: string) => void,
  ) {
    this.#perform = perform
    this.#cozyUrl = cozyUrl
    this.#interruption = interruption
    this.#print = print
  }

  wait(millis: number): Promise<void> {
    return this.#interruption?.wait(millis) ?? setTimeout(millis)
  }

  async request(request: Parameters<RunHost['request']>[0]): Promise<HttpResponse | NoResponse> {
    this.#progress.update(0, `${counted(this.#requests, 'request')}, ${counted(this.#sends, 'measure')} sent`)
    const leaves = !request.url.startsWith('/data/')
    if (leaves && this.#interruption?.isWished) {
      // Without a connection the run keeps the measure, releases its lease and ends.
      this.#isCutShort = true
      return { written: false }
    }
    const outcome = await this.#perform(request)
    this.#requests += 1
    if ('why' in outcome && outcome.why === 'certificate') this.#unusable = outcome.sentence
    if (!leaves) this.#isShut = isShut(outcome)
    else if ('status' in outcome && outcome.status === 201) this.#sends += 1
    return outcome
  }

  log(level: Level, message: string): void {
    this.#progress.clear()
    // The run sees a lost network; the cause is Ctrl-C.
    const line =
      this.#isCutShort && message.startsWith(STOPPED)
        ? { level: 'warn' as const, message: `${STOPPED}it was interrupted` }
        : { level, message }
    this.lines.push(line)
    this.#print?.(line.level, line.message)
  }

  end(): void {
    this.#progress.clear()
  }

  /** Throws an error if access was refused. */
  complain({ end }: Report, left: string): void {
    if (end === 'complete' || end === 'no-consent') return
    const why = this.lines.filter(({ level }) => level === 'critical' || level === 'error').at(-1)?.message ?? ENDS[end]
    if (this.#unusable !== undefined) throw new ServerError(`${this.#unusable}; ${left}`)
    if (this.#isShut) throw new ServerError(`${printableAddress(this.#cozyUrl)}: ${why}; ${left}`)
    throw new NegativeAnswer(`${why}; ${left}`)
  }
}

/** Whether the Cozy could not be reached or refused access. */
function isShut(outcome: HttpResponse | NoResponse): boolean {
  return (
    !('status' in outcome)
    || [401, 403].includes(outcome.status)
    || (outcome.status === 400 && new TextDecoder().decode(outcome.body).includes('Expired token'))
  )
}

function printed(level: Level, message: string): void {
  const { dim, red, yellow } = coloursOf(process.stdout)
  const paint = { info: dim, warn: yellow, error: red, critical: red }[level]
  process.stdout.write(`${paint(level.padEnd(8))}  ${printable(message)}\n`)
}

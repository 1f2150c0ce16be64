// `dacc send`: sends the measures of a file.

import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { load } from '../../api/index.node.ts'
import { isToken, NOT_A_TOKEN } from '../../base/token.ts'
import { HttpClient } from '../../hosts/http-client.ts'
import type { Catalog } from '../../types/index.d.ts'
import { openInput } from '../input/input.ts'
import { readObject } from '../input/json-object.ts'
import { type MeasureText, readMeasures } from '../input/measure-file.ts'
import { describeDelivery, type SendOutcome } from '../measures/delivery.ts'
import { addJudgeFlags, createJudge, type JudgeFlags, SERVER_ACTIONS } from '../measures/judge.ts'
import { journalPath, type KnownMeasure, SendJournal } from '../measures/send-journal.ts'
import { readOptions } from '../options/computation-options.ts'
import {
  addConnectionFlags,
  type ConnectionFlags,
  printableAddress,
  readConnection,
  requireEncryption,
} from '../options/connection.ts'
import { wholeNumber } from '../options/flag-values.ts'
import { Interrupted, NegativeAnswer, printable, ServerError, UsageError } from '../terminal/errors.ts'
import { Interruption } from '../terminal/interruption.ts'
import { coloursOf, continueWithoutReader, Output } from '../terminal/output.ts'
import { counted, Progress } from '../terminal/progress.ts'
import { executeNightlyRun, simulateRun } from './run.ts'

/** Adds `dacc send` to the program. */
export function send(dacc: Command): void {
  const command = dacc
    .command('send')
    .summary("check measures, then send them to a Cozy's remote doctype or a DACC")
    .description(
      'Sends the measures of a file, one after the other, each once. All are checked first: '
        + 'where one has a fault, none is sent.',
    )
    .argument('<FILE>', 'measures, one a line or in a JSON array, or - for stdin')
    .option('--remote <doctype>', 'through a Cozy: its remote doctype, as cc.cozycloud.dacc.dev_v2')
    .option('--dacc <address>', 'to a DACC itself, as http://127.0.0.1:8081')
    .option('--dacc-token <token>', "the DACC's token (default: DACC_TOKEN)")
  addConnectionFlags(command)
    .option('--dry-run', 'check and show, and send nothing')
    .option('--skip-faulty', 'leave measures with a fault out, and send the others')
    .option('--journal <file>', 'where it is kept what was sent (default: FILE.sent)')
    .option('--skip <count>', 'leave the first so many out, which were sent before', wholeNumber('--skip', [0, 1e9]))
  addJudgeFlags(command)
    .option('--json', 'one JSON document, with what became of each')
    .addHelpText(
      'after',
      `
The server counts what it gets twice as two homes. So what may have been stored
is never sent again: sending stops. What was sent is kept beside the file, as
FILE.sent: a second send sends what is left, and nothing twice. Through a Cozy
they enter its ledger first, as those of a nightly run do.

Example:
  dacc preview home.json --ndjson > measures.ndjson
  dacc send measures.ndjson --dacc http://127.0.0.1:8081 --dry-run`,
    )
    .action((file: string, flags: SendFlags) => run(file, flags))
}

interface SendFlags extends ConnectionFlags, JudgeFlags {
  remote?: string
  dacc?: string
  daccToken?: string
  dryRun?: boolean
  skipFaulty?: boolean
  journal?: string
  skip?: number
  json?: boolean
}

/** A measure without a fault, with its number in the file (from 1) and its cell. */
interface Sendable {
  number: number
  measure: MeasureText
  cell: string
}

/** Where and how to send measures. */
interface Target {
  url: URL
  token: string | undefined
  body: (measure: string) => string
}

async function run(file: string, flags: SendFlags): Promise<void> {
  const target = targetOf(flags)
  const { skip = 0, dryRun = false, skipFaulty = false } = flags
  const judge = await createJudge(await load(), flags)
  const input = await openInput(file)
  const good: Sendable[] = []
  let measures = 0
  let faulty = 0
  for await (const measure of readMeasures(input)) {
    measures += 1
    if (measures <= skip) continue
    const judgement = judge.judge(measure)
    if (judgement.faults.length === 0) {
      good.push({ number: measures, measure, cell: judgement.cell ?? '' })
      continue
    }
    faulty += 1
    for (const { line, column, sentence } of judgement.faults) {
      process.stderr.write(
        `${input.name}:${line}:${column}: ${printable(sentence)}; ${SERVER_ACTIONS[judgement.action]}\n`,
      )
    }
  }
  if (skip > measures)
    throw new UsageError(
      `--skip: ${input.name} has ${counted(measures, 'measure')} only, so ${skip} cannot be left out`,
    )
  if (faulty > 0 && !skipFaulty) {
    throw new NegativeAnswer(
      `${input.name}: ${faulty} of ${counted(measures, 'measure')} must not be sent, so none was; --skip-faulty sends the others`,
    )
  }
  if (flags.remote !== undefined) return throughCozy(good, flags, faulty)
  const name = flags.journal ?? (file === '-' ? undefined : journalPath(file))
  const isKept = name !== undefined && (!dryRun || existsSync(name))
  const journal = isKept ? await SendJournal.open(name, target.url) : undefined
  try {
    const sending = new Sending(target, flags, input.name, journal)
    await (dryRun ? sending.show(good) : sending.all(good))
  } finally {
    await journal?.close()
  }
  if (faulty > 0)
    throw new NegativeAnswer(
      `${input.name}: ${faulty} of ${counted(measures, 'measure')} must not be sent, and were left out`,
    )
}

function targetOf({ remote, dacc, daccToken = process.env['DACC_TOKEN'], ...connection }: SendFlags): Target {
  if ((remote === undefined) === (dacc === undefined)) {
    throw new UsageError('where to is needed: --remote DOCTYPE for a Cozy, or --dacc ADDRESS for a DACC, and not both')
  }
  if (dacc !== undefined) {
    if (!/^https?:\/\//.test(dacc) || !URL.canParse(dacc)) {
      throw new UsageError('--dacc: this is not an address; write one as http://127.0.0.1:8081')
    }
    const token = daccToken || undefined
    if (token !== undefined && !isToken(token)) throw new UsageError(`--dacc-token: ${NOT_A_TOKEN}`)
    if (token !== undefined) requireEncryption('--dacc', new URL(dacc), connection.insecure)
    const base = dacc.replace(/\/(?:measure\/?)?$/, '')
    return { url: new URL(`${base}/measure`), token, body: (measure) => measure }
  }
  if (!/^[A-Za-z0-9._]+$/.test(remote ?? ''))
    throw new UsageError(`--remote: "${remote}" is not a doctype; write one as cc.cozycloud.dacc.dev_v2`)
  // A run will send them; this target is only for messages.
  const { cozyUrl, token } = readConnection(connection)
  return { url: new URL(`/remote/${remote}`, cozyUrl), token, body: (measure) => measure }
}

/**
 * Sends measures through a Cozy with a run that computes nothing. They enter the ledger first, so that neither
 * a second send nor the nightly run sends one again.
 */
async function throughCozy(
  good: readonly Sendable[],
  { remote = '', config, catalog, dryRun = false, json = false, ...flags }: SendFlags,
  faulty: number,
): Promise<void> {
  const homes = new Set(good.map(({ measure }) => measure.home))
  if (homes.size > 1) throw new UsageError('--remote: these measures are of several homes, and a Cozy is one')
  if (flags.journal !== undefined)
    throw new UsageError('--journal: it does not go with --remote, where the ledger of the Cozy is one')
  const dacc = await load()
  const environment = readConnection(flags)
  const base = await readOptions(config === undefined ? {} : { config }, dacc, environment.fields)
  const given = good.map(({ measure }) => JSON.stringify(JSON.parse(measure.text)))
  const own = catalog === undefined ? {} : { catalog: (await readObject(catalog)) as unknown as Catalog }
  const client = new HttpClient()
  try {
    const task = { options: { ...base, ...own, remote }, environment, client, given }
    if (dryRun) {
      const { measures } = await simulateRun(task)
      for (const measure of measures) process.stdout.write(`${JSON.stringify(measure)}\n`)
      process.stderr.write(
        `Nothing was sent or written: ${counted(measures.length, 'measure')} would go to ${remote}.\n`,
      )
    } else await executeNightlyRun({ ...task, json })
  } finally {
    client.close()
  }
  if (faulty > 0)
    throw new NegativeAnswer(
      `${counted(faulty, 'measure')} must not be sent, and ${faulty === 1 ? 'was' : 'were'} left out`,
    )
}

class Sending {
  readonly #target: Target
  readonly #json: boolean
  readonly #output: Output
  readonly #name: string
  readonly #journal: SendJournal | undefined
  readonly #before: Record<KnownMeasure, number> = { sent: 0, refused: 0, unknown: 0 }
  #progress = new Progress(undefined)
  #lines = 0

  constructor(target: Target, { json = false }: SendFlags, name: string, journal: SendJournal | undefined) {
    this.#target = target
    this.#json = json
    this.#name = name
    this.#journal = journal
    this.#output = new Output(() => this.#progress.clear())
  }

  /** Shows what would be sent. */
  async show(all: readonly Sendable[]): Promise<void> {
    const measures = this.#left(all)
    await this.#begin()
    for (const { measure } of measures) {
      if (this.#json)
        await this.#item({ line: measure.line, column: measure.column, measure: JSON.parse(measure.text) as unknown })
      else await this.#output.line(measure.text)
    }
    await this.#end({ measures: measures.length, sent: 0, ...this.#asJson() })
    if (!this.#json)
      process.stderr.write(
        `${this.#summaryOfJournal()}Nothing was sent: ${counted(measures.length, 'measure')} would go to ${printableAddress(this.#target.url)}.\n`,
      )
  }

  /** Sends one measure after the other until one stops it. */
  async all(all: readonly Sendable[]): Promise<void> {
    const measures = this.#left(all)
    continueWithoutReader()
    const client = new HttpClient()
    const interruption = new Interruption()
    const progress = new Progress(measures.length)
    this.#progress = progress
    const counts: Record<SendOutcome, number> = { sent: 0, refused: 0, held: 0, 'not-sent': 0, unknown: 0 }
    let end: Error | undefined
    await this.#begin()
    try {
      for (const [at, { number, measure, key }] of measures.entries()) {
        if (interruption.isWished) {
          end = new Interrupted(this.#goOn(at, number - 1))
          break
        }
        if (key !== undefined) await this.#journal?.sending(key)
        const { status, outcome, reason } = await this.#one(client, measure.text)
        if (key !== undefined) await this.#journal?.ended(key, outcome, measure.line, status)
        counts[outcome] += 1
        await this.#tell(measure, outcome, reason, status)
        progress.update(at + 1, `${counted(at + 1, 'measure')} of ${measures.length}`)
        if (outcome === 'not-sent')
          end = new ServerError(`${printableAddress(this.#target.url)}: ${reason}; ${this.#goOn(at, number - 1)}`)
        if (outcome === 'unknown') {
          end = new ServerError(
            `${printableAddress(this.#target.url)}: ${reason}, and line ${measure.line} may have been stored; ${this.#goOn(at + 1, number)}`,
          )
        }
        if (end !== undefined) break
      }
    } finally {
      interruption.end()
      progress.clear()
      client.close()
      await this.#end({ measures: measures.length, ...counts, ...this.#asJson() })
    }
    if (end !== undefined) throw end
    if (!this.#json)
      process.stdout.write(
        `${counted(counts.sent, 'measure')} sent${counts.refused > 0 ? `, ${counts.refused} refused` : ''}${counts.held > 0 ? `, ${counts.held} held` : ''}.\n`,
      )
    process.stderr.write(this.#summaryOfJournal())
    if (counts.refused > 0)
      throw new NegativeAnswer(`the server refused ${counts.refused} of ${counted(measures.length, 'measure')}`)
    if (counts.held > 0) {
      throw new NegativeAnswer(
        `the server has no such definition of ${counts.held} of ${counted(measures.length, 'measure')} yet; send ${counts.held === 1 ? 'it' : 'them'} again when it has`,
      )
    }
    const { refused, unknown } = this.#before
    if (refused + unknown > 0)
      throw new NegativeAnswer(
        `${counted(refused + unknown, 'measure')} of ${this.#name} ${refused + unknown === 1 ? 'was' : 'were'} not sent again`,
      )
  }

  /** The measures that the journal does not have, or that did not arrive. */
  #left(measures: readonly Sendable[]): (Sendable & { key: string | undefined })[] {
    return measures.flatMap((sendable) => {
      const key = this.#journal?.keyOf(sendable.cell, sendable.measure.home)
      const known = key === undefined ? undefined : this.#journal?.before(key)
      if (known === undefined) return [{ ...sendable, key }]
      this.#before[known] += 1
      return []
    })
  }

  #asJson(): object {
    return this.#journal === undefined ? {} : { before: this.#before }
  }

  /** Lines about measures that were sent or refused before. */
  #summaryOfJournal(): string {
    const { sent, refused, unknown } = this.#before
    const were = (count: number) => `${counted(count, 'measure')} ${count === 1 ? 'was' : 'were'}`
    const name = this.#journal?.name ?? ''
    return [
      ...(sent > 0 ? [`${were(sent)} sent before, as ${name} says.\n`] : []),
      ...(refused > 0 ? [`${were(refused)} refused before.\n`] : []),
      ...(unknown > 0
        ? [
            `${counted(unknown, 'measure')} may have been stored before, and ${unknown === 1 ? 'is' : 'are'} never sent again.\n`,
          ]
        : []),
    ].join('')
  }

  /** The sentence about how to continue. */
  #goOn(done: number, skipped: number): string {
    if (done === 0) return 'nothing was sent'
    return this.#journal === undefined ? `go on with --skip ${skipped}` : `send ${this.#name} again to go on`
  }

  async #one(
    client: HttpClient,
    measure: string,
  ): Promise<{ status: number | undefined; outcome: SendOutcome; reason: string }> {
    const { url, token, body: bodyOf } = this.#target
    const body = bodyOf(measure)
    const outcome = await client.request(
      'POST',
      url,
      {
        accept: 'application/json',
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body,
    )
    return { status: 'status' in outcome ? outcome.status : undefined, ...describeDelivery(outcome) }
  }

  async #tell(
    { line, column, text }: MeasureText,
    outcome: SendOutcome,
    reason: string,
    status: number | undefined,
  ): Promise<void> {
    if (this.#json) return this.#item({ line, column, outcome, reason, ...(status !== undefined && { status }) })
    const { dim, green, red, yellow } = coloursOf(process.stdout)
    const paint = { sent: green, refused: red, held: yellow, 'not-sent': yellow, unknown: red }[outcome]
    const { measureName, startDate } = JSON.parse(text) as { measureName: string; startDate: string }
    await this.#output.line(
      `${dim(`line ${line}`)}  ${measureName} ${startDate}  ${paint(outcome.replace('-', ' '))}${outcome === 'sent' ? '' : `: ${printable(reason)}`}`,
    )
    // On a terminal each line appears at once.
    if (process.stdout.isTTY) await this.#output.flush()
  }

  async #begin(): Promise<void> {
    if (this.#json) await this.#output.line('{"measures":[')
  }

  async #item(item: object): Promise<void> {
    await this.#output.line(`${this.#lines === 0 ? '' : ','}${JSON.stringify(item)}`)
    this.#lines += 1
  }

  async #end(summary: object): Promise<void> {
    if (this.#json) await this.#output.line(`],"summary":${JSON.stringify(summary)}}`)
    await this.#output.flush()
  }
}

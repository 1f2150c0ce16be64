import type { Command } from 'commander'
import { processingRecord } from '../../../pkg/wasm/dacc_aggregator.js'
import { load } from '../../api/index.node.ts'
import { withEventsAsHome } from '../homes/events-as-home.ts'
import { addHomeFlags, executeRightsCommand, HOME_ARGUMENT, type HomeFlags } from '../homes/rights-command.ts'
import { kindOfFile } from '../input/file-kind.ts'
import {
  addClockFlags,
  addComputationFlags,
  type ComputationFlags,
  readOptions,
} from '../options/computation-options.ts'
import { addTokenFlags, isAddress } from '../options/connection.ts'
import { UsageError } from '../terminal/errors.ts'
import { columnsOf } from '../terminal/output.ts'
import { counted } from '../terminal/progress.ts'
import { csvField, printTable } from '../terminal/tables.ts'
import { wrap } from '../terminal/text-layout.ts'

interface JsonFlags extends HomeFlags {
  json?: boolean
}

interface Receipts {
  receipts: {
    state: string
    left: 'yes' | 'no' | 'maybe'
    period: string
    changedAt: string
    consent: { id: string; version: string | null; date: string | null; history?: string } | null
    status: number | null
    reason: string | null
    payload: string | null
  }[]
  states: Record<string, number>
  malformed: number
  settledUntil?: string
}

/** `dacc receipts`: what left, and what never did. */
export function receipts(dacc: Command): void {
  const command = dacc
    .command('receipts')
    .summary('show what was sent, when and on which consent, and what never was')
    .description(
      'Shows from the ledger what left, when, on which consent and with which answer, to the '
        + 'letter; and what never left, and why.',
    )
    .argument('<HOME>', HOME_ARGUMENT)
    .option('--json', 'one JSON document')
    .addHelpText(
      'after',
      `
Example:
  dacc receipts home.json`,
    )
  addHomeFlags(command).action(async (home: string, flags: JsonFlags) => {
    const told = await executeRightsCommand<Receipts>({ command: { receipts: {} }, home }, flags)
    if (flags.json) return void process.stdout.write(`${JSON.stringify(told)}\n`)
    if (told.receipts.length === 0) {
      return void process.stdout.write(
        told.settledUntil === undefined
          ? 'Nothing was ever planned or sent.\n'
          : `${fitted(forgotten(told.settledUntil))}\n`,
      )
    }
    printTable(
      ['left', 'when', 'consent', 'answer', 'payload, and why'],
      told.receipts.map((receipt) => [
        receipt.left,
        receipt.changedAt.slice(0, 16).replace('T', ' '),
        consentOf(receipt.consent),
        receipt.status === null ? '–' : String(receipt.status),
        `${receipt.payload ?? 'a payload that cannot be sent'} ${receipt.left === 'yes' && receipt.state === 'sent' ? '' : `(${receipt.state}: ${receipt.reason ?? ''})`}`.trim(),
      ]),
    )
    process.stdout.write(
      `\n${Object.entries(told.states)
        .map(([state, count]) => `${count} ${state}`)
        .join(', ')}\n`,
    )
    if (told.settledUntil !== undefined) process.stdout.write(`\n${fitted(forgotten(told.settledUntil))}\n`)
    if (told.malformed > 0) process.stderr.write(`${told.malformed} documents of the ledger are no contributions\n`)
  })
}

/** What retention has deleted is not told any more. */
function forgotten(settledUntil: string): string {
  return `What was sent of days and months up to ${settledUntil} was kept long enough and deleted; nothing of them is planned any more.`
}

/** The version agreed to; of a former home's the history keeps the proof. */
function consentOf(consent: Receipts['receipts'][number]['consent']): string {
  if (consent === null) return '–'
  return `${consent.version ?? consent.id}${consent.history === undefined ? '' : ' (in the history)'}`
}

interface FieldQuality {
  present: number
  missing: number
  missingPercent: number
  unknown: number
  outOfRange: number
}

interface Quality {
  events: number
  duplicates: number
  notTheApps: number
  unknownTypes: number
  undated: number
  ageless: number
  types: Record<string, { count: number; fields: Record<string, FieldQuality> }>
  periods: Record<(typeof PERIOD)[number], string | number>[]
}

const FIELD = ['type', 'count', 'field', 'present', 'missing', 'missingPercent', 'unknown', 'outOfRange'] as const
const PERIOD = [
  'period',
  'expected',
  'computed',
  'sent',
  'refused',
  'unknown',
  'cancelled',
  'waiting',
  'missing',
  'settled',
  'surplus',
] as const

/** `dacc report`: the quality of a home's data. */
export function report(dacc: Command): void {
  const command = dacc
    .command('report')
    .summary("show the quality of a home's data")
    .description(
      'Shows for each type of event and field what is there, missing, unknown and out of '
        + 'range; and for each day and month what is expected, was computed, and became of it.',
    )
    .argument('<HOME>', HOME_ARGUMENT)
    .option('--json', 'one JSON document')
    .option('--csv', 'two CSV tables, a blank line between them')
    .addHelpText(
      'after',
      `
Without days or months these are those that a run could still look at.

Example:
  dacc report home.json --from 2024-03-01 --to 2024-03-31`,
    )
  addComputationFlags(addTokenFlags(command)).action(async (home: string, flags: JsonFlags & { csv?: boolean }) => {
    if (flags.json && flags.csv) throw new UsageError('--csv: it does not go with --json')
    const told =
      isAddress(home) || (await kindOfFile(home)) !== 'events'
        ? await executeRightsCommand<Quality>({ command: { report: {} }, home }, flags)
        : await withEventsAsHome(home, flags, (made) =>
            executeRightsCommand<Quality>({ command: { report: {} }, home: made }, flags),
          )
    if (flags.json) return void process.stdout.write(`${JSON.stringify(told)}\n`)
    const fields = Object.entries(told.types).flatMap(([type, { count, fields }]) =>
      Object.entries(fields).map(([field, quality]) => ({ type, count, field, ...quality })),
    )
    const rows = (heads: readonly string[], of: readonly Record<string, unknown>[]) =>
      of.map((row) => heads.map((head) => String(row[head])))
    if (flags.csv) {
      const table = (heads: readonly string[], of: readonly Record<string, unknown>[]) =>
        [heads, ...rows(heads, of)].map((row) => `${row.map(csvField).join(',')}\r\n`).join('')
      return void process.stdout.write(`${table(FIELD, fields)}\r\n${table(PERIOD, told.periods)}`)
    }
    process.stdout.write(
      `${told.events} events, ${told.duplicates} of them twice, ${told.unknownTypes} of an unknown type\n\n`,
    )
    if (told.notTheApps > 0)
      process.stdout.write(`${told.notTheApps} documents are CouchDB's own or deleted, and left out\n\n`)
    if (told.undated > 0) process.stdout.write(`${fitted(undatedLine(told))}\n\n`)
    if (fields.length > 0)
      printTable(
        ['type', 'events', 'what is not as it should be'],
        Object.entries(told.types).map(([type, { count, fields }]) => [
          type,
          String(count),
          faultsOf(fields).join('; ') || '–',
        ]),
      )
    const [telling, silent] = [
      told.periods.filter(hasSomething),
      told.periods.filter((period) => !hasSomething(period)),
    ]
    process.stdout.write('\n')
    if (telling.length > 0) {
      const counts = PERIOD.slice(1)
      printTable(
        ['period', 'measures'],
        telling.map((period) => [
          String(period.period),
          counts
            .filter((count) => period[count] !== 0)
            .map((count) => `${period[count]} ${count}`)
            .join(', '),
        ]),
      )
    }
    if (silent.length > 0) {
      const first = String(silent[0]?.period)
      const which =
        silent.length === 1
          ? first
          : `${silent.length} days and months between ${first} and ${silent
              .map(({ period }) => String(period))
              .sort()
              .at(-1)}`
      process.stdout.write(
        `${telling.length > 0 ? '\n' : ''}${fitted(`${which}: nothing expected, computed or sent`)}\n`,
      )
    }
  })
}

/** A sentence that ends before the edge of a terminal. */
function fitted(sentence: string): string {
  return wrap(sentence, columnsOf(process.stdout))
}

/** What is told of events that lie on no day. */
function undatedLine({ undated, ageless }: { undated: number; ageless: number }): string {
  const many = `${counted(undated, 'event')} without a readable date, or dated more than a year ahead`
  return ageless === 0 ? many : `${many}; retention never deletes ${ageless} of them, dacc purge --undated does`
}

/** Of each field what is missing, unknown or out of range; nothing where all is there. */
function faultsOf(fields: Record<string, FieldQuality>): string[] {
  return Object.entries(fields).flatMap(([field, { missing, missingPercent, unknown, outOfRange }]) => {
    const faults = [
      ...(missing > 0 ? [`${missing} missing (${missingPercent} %)`] : []),
      ...(unknown > 0 ? [`${unknown} unknown`] : []),
      ...(outOfRange > 0 ? [`${outOfRange} out of range`] : []),
    ]
    return faults.length === 0 ? [] : [`${field}: ${faults.join(', ')}`]
  })
}

function hasSomething(period: Quality['periods'][number]): boolean {
  return PERIOD.slice(1).some((count) => period[count] !== 0)
}

interface Status {
  stages: { stage: string; state: string; why: string }[]
  currentRun: object | null
  lastRun: { at?: string; end?: string } | null
  lastProcessedDay: string | null
  openDays: string[]
  dueMonths: string[]
  closedUntil: string | null
  settledUntil: string | null
  undated: number
  ageless: number
}

/** `dacc status`: how the run stands. */
export function status(dacc: Command): void {
  const command = dacc
    .command('status')
    .summary('show how the nightly run stands, stage by stage')
    .description(
      'Shows whether a run is under way, how the last one ended, which days are open, and what waits and why.',
    )
    .argument('<HOME>', HOME_ARGUMENT)
    .option('--json', 'one JSON document')
    .addHelpText(
      'after',
      `
Example:
  dacc status home.json`,
    )
  addHomeFlags(command).action(async (home: string, flags: JsonFlags) => {
    const told = await executeRightsCommand<Status>({ command: { status: {} }, home }, flags)
    if (flags.json) return void process.stdout.write(`${JSON.stringify(told)}\n`)
    printTable(
      ['stage', 'state', 'why'],
      told.stages.map(({ stage, state, why }) => [stage, state, why]),
    )
    const { lastRun, openDays, dueMonths } = told
    process.stdout.write('\n')
    printTable(
      ['what', 'is'],
      [
        ['last run', lastRun === null ? 'none' : `${lastRun.end ?? 'ended'}, ${lastRun.at ?? 'at an unknown time'}`],
        ['last processed day', told.lastProcessedDay ?? 'none'],
        [
          'open days',
          openDays.length > 2
            ? `${openDays[0]} … ${openDays.at(-1)} (${openDays.length})`
            : openDays.join(', ') || 'none',
        ],
        ['due months', dueMonths.join(', ') || 'none'],
        ...(told.closedUntil === null ? [] : [['closed until', told.closedUntil]]),
        ...(told.settledUntil === null ? [] : [['ledger deleted until', told.settledUntil]]),
        ...(told.undated === 0 ? [] : [['events without a day', undatedLine(told)]]),
      ],
    )
  })
}

/** `dacc record`: the record of processing activities. */
export function record(dacc: Command): void {
  const command = dacc
    .command('record')
    .summary('print the record of processing activities (GDPR, article 30)')
    .description('Prints the record of processing activities, made of the catalog and of the registry of what is kept.')
    .option('--json', 'one JSON document')
    .addHelpText(
      'after',
      `
Example:
  dacc record > record.md`,
    )
  addClockFlags(command).action(async (flags: ComputationFlags & { json?: boolean }) => {
    const told = processingRecord(await readOptions(flags, await load()))
    if (flags.json) return void process.stdout.write(`${JSON.stringify(told)}\n`)
    const line = (...parts: string[]) => process.stdout.write(`${parts.join('')}\n`)
    line('# Record of processing activities\n')
    line('- Whose data: ', told.dataSubjects)
    line('- Where: ', told.whereProcessed)
    line('- Legal basis: ', told.legalBasis)
    line('- Recipient: ', told.recipient)
    line('- Transfers: ', told.transfers)
    line('\n## What is kept, what for, how long\n')
    for (const { name, doctype, purpose, kept, commands } of told.collections) {
      line(`- **${name}**${doctype === null ? '' : ` (\`${doctype}\`)`}: ${purpose}. Kept: ${kept}.`)
      for (const [command, does] of commands) line(`  - ${command}: ${does}`)
    }
    line('\n## What is computed, and what for\n')
    for (const { name, period, purpose, groups } of told.indicators) {
      line(`- **${name}**, by ${period}${groups.length > 0 ? `, by ${groups.join(', ')}` : ''}: ${purpose}`)
    }
    line('\n## Security\n')
    for (const each of told.security) line('- ', each)
  })
}

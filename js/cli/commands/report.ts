// `dacc report`: the quality of a home's data.

import type { Command } from 'commander'
import { withEventsAsHome } from '../homes/events-as-home.ts'
import { kindOfFile } from '../input/file-kind.ts'
import { addComputationFlags } from '../options/computation-options.ts'
import { addTokenFlags, isAddress } from '../options/connection.ts'
import { executeRightsCommand, HOME_ARGUMENT } from '../rights/command.ts'
import { fitted, type JsonFlags, undatedLine } from '../rights/sentences.ts'
import { UsageError } from '../terminal/errors.ts'
import { csvField, printTable } from '../terminal/tables.ts'

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

/** Adds `dacc report` to the program. */
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
    const result =
      isAddress(home) || (await kindOfFile(home)) !== 'events'
        ? await executeRightsCommand<Quality>({ command: { report: {} }, home }, flags)
        : await withEventsAsHome(home, flags, (made) =>
            executeRightsCommand<Quality>({ command: { report: {} }, home: made }, flags),
          )
    if (flags.json) return void process.stdout.write(`${JSON.stringify(result)}\n`)
    const fields = Object.entries(result.types).flatMap(([type, { count, fields }]) =>
      Object.entries(fields).map(([field, quality]) => ({ type, count, field, ...quality })),
    )
    const rows = (heads: readonly string[], of: readonly Record<string, unknown>[]) =>
      of.map((row) => heads.map((head) => String(row[head])))
    if (flags.csv) {
      const table = (heads: readonly string[], of: readonly Record<string, unknown>[]) =>
        [heads, ...rows(heads, of)].map((row) => `${row.map(csvField).join(',')}\r\n`).join('')
      return void process.stdout.write(`${table(FIELD, fields)}\r\n${table(PERIOD, result.periods)}`)
    }
    process.stdout.write(
      `${result.events} events, ${result.duplicates} of them twice, ${result.unknownTypes} of an unknown type\n\n`,
    )
    if (result.notTheApps > 0)
      process.stdout.write(`${result.notTheApps} documents are CouchDB's own or deleted, and left out\n\n`)
    if (result.undated > 0) process.stdout.write(`${fitted(undatedLine(result))}\n\n`)
    if (fields.length > 0)
      printTable(
        ['type', 'events', 'what is not as it should be'],
        Object.entries(result.types).map(([type, { count, fields }]) => [
          type,
          String(count),
          faultsOf(fields).join('; ') || '–',
        ]),
      )
    const [telling, silent] = [
      result.periods.filter(hasSomething),
      result.periods.filter((period) => !hasSomething(period)),
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

/** What is missing, unknown or out of range in each field. */
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

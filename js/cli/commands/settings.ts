// `dacc settings`: shows and changes the settings of a home.

import type { Command } from 'commander'
import { oneOf } from '../options/flag-values.ts'
import { addHomeFlags, executeRightsCommand, HOME_ARGUMENT, type HomeFlags } from '../rights/command.ts'
import { printTable } from '../terminal/tables.ts'

interface Outcome {
  settings: null | {
    clock: string
    zone: string
    createdBy: string
    monthlyStartDate: string
    measures: string
    consent: { version: string }[]
  }
  changed: string[]
  closedUntil: string | null
}

interface SettingsFlags extends Omit<HomeFlags, 'clock' | 'zone'> {
  toClock?: 'wall' | 'instant'
  toZone?: string
  createdBy?: string
  monthlyStartDate?: 'month' | 'run-date'
  json?: boolean
}

/** Adds `dacc settings` to the program. */
export function settings(dacc: Command): void {
  const command = dacc
    .command('settings')
    .summary('show what a home lives under, or change it')
    .description(
      'Shows the clock, the zone, the name and the dates that a home lives under from its first '
        + 'run on. Where one is changed, everything up to the latest event and the last of the ledger, and '
        + 'a day more, becomes history: no day is measured under both.',
    )
    .argument('<HOME>', HOME_ARGUMENT)
    .option(
      '--to-clock <clock>',
      'how date-times are read from now on: wall or instant',
      oneOf('--to-clock', ['wall', 'instant']),
    )
    .option('--to-zone <zone>', "the users' zone from now on, as Europe/Paris")
    .option('--created-by <name>', 'createdBy of every measure from now on')
    .option(
      '--monthly-start-date <which>',
      'the date of monthly measures from now on: month or run-date',
      oneOf('--monthly-start-date', ['month', 'run-date']),
    )
    .option('--json', 'one JSON document')
    .addHelpText(
      'after',
      `
Example:
  dacc settings home.json --to-zone Indian/Reunion`,
    )
  addHomeFlags(command).action(async (home: string, flags: SettingsFlags & HomeFlags) => {
    const { toClock, toZone, createdBy, monthlyStartDate } = flags
    const wanted = {
      ...(toClock !== undefined && { clock: toClock }),
      ...(toZone !== undefined && { zone: toZone }),
      ...(createdBy !== undefined && { createdBy }),
      ...(monthlyStartDate !== undefined && { monthlyStartDate }),
    }
    const result = await executeRightsCommand<Outcome>(
      { command: { settings: wanted }, home, rewrites: Object.keys(wanted).length > 0 },
      flags,
    )
    if (flags.json) return void process.stdout.write(`${JSON.stringify(result)}\n`)
    if (result.settings === null)
      return void process.stdout.write('The home has none yet: its first run gives it those that are configured.\n')
    const { consent, ...rest } = result.settings
    printTable(
      ['setting', 'is'],
      [...Object.entries(rest), ['consent from version', consent.at(-1)?.version ?? 'none']],
    )
    if (result.changed.length > 0)
      process.stdout.write(
        `\nChanged: ${result.changed.join(', ')}. Up to ${result.closedUntil ?? 'no day'} everything is history now.\n`,
      )
  })
}

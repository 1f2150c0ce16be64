// `dacc status`: the state of the nightly run.

import type { Command } from 'commander'
import { addHomeFlags, executeRightsCommand, HOME_ARGUMENT } from '../rights/command.ts'
import { type JsonFlags, undatedLine } from '../rights/sentences.ts'
import { printTable } from '../terminal/tables.ts'

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

/** Adds `dacc status` to the program. */
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
    const result = await executeRightsCommand<Status>({ command: { status: {} }, home }, flags)
    if (flags.json) return void process.stdout.write(`${JSON.stringify(result)}\n`)
    printTable(
      ['stage', 'state', 'why'],
      result.stages.map(({ stage, state, why }) => [stage, state, why]),
    )
    const { lastRun, openDays, dueMonths } = result
    process.stdout.write('\n')
    printTable(
      ['what', 'is'],
      [
        ['last run', lastRun === null ? 'none' : `${lastRun.end ?? 'ended'}, ${lastRun.at ?? 'at an unknown time'}`],
        ['last processed day', result.lastProcessedDay ?? 'none'],
        [
          'open days',
          openDays.length > 2
            ? `${openDays[0]} … ${openDays.at(-1)} (${openDays.length})`
            : openDays.join(', ') || 'none',
        ],
        ['due months', dueMonths.join(', ') || 'none'],
        ...(result.closedUntil === null ? [] : [['closed until', result.closedUntil]]),
        ...(result.settledUntil === null ? [] : [['ledger deleted until', result.settledUntil]]),
        ...(result.undated === 0 ? [] : [['events without a day', undatedLine(result)]]),
      ],
    )
  })
}

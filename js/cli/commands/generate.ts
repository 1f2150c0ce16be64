// `dacc generate`: generates homes.

import type { Command } from 'commander'
import { addDays, FIRST_DAY, LAST_DAY } from '../../generate/calendar.ts'
import { generateHome } from '../../generate/home.ts'
import { day, wholeNumber } from '../options/flag-values.ts'
import { UsageError } from '../terminal/errors.ts'
import { Output } from '../terminal/output.ts'
import { counted, Progress } from '../terminal/progress.ts'

/** Enough days for two complete months. */
const DEFAULT_DAYS = 92

const MAX_HOMES = 1_000_000
const MAX_DAYS = 3_660

/** Adds `dacc generate` to the program. */
export function generate(dacc: Command): void {
  dacc
    .command('generate')
    .summary('make up realistic homes, one a line')
    .description(
      'Makes up homes as people live in them: habits, weekdays, holidays, challenges,\n'
        + 'consents. One seed gives the same homes on every machine.',
    )
    .option('--homes <count>', 'how many (default: 1)', wholeNumber('--homes', [1, MAX_HOMES]))
    .option(
      '--days <count>',
      `how many days with events (default: ${DEFAULT_DAYS})`,
      wholeNumber('--days', [1, MAX_DAYS]),
    )
    .option('--from <day>', 'the first day (default: so that the last is yesterday)', day('--from'))
    .option('--seed <text>', 'what chance comes from (default: dacc)')
    .option('--events-only', 'one event a line, without the homes around them')
    .addHelpText(
      'after',
      `
One home is a home file by itself; of several, each line is one.

Example:
  dacc generate --homes 300 --seed 7 --from 2024-01-01 --days 60 > homes.ndjson`,
    )
    .action((flags: GenerateFlags) => run(flags))
}

interface GenerateFlags {
  homes?: number
  days?: number
  from?: string
  seed?: string
  eventsOnly?: boolean
}

async function run({
  homes = 1,
  days = DEFAULT_DAYS,
  from: first,
  seed = 'dacc',
  eventsOnly = false,
}: GenerateFlags): Promise<void> {
  const from = first ?? addDays(new Date().toISOString().slice(0, 10), -days)
  const to = addDays(from, days - 1)
  if (from < FIRST_DAY || from > LAST_DAY || to > LAST_DAY) {
    throw new UsageError(
      `--from: homes are made up of days from ${FIRST_DAY} to ${LAST_DAY}; ${counted(days, 'day')} from ${from} on lie beyond`,
    )
  }
  const progress = new Progress(homes)
  const output = new Output(() => progress.clear())
  const digits = String(homes).length
  try {
    for (let number = 1; number <= homes; number += 1) {
      const home = generateHome({ seed, from, to, name: `home-${String(number).padStart(digits, '0')}` })
      if (eventsOnly) {
        for (const event of home['com.grandlyon.ecolyo.usageevents']) await output.line(JSON.stringify(event))
      } else {
        await output.line(JSON.stringify(home))
      }
      progress.update(number, counted(number, 'home'))
    }
    await output.flush()
  } finally {
    progress.clear()
  }
}

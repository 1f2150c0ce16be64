// Prints a line for each home when its run is over.

import { isConsenting } from './checks.ts'
import type { HomeRun } from './home-run.ts'
import { MONTH, RUN_DATE } from './homes.ts'
import { type Column, formatNumber, type TerminalPage } from './terminal-page.ts'

const BEFORE_LOG: readonly Column[] = [
  { head: 'home', width: 13 },
  { head: 'habit', width: 8 },
  { head: 'events', width: 6, align: 'right' },
  { head: 'sent', width: 5, align: 'right' },
  { head: 'exit', width: 4, align: 'right' },
  { head: 'time', width: 6, align: 'right' },
]

/** Prints the head of the section; the function that it returns prints a line. */
export function printHomes(page: TerminalPage): (run: HomeRun) => void {
  page.section(
    '1  Twelve homes, twelve Cozys',
    `In the night of ${RUN_DATE} the service runs in each home's Cozy: it reads two months of events there and sends nothing but measures, of ${MONTH.name} and the days since.`,
  )
  const columns = [...BEFORE_LOG, { head: 'the service’s last words', width: page.rest(BEFORE_LOG) }]
  page.heads(columns)
  const { green, red, yellow, dim } = page.colors
  return (run) => {
    const { name, options, events, stored, ended } = run
    page.row(columns, [
      name,
      options.habit ?? '',
      formatNumber(events),
      isConsenting(run) ? formatNumber(stored.length) : yellow('0'),
      ended.exit === 0 ? green('0') : red(String(ended.exit)),
      dim(`${(ended.millis / 1_000).toFixed(2)} s`),
      shortened(ended.log.at(-1)?.message ?? '', page.rest(BEFORE_LOG)),
    ])
  }
}

/** As many parts of the sentence as fit. */
function shortened(message: string, width: number): string {
  const parts = message.split(/(?=[,:;])/)
  while (parts.length > 1 && parts.join('').length > width) parts.pop()
  return parts.join('')
}

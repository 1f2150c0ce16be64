// A line per home, as its night is over.

import { isConsenting } from './checks.ts'
import { MONTH, NIGHT } from './homes.ts'
import type { Night } from './night.ts'
import { type Column, grouped, type Page } from './page.ts'

const BEFORE_LOG: readonly Column[] = [
  { head: 'home', width: 13 },
  { head: 'habit', width: 8 },
  { head: 'events', width: 6, align: 'right' },
  { head: 'sent', width: 5, align: 'right' },
  { head: 'exit', width: 4, align: 'right' },
  { head: 'time', width: 6, align: 'right' },
]

/** Begins the section; gives what prints a line of it. */
export function beginHomes(page: Page): (night: Night) => void {
  page.section(
    '1  Twelve homes, twelve Cozys',
    `In the night of ${NIGHT} the service runs in each home's Cozy: it reads two months of events there and sends nothing but measures, of ${MONTH.name} and the days since.`,
  )
  const columns = [...BEFORE_LOG, { head: 'the service’s last words', width: page.rest(BEFORE_LOG) }]
  page.heads(columns)
  const { green, red, yellow, dim } = page.colors
  return (night) => {
    const { name, options, events, stored, ended } = night
    page.row(columns, [
      name,
      options.habit ?? '',
      grouped(events),
      isConsenting(night) ? grouped(stored.length) : yellow('0'),
      ended.exit === 0 ? green('0') : red(String(ended.exit)),
      dim(`${(ended.millis / 1_000).toFixed(2)} s`),
      shortened(ended.log.at(-1)?.message ?? '', page.rest(BEFORE_LOG)),
    ])
  }
}

/** As many of the sentence's parts as there is room for. */
function shortened(message: string, width: number): string {
  const parts = message.split(/(?=[,:;])/)
  while (parts.length > 1 && parts.join('').length > width) parts.pop()
  return parts.join('')
}

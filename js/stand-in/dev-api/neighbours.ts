// Generates what other homes would send, so that aggregates reach their threshold.

import { addDays, addMonths, lastDayOf, monthOf, monthsThrough } from '../../generate/calendar.ts'
import { generateHome } from '../../generate/home.ts'
import type { Dacc as Aggregator, Day, Measure, Month } from '../../types/index.d.ts'

/** The days and months of measures. */
export interface Period {
  readonly from: Day
  /** Included. */
  readonly to: Day
  readonly months: readonly Month[]
}

/** The longest period: more than a developer looks at, and short enough to generate while waiting. */
const MAX_DAYS = 62
const MAX_MONTHS_BACK = 3

/** Neighbours joined before the period, so that a whole month has measures. */
const JOINED_EARLIER_DAYS = 100

/** The period of existing measures, limited to the days for which neighbours are generated. */
export function periodOf(days: readonly Day[], months: readonly Month[], yesterday: Day): Period {
  const to = latest(days) ?? latest(months.map(lastDayOf)) ?? yesterday
  const first = days.reduce((least, day) => (day < least ? day : least), to)
  const bound = addDays(to, 1 - MAX_DAYS)
  const firstMonth = addMonths(monthOf(to), -MAX_MONTHS_BACK)
  const known = [...new Set(months)].filter((month) => month >= firstMonth).sort()
  return { from: first < bound ? bound : first, to, months: known }
}

/** The period between two days with the complete months in it, limited in the same way. */
export function periodBetween(from: Day, to: Day): Period {
  const earliest = addMonths(monthOf(to), -MAX_MONTHS_BACK)
  const touched = monthsThrough(monthOf(from) < earliest ? earliest : monthOf(from), monthOf(to))
  const whole = touched.filter((month) => `${month}-01` >= from && lastDayOf(month) <= to)
  return periodOf([from, to], whole, to)
}

/** The measures that a home generated from its name sends about a period. */
export function neighbourMeasures(aggregator: Aggregator, name: string, period: Period): readonly Measure[] {
  const { from, to, months } = period
  const firstMonth = months.map((month) => `${month}-01`).sort()[0]
  const begin = firstMonth !== undefined && firstMonth < from ? firstMonth : from
  const end = latest([to, ...months.map(lastDayOf)]) ?? to
  const documents = generateHome({
    seed: 'neighbours',
    name,
    from: begin,
    to: end,
    consent: 'given',
    joined: addDays(begin, -JOINED_EARLIER_DAYS),
  })
  const bytes = new TextEncoder().encode(JSON.stringify(documents))
  const now = `${addDays(end, 1)}T02:00:00`
  return aggregator.aggregateHome(bytes, { now, from, to, months: [...months] }).measures
}

function latest(days: readonly Day[]): Day | undefined {
  return [...days].sort().at(-1)
}

// Generates the consumption of a home, by month and by half-hour.

import type { Day, Fluid, Month } from '../types/index.d.ts'
import { addDays, addMonths, daysIn, daysThrough, lastDayOf, monthOf, monthsThrough, partsOf } from './calendar.ts'
import { createDocument, type Document } from './events.ts'
import { SUPPLIES } from './fluids.ts'
import type { Random } from './random.ts'

/** The kinds of housing that a profile knows. */
export type Housing = 'individual_house' | 'apartment'

export interface MonthlyLoad extends Document {
  readonly load: number
  readonly year: number
  readonly month: number
}

export interface HalfHourLoad extends MonthlyLoad {
  readonly day: number
  readonly hour: number
  readonly minute: number
}

/** How a home compares with the average one. */
const SIZES: Readonly<Record<Housing, number>> = { individual_house: 1.5, apartment: 0.8 }

/** How far back suppliers give data before the first day asked for. */
const MONTHS_BEFORE = 3

/**
 * The first days of each month stand for the month: nobody sums half-hours up,
 * and all of a year would be 17 520 documents.
 */
const HALF_HOUR_DAYS = 3

/** The loads of one fluid by month; the last month may not be over. */
export function monthlyLoads(random: Random, fluid: Fluid, housing: Housing, from: Day, to: Day): MonthlyLoad[] {
  const { load, seasons } = SUPPLIES[fluid]
  const size = SIZES[housing] * random.around(0.4)
  return monthsThrough(addMonths(monthOf(from), -MONTHS_BEFORE), monthOf(to)).map((month) => {
    const { year, number } = partsOf(month)
    const part = shareOver(month, to)
    const amount = load * size * (seasons[number - 1] ?? 1) * random.around(0.2) * part
    return createDocument(random, { load: hundredths(amount), year, month: number })
  })
}

/** Half-hour loads of electricity, of a few days in each month. */
export function halfHourLoads(random: Random, from: Day, to: Day): HalfHourLoad[] {
  const months = monthsThrough(monthOf(from), monthOf(to))
  const days = months.flatMap((month) => daysThrough(`${month}-01`, addDays(`${month}-01`, HALF_HOUR_DAYS - 1)))
  return days
    .filter((day) => day >= from && day <= to)
    .flatMap((day) => {
      const [year = 0, month = 0, number = 0] = day.split('-').map(Number)
      return Array.from({ length: 48 }, (_, at) => {
        const hour = Math.floor(at / 2)
        const load = hundredths((hour >= 18 && hour < 23 ? 0.5 : 0.2) * random.around(0.6))
        return createDocument(random, { load, year, month, day: number, hour, minute: (at % 2) * 30 })
      })
    })
}

/** How much of a month is over at the end of a day. */
function shareOver(month: Month, day: Day): number {
  return lastDayOf(month) <= day ? 1 : Number(day.slice(8)) / daysIn(month)
}

function hundredths(amount: number): number {
  return Math.round(amount * 100) / 100
}

// Calculates with civil days and wall time. It reads no clock.

import type { Day, Month } from '../types/index.d.ts'
import { PUBLIC_HOLIDAYS, SCHOOL_HOLIDAYS } from './holidays.ts'

/**
 * A moment on the user's wall, in milliseconds as if it were UTC: the app
 * writes wall time labelled Z, so no zone comes in.
 */
export type WallTime = number

/** The kind of a day for somebody who works or goes to school. */
export type DayKind = 'weekday' | 'weekend' | 'holiday'

export const SECOND = 1_000
export const HOUR = 3_600 * SECOND
export const DAY = 24 * HOUR

/** Homes are made up between these days, both included: what lies around them are days too. */
export const FIRST_DAY = '1970-01-01'
export const LAST_DAY = '2999-12-31'

/** Whether a text is a day of the calendar, written `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  const start = Date.parse(`${text}T00:00:00.000Z`)
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(start) && dayOf(start) === text
}

/** The first moment of a day. */
export function startOf(day: Day): WallTime {
  if (!isDay(day)) throw new RangeError(`${day} is not a day; write it YYYY-MM-DD`)
  return Date.parse(`${day}T00:00:00.000Z`)
}

function dayOf(moment: WallTime): Day {
  return new Date(moment).toISOString().slice(0, 10)
}

export function addDays(day: Day, days: number): Day {
  return dayOf(startOf(day) + days * DAY)
}

/** From the first to the last, both included. */
export function daysThrough(first: Day, last: Day): Day[] {
  const days: Day[] = []
  for (let start = startOf(first); start <= startOf(last); start += DAY) days.push(dayOf(start))
  return days
}

export function monthOf(day: Day): Month {
  return day.slice(0, 7)
}

/** From the first to the last, both included. */
export function monthsThrough(first: Month, last: Month): Month[] {
  const months: Month[] = []
  for (let month = first; month <= last; month = addMonths(month, 1)) months.push(month)
  return months
}

export function addMonths(month: Month, months: number): Month {
  const { year, number } = partsOf(month)
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7)
}

/** The year and the number of a month, from 1. */
export function partsOf(month: Month): { year: number; number: number } {
  return { year: Number(month.slice(0, 4)), number: Number(month.slice(5, 7)) }
}

export function daysIn(month: Month): number {
  return Number(lastDayOf(month).slice(8))
}

export function lastDayOf(month: Month): Day {
  const { year, number } = partsOf(month)
  return dayOf(new Date(0).setUTCFullYear(year, number, 0))
}

/** 0 is Sunday. */
export function weekdayOf(day: Day): number {
  return new Date(startOf(day)).getUTCDay()
}

export function dayKindOf(day: Day): DayKind {
  const inYear = day.slice(5)
  const isOff = ([first, last]: readonly [string, string]) => inYear >= first && inYear <= last
  if (PUBLIC_HOLIDAYS.has(inYear) || SCHOOL_HOLIDAYS.some(isOff)) return 'holiday'
  return [0, 6].includes(weekdayOf(day)) ? 'weekend' : 'weekday'
}

/** The text that the app writes for a moment. */
export function formatWallTime(moment: WallTime): string {
  return new Date(moment).toISOString()
}

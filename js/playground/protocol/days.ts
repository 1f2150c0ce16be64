// Calculations with civil days, as the core writes them.

import type { Day } from '../../types/index.d.ts'

const DAY = 86_400_000

/** The number of days from one day to another. */
export function daysBetween(first: Day, last: Day): number {
  return Math.round((Date.parse(`${last}T00:00:00Z`) - Date.parse(`${first}T00:00:00Z`)) / DAY)
}

/** A day so many days from all others is of a clock that is wrong. */
const LONE_AFTER_DAYS = 120

/** Of sorted days, the largest group without wide gaps. */
export function denseDays(days: Day[]): Day[] {
  const isGap = (at: number) => {
    const [before, after] = [days[at - 1], days[at]]
    return before !== undefined && after !== undefined && daysBetween(before, after) > LONE_AFTER_DAYS
  }
  const runs: Day[][] = []
  for (const [at, day] of days.entries()) {
    const run = runs.at(-1)
    if (run === undefined || isGap(at)) runs.push([day])
    else run.push(day)
  }
  // A pause in the middle of a life is no mistake; some lone days at its ends are.
  const isLone = (run: Day[] | undefined) => run !== undefined && runs.length > 1 && run.length < days.length / 20
  while (isLone(runs[0])) runs.shift()
  while (isLone(runs.at(-1))) runs.pop()
  return runs.flat()
}

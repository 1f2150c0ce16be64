// The holidays in Lyon. School holidays and Easter move from year to year; for realistic habits a fixed
// calendar is enough.

/** Public holidays that fall on the same date every year, `MM-DD`. */
export const PUBLIC_HOLIDAYS: ReadonlySet<string> = new Set([
  '01-01',
  '05-01',
  '05-08',
  '07-14',
  '08-15',
  '11-01',
  '11-11',
  '12-25',
])

/** First and last day of each school holiday, `MM-DD`. */
export const SCHOOL_HOLIDAYS: readonly (readonly [first: string, last: string])[] = [
  ['01-01', '01-04'],
  ['02-07', '02-22'],
  ['04-04', '04-19'],
  ['07-04', '08-31'],
  ['10-17', '11-01'],
  ['12-19', '12-31'],
]

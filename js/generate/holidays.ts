// Days off in Lyon. The dates of school holidays move a little each year and
// Easter moves a lot; for habits that look right a fixed calendar is enough.

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

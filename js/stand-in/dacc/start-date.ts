// Reads dates as the DACC does.

/**
 * How the DACC reads a date. First a tolerant parser must accept the text, else the measure is refused; then
 * PostgreSQL must accept it, else the measure is lost.
 */
export type ReadDate =
  | { readonly kind: 'stored'; readonly timestamp: string }
  | { readonly kind: 'lost' }
  | { readonly kind: 'not-a-date' }

const LOST: ReadDate = { kind: 'lost' }
const NOT_A_DATE: ReadDate = { kind: 'not-a-date' }

const ISO =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?)?\s*(?:[Zz]|[+-]\d{2}(?::?\d{2})?)?$/
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/
const SLASHES = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/
const PARTIAL = /^\d{4}(?:-(?:0?[1-9]|1[0-2]))?$/

/** A time without a date: the tolerant parser adds today's date. */
const TIME = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?$/

/** The parts of a date in words: words, numbers and separators. */
const WORDS = /^(?:[A-Za-z]+\.?|\d{1,4}|\d{1,2}:\d{2}(?::\d{2})?|[\s,]+)+$/
const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']

/**
 * Reads a date as the DACC does. An offset is ignored; `01/02/2022` is the 2nd of January,
 * `Jan 5 2022` the 5th; a year, a month, a day, a weekday or a time alone is lost, and so is what
 * only the tolerant parser reads: U+0000, which it passes over, and the digits of other scripts.
 * Forms that nobody was seen to send (`1st of May`) count as no date.
 */
export function readStartDate(text: string): ReadDate {
  const plain = withAsciiDigits(text.replaceAll('\0', ''))
  const read = readPlain(plain)
  return read.kind === 'stored' && plain !== text ? LOST : read
}

/** Replaces the digits of any script by 0 to 9, as Python reads them. */
export function withAsciiDigits(text: string): string {
  return text.replace(/(?![0-9])\p{Nd}/gu, (digit) => {
    const plain = digit.normalize('NFKC')
    if (/[0-9]/.test(plain)) return plain
    // The ten digits of a script have consecutive code points.
    let value = 0
    while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(digit.codePointAt(0)! - value - 1))) value += 1
    return String(value)
  })
}

function readPlain(text: string): ReadDate {
  const trimmed = text.trim()
  if (PARTIAL.test(trimmed)) return LOST
  const slashes = SLASHES.exec(trimmed)
  if (slashes !== null) {
    const [, month, day, year] = slashes
    return stored(Number(year), Number(month), Number(day), '00:00:00')
  }
  const parts = ISO.exec(trimmed) ?? COMPACT.exec(trimmed)
  if (parts === null) return readInWords(trimmed)
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = ''] = parts
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return NOT_A_DATE
  const micros = fraction.slice(0, 6).padEnd(6, '0')
  const time = `${pad(hour)}:${pad(minute)}:${pad(second)}${Number(micros) === 0 ? '' : `.${micros}`}`
  return stored(Number(year), Number(month), Number(day), time)
}

/** A date in words, or a part of one. */
function readInWords(text: string): ReadDate {
  const time = TIME.exec(text)
  if (time !== null) return isTime(time[1], time[2], time[3]) ? LOST : NOT_A_DATE
  if (text === '' || !WORDS.test(text)) return NOT_A_DATE
  const found: { month?: number; day?: number; year?: number; time: string; weekday?: true } = { time: '00:00:00' }
  for (const [token] of text.matchAll(/[A-Za-z]+|\d{1,2}:\d{2}(?::\d{2})?|\d+/g)) {
    const word = token.toLowerCase()
    const [month, weekday] = [placeOf(word, MONTHS), placeOf(word, WEEKDAYS)]
    const [, hour, minute, second = '0'] = TIME.exec(token) ?? []
    if (month !== undefined && found.month === undefined) found.month = month + 1
    else if (weekday !== undefined && found.weekday === undefined) found.weekday = true
    else if (hour !== undefined) {
      if (!isTime(hour, minute, second)) return NOT_A_DATE
      found.time = `${pad(hour)}:${pad(minute ?? 0)}:${pad(second)}`
    } else if (/^\d{4}$/.test(token) && found.year === undefined) found.year = Number(token)
    else if (/^\d{1,2}$/.test(token) && found.day === undefined && Number(token) > 0) found.day = Number(token)
    else return NOT_A_DATE
  }
  const { month, day, year } = found
  if (month !== undefined && day !== undefined && year !== undefined) return stored(year, month, day, found.time)
  // The tolerant parser takes missing parts from today; PostgreSQL needs all parts.
  if (day !== undefined && month !== undefined && !exists(2024, month, day)) return NOT_A_DATE
  return month === undefined && day === undefined && found.weekday === undefined ? NOT_A_DATE : LOST
}

/** A full name or its first three letters; also `sept`. */
function placeOf(word: string, names: readonly string[]): number | undefined {
  const at = names.findIndex(
    (name) => name === word || name.slice(0, 3) === word || (word === 'sept' && name === 'september'),
  )
  return at < 0 ? undefined : at
}

function isTime(hour = '', minute = '', second = '0'): boolean {
  return Number(hour) <= 23 && Number(minute) <= 59 && Number(second) <= 59
}

/** Whether the text is a real day written `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  return parts !== null && exists(Number(parts[1]), Number(parts[2]), Number(parts[3]))
}

function stored(year: number, month: number, day: number, time: string): ReadDate {
  if (exists(year, month, day)) {
    return { kind: 'stored', timestamp: `${pad(year, 4)}-${pad(month)}-${pad(day)}T${time}` }
  }
  // The tolerant parser swaps day and month if only that gives a date; PostgreSQL does not.
  return month > 12 && exists(year, day, month) ? LOST : NOT_A_DATE
}

function exists(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  return day <= (lengths[month - 1] ?? 0)
}

function pad(number: number | string, length = 2): string {
  return String(Number(number)).padStart(length, '0')
}

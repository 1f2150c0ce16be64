/**
 * What the DACC makes of a date: first a tolerant parser has to take the text, else it is refused;
 * then PostgreSQL has to, else the measure is lost.
 */
export type ReadDate =
  | { readonly kind: 'stored'; readonly timestamp: string }
  | { readonly kind: 'lost' }
  | { readonly kind: 'not-a-date' };

const LOST: ReadDate = { kind: 'lost' };
const NOT_A_DATE: ReadDate = { kind: 'not-a-date' };

const ISO =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?)?\s*(?:[Zz]|[+-]\d{2}(?::?\d{2})?)?$/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/;
const SLASHES = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;
const PARTIAL = /^\d{4}(?:-(?:0?[1-9]|1[0-2]))?$/;

/**
 * Reads a date as the DACC does. An offset is ignored; `01/02/2022` is the 2nd of January; a year
 * or a month alone is lost. Forms that no client sends (`1st of May`) count as no date.
 */
export function readStartDate(text: string): ReadDate {
  const trimmed = text.trim();
  if (PARTIAL.test(trimmed)) return LOST;
  const slashes = SLASHES.exec(trimmed);
  if (slashes !== null) {
    const [, month, day, year] = slashes;
    return stored(Number(year), Number(month), Number(day), '00:00:00');
  }
  const parts = ISO.exec(trimmed) ?? COMPACT.exec(trimmed);
  if (parts === null) return NOT_A_DATE;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = ''] = parts;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return NOT_A_DATE;
  const micros = fraction.slice(0, 6).padEnd(6, '0');
  const time = `${pad(hour)}:${pad(minute)}:${pad(second)}${Number(micros) === 0 ? '' : `.${micros}`}`;
  return stored(Number(year), Number(month), Number(day), time);
}

/** Whether the text is a real day written `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  return parts !== null && exists(Number(parts[1]), Number(parts[2]), Number(parts[3]));
}

function stored(year: number, month: number, day: number, time: string): ReadDate {
  if (exists(year, month, day)) {
    return { kind: 'stored', timestamp: `${pad(year, 4)}-${pad(month)}-${pad(day)}T${time}` };
  }
  // The tolerant parser changes day and month over when only that makes a date; PostgreSQL does not.
  return month > 12 && exists(year, day, month) ? LOST : NOT_A_DATE;
}

function exists(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (lengths[month - 1] ?? 0);
}

function pad(number: number | string, length = 2): string {
  return String(Number(number)).padStart(length, '0');
}

// Translates the open file and the page's rules into calls of the core.

import { addDays, isDay } from '../../generate/calendar.ts'
import type { Dacc, Day, Explanation, Interval, Month, Options, Outcome } from '../../types/index.d.ts'
import { denseDays } from '../protocol/days.ts'
import type { Rules } from '../protocol/protocol.ts'
import type { DocumentStore } from './document-store.ts'

/** Before any event there ever was. */
const ALWAYS: Interval[] = [{ from: '1970-01-01' }]

/** The hour of the nightly run. */
const NIGHT = 'T02:00:00'

/** As many days as a person wants to see, and no more than can be. */
const MAX_DAYS = 4_000

/** A call of the core: the text and the options. */
export interface Question {
  text: string
  isHome: boolean
  options: Options & { now: string; months: Month[] }
}

const bytesOf = (text: string) => new TextEncoder().encode(text)

function consentOf(rules: Rules): Interval[] | undefined {
  switch (rules.consent) {
    case 'terms':
      return undefined
    case 'always':
      return ALWAYS
    case 'never':
      return []
    case 'days':
      return [{ from: rules.consentFrom, ...(rules.consentTo === '' ? {} : { to: rules.consentTo }) }]
  }
}

/** The days that events are dated, without asking in which zone. */
function datedDays(documents: DocumentStore): Day[] {
  const days = new Set<Day>()
  for (const index of documents.indexes()) {
    const day = documents.fieldsOf(index)?.eventDate?.slice(0, 10)
    if (day !== undefined && isDay(day)) days.add(day)
  }
  return [...days].sort()
}

/** Months that are over on this day, from the first day's on. */
function monthsOver(first: Day, today: Day): Month[] {
  const months: Month[] = []
  for (
    let day = `${first.slice(0, 7)}-15`;
    day.slice(0, 7) < today.slice(0, 7);
    day = `${addDays(day, 31).slice(0, 7)}-15`
  ) {
    months.push(day.slice(0, 7))
  }
  return months
}

/** Which days and months are computed of those that have events. */
function periodOf(
  days: Day[],
  last: Day | undefined,
  today: Day,
  clock: Rules['clock'],
): { from: Day; to: Day; months: Month[] } {
  const earliest = last === undefined ? today : addDays(last, -MAX_DAYS)
  // A zone may put an event on the day before its digits.
  const from = addDays(days.find((day) => day >= earliest) ?? today, clock === 'instant' ? -1 : 0)
  const yesterday = addDays(today, -1)
  return { from, to: yesterday < from ? from : yesterday, months: monthsOver(from, today) }
}

export function questionOf(documents: DocumentStore, rules: Rules): Question {
  const days = datedDays(documents)
  const last = denseDays(days).at(-1)
  const night = last === undefined ? new Date().toISOString() : `${addDays(last, 1)}${NIGHT}`
  const now = rules.now === '' ? night : rules.now
  const today = now.slice(0, 10)
  return {
    text: documents.text(),
    isHome: documents.kind === 'home',
    options: {
      now,
      clock: rules.clock,
      zone: rules.zone,
      consent: consentOf(rules),
      catalog: rules.catalog,
      // The core says what is wrong with a time that is none.
      ...(isDay(today) ? periodOf(days, last, today, rules.clock) : { months: [] }),
    },
  }
}

export function outcomeOf(dacc: Dacc, { text, isHome, options }: Question): Outcome {
  return isHome ? dacc.aggregateHome(bytesOf(text), options) : dacc.aggregate(bytesOf(text), options)
}

export function explanationOf(dacc: Dacc, { text, isHome, options }: Question): Explanation {
  return isHome ? dacc.explainHome(bytesOf(text), options) : dacc.explain(bytesOf(text), options)
}

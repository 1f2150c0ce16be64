// Holds the core's explanation of each event, for the list, the timeline and the inspector.

import { addDays } from '../../generate/calendar.ts'
import type { Day, ExplainedEvent, Explanation, Measure, Reason } from '../../types/index.d.ts'
import { daysBetween, denseDays } from '../protocol/days.ts'
import type {
  DayView,
  EventFilter,
  EventOutcome,
  EventRow,
  EventRows,
  EventSummary,
  NotCountedReason,
  RowQuery,
} from '../protocol/protocol.ts'
import { KINDS } from '../protocol/protocol.ts'
import type { DocumentStore } from './document-store.ts'

/** Reasons that explain little: any other reason is preferred. */
const SAYS_LITTLE: readonly Reason[] = [
  'context-only',
  'condition-not-met',
  'period-not-computed',
  'period-not-over',
  'nothing-seen',
]

export class ExplainedEvents {
  readonly #documents: DocumentStore
  readonly #explanation: Explanation
  /** By index in the file. */
  readonly #events = new Map<number, ExplainedEvent>()
  /** The index in the file of each event that the core numbers. */
  readonly #indexes: number[]
  /** Indexes in the order of time, events without a date last. */
  readonly #order: number[]

  constructor(documents: DocumentStore, explanation: Explanation) {
    this.#documents = documents
    this.#explanation = explanation
    this.#indexes = documents.indexes()
    for (const [at, event] of explanation.events.entries()) {
      const index = this.#indexes[at]
      if (index !== undefined) this.#events.set(index, event)
    }
    const keys = new Map(
      [...this.#events].map(([index, { day, moment }]) => [index, day === undefined ? '~' : (moment ?? day)]),
    )
    this.#order = [...this.#events.keys()].sort((a, b) => {
      const [first = '', second = ''] = [keys.get(a), keys.get(b)]
      return first === second ? a - b : first < second ? -1 : 1
    })
  }

  summary(millis: number): EventSummary {
    const notCounted: EventSummary['notCounted'] = {}
    for (const event of this.#events.values()) {
      const why = reasonNotCounted(event)
      if (why !== undefined) notCounted[why] = (notCounted[why] ?? 0) + 1
    }
    const missing = Object.values(notCounted).reduce((sum, count) => sum + count, 0)
    const days = this.#days()
    const { consent, diagnostics } = this.#explanation
    const stood = (day: Day) => consent.some(({ from, to }) => from <= day && (to === undefined || day < to))
    const drawn = days.reduce((all, { counts }) => all + counts.reduce((sum, count) => sum + count, 0), 0)
    return {
      days: days.map((view) => ({ ...view, consented: stood(view.day) })),
      withdrawn: diagnostics['consent-missing'] !== undefined && consent.length > 0,
      notDrawn: this.#events.size - drawn,
      counted: this.#events.size - missing,
      notCounted,
      millis,
    }
  }

  /** The days from the first event to the last, without events far from all others. */
  #days(): DayView[] {
    const counts = new Map<Day, number[]>()
    for (const [index, { day }] of this.#events) {
      if (day === undefined) continue
      const ofDay = counts.get(day) ?? KINDS.map(() => 0)
      counts.set(day, ofDay)
      const at = KINDS.indexOf(this.#documents.fieldsOf(index)?.kind ?? 'unknown')
      ofDay[at] = (ofDay[at] ?? 0) + 1
    }
    const busy = denseDays([...counts.keys()].sort())
    const [first, last] = [busy[0], busy.at(-1)]
    if (first === undefined || last === undefined) return []
    return Array.from({ length: daysBetween(first, last) + 1 }, (_, at) => {
      const day = addDays(first, at)
      return { day, counts: counts.get(day) ?? KINDS.map(() => 0), consented: false }
    })
  }

  rows({ day, words, only, latestFirst, start, count }: RowQuery): EventRows {
    const wanted = words
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '')
    const found = this.#order.filter((index) => {
      const event = this.#events.get(index)
      if (day !== undefined && event?.day !== day) return false
      if (event === undefined || !isAmong(only, event)) return false
      if (wanted.length === 0) return true
      const text = this.#documents.textOf(index).toLowerCase()
      return wanted.every((word) => text.includes(word))
    })
    if (latestFirst) found.reverse()
    const rows = found.slice(start, start + count).map((index, at) => this.#row(index, found[start + at - 1]))
    return { total: found.length, rows }
  }

  some(indexes: number[]): EventRow[] {
    return indexes.map((index) => this.#row(index, undefined))
  }

  #row(index: number, previous: number | undefined): EventRow {
    const { id, type, kind = 'unknown', details = '' } = this.#documents.fieldsOf(index) ?? {}
    const event = this.#events.get(index)
    return {
      index,
      id,
      type,
      kind,
      details,
      day: event?.day,
      time: event?.moment?.slice(11, 19),
      firstOfDay: previous === undefined || this.#events.get(previous)?.day !== event?.day,
      edited: this.#documents.isEdited(index),
      verdict: event?.verdict,
      countedBy: (event?.readings ?? [])
        .filter(({ cells }) => cells !== undefined)
        .map(({ measureName }) => measureName),
      why: event && reasonNotCounted(event),
    }
  }

  outcomeOf(index: number): EventOutcome | undefined {
    const event = this.#events.get(index)
    return (
      event && {
        verdict: event.verdict,
        parts: event.readings.map(({ measureName, cells = [], reason, noticed = [] }) => ({
          measureName,
          measures: cells.flatMap((cell) => this.#explanation.cells[cell]?.measure ?? []),
          reason,
          noticed,
        })),
      }
    )
  }

  /** The events that a measure counts, in the order of time. */
  madeOf(measure: Measure): EventRow[] {
    const payload = JSON.stringify(measure)
    const cell = this.#explanation.cells.find(({ measure }) => JSON.stringify(measure) === payload)
    return (cell?.events ?? []).flatMap((at, place, all) => {
      const [index, previous] = [this.#indexes[at], this.#indexes[all[place - 1] ?? -1]]
      return index === undefined ? [] : this.#row(index, previous)
    })
  }
}

/** The reason why an event is not counted; undefined if it is. */
function reasonNotCounted({ verdict, readings }: ExplainedEvent): NotCountedReason | undefined {
  if (verdict === 'counted') return undefined
  if (verdict !== 'not-counted') return verdict
  const reasons = readings.flatMap(({ reason }) => reason ?? [])
  return reasons.find((reason) => !SAYS_LITTLE.includes(reason)) ?? reasons[0] ?? 'unread'
}

function isAmong(only: EventFilter, event: ExplainedEvent): boolean {
  switch (only) {
    case 'all':
      return true
    case 'counted':
      return event.verdict === 'counted'
    case 'not-counted':
      return event.verdict !== 'counted'
    default:
      return reasonNotCounted(event) === only
  }
}

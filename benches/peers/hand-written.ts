// As fast as we can write it in JavaScript: one pass over the objects, no
// dates made, nothing kept beyond its day.

import {
  asTheyAre,
  type Cell,
  code,
  GREATEST_DURATION,
  type Input,
  LONGEST_SPAN_MILLIS,
  type Peer,
  page,
  SPANS,
  type UsageEvent,
} from './peer.ts'

let input: Input

export const handWritten: Peer<Cell[]> = {
  cells: asTheyAre,
  load(given) {
    input = given
  },
  run() {
    const events: UsageEvent[] = JSON.parse(input.bytes.toString())
    if (!isOrdered(events)) events.sort(compare)
    const cells: Cell[] = []
    const months = new Map(input.options.months?.map((month) => [month as string, 0]))
    for (let from = 0; from < events.length; ) from = ofDay(events, from, cells, months)
    for (const [month, days] of months) cells.push(['connection-count-monthly', `${month}-01`, [], days])
    return cells
  },
}

// One form of date-time: its text orders as its time does.
function compare(a: UsageEvent, b: UsageEvent): number {
  if (a.eventDate !== b.eventDate) return a.eventDate < b.eventDate ? -1 : 1
  return a._id < b._id ? -1 : 1
}

function isOrdered(events: UsageEvent[]): boolean {
  for (let at = 1; at < events.length; at += 1) if (compare(events[at - 1]!, events[at]!) > 0) return false
  return true
}

interface Mean {
  readonly groups: readonly string[]
  sum: number
  count: number
}

/** Folds the day that begins at this event; gives where the next begins. */
function ofDay(events: UsageEvent[], from: number, cells: Cell[], months: Map<string, number>): number {
  const day = events[from]!.eventDate.slice(0, 10)
  const pages = new Map<string, number>()
  const sessions = new Map<string, Mean>()
  const spans = new Map<string, Mean>()
  let type = ''
  let [start, last] = [0, 0]
  let at = from
  for (; at < events.length; at += 1) {
    const event = events[at]!
    if (!event.eventDate.startsWith(day)) break
    if (event.type === 'NavigationEvent') {
      const name = page(event.target)
      pages.set(name, (pages.get(name) ?? 0) + 1)
    } else if (event.type === 'ConnectionEvent') {
      if (type !== '') add(sessions, type, [type], last - start)
      type = event.result === 'firstConnection' ? 'first' : 'any'
      start = millisOfDay(event.eventDate)
    } else {
      addSpan(spans, event)
    }
    last = millisOfDay(event.eventDate)
  }
  if (type !== '') {
    add(sessions, type, [type], last - start)
    const month = day.slice(0, 7)
    const days = months.get(month)
    if (days !== undefined) months.set(month, days + 1)
  }
  for (const [page, count] of pages) cells.push(['navigation-count-daily', day, [page], count])
  for (const mean of sessions.values()) cells.push(['session-duration', day, mean.groups, rounded(mean)])
  for (const mean of spans.values()) cells.push(['event-duration', day, mean.groups, rounded(mean)])
  return at
}

function addSpan(spans: Map<string, Mean>, { type, target, startDate, eventDate }: UsageEvent): void {
  const names = SPANS[type]
  if (names === undefined || !startDate) return
  const millis = Date.parse(eventDate) - Date.parse(startDate)
  if (!(millis >= 0 && millis <= LONGEST_SPAN_MILLIS)) return
  const name = code(target)
  add(spans, `${type}/${name}`, [...names, name], millis)
}

function add(means: Map<string, Mean>, key: string, groups: readonly string[], millis: number): void {
  const seconds = Math.min(Math.floor(millis / 1000), GREATEST_DURATION)
  const mean = means.get(key)
  if (mean === undefined) {
    means.set(key, { groups, sum: seconds, count: 1 })
  } else {
    mean.sum += seconds
    mean.count += 1
  }
}

const rounded = ({ sum, count }: Mean) => Math.round((sum * 100) / count) / 100

/** Of `2024-03-09T14:03:11.123Z`. */
function millisOfDay(date: string): number {
  const two = (at: number) => (date.charCodeAt(at) - 48) * 10 + date.charCodeAt(at + 1) - 48
  return (two(11) * 3600 + two(14) * 60 + two(17)) * 1000 + two(20) * 10 + date.charCodeAt(22) - 48
}

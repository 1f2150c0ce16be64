// As the services of today: documents as objects, days by luxon, groups by lodash.

import _ from 'lodash'
import { DateTime } from 'luxon'
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

interface Dated extends UsageEvent {
  readonly at: DateTime
}

let input: Input

export const luxonLodash: Peer<Cell[]> = {
  cells: asTheyAre,
  load(given) {
    input = given
  },
  run() {
    const events: UsageEvent[] = JSON.parse(input.bytes.toString())
    const dated: Dated[] = _.map(events, (event) => ({ ...event, at: read(event.eventDate) }))
    const days = _.groupBy(dated, ({ at }) => at.toISODate())
    const daily = _.flatMap(_.sortBy(_.keys(days)), (day) => ofDay(day, days[day] ?? []))
    return [
      ...daily,
      ..._.map(input.options.months, (month): Cell => {
        const connected = _.filter(
          days,
          (events, day) => day.startsWith(month) && _.some(events, { type: 'ConnectionEvent' }),
        )
        return ['connection-count-monthly', `${month}-01`, [], connected.length]
      }),
    ]
  },
}

const read = (date: string) => DateTime.fromISO(date, { zone: 'utc' })

function ofDay(day: string, unordered: Dated[]): Cell[] {
  const events = _.sortBy(unordered, [({ at }) => at.toMillis(), '_id'])
  const pages = _.countBy(_.filter(events, { type: 'NavigationEvent' }), ({ target }) => page(target))
  const sessions = _.groupBy(sessionsOf(events), ({ type }) => type)
  const spans = _.groupBy(_.flatMap(events, span), ({ groups }) => groups.join('/'))
  return [
    ..._.map(pages, (count, page): Cell => ['navigation-count-daily', day, [page], count]),
    ..._.map(sessions, (sessions, type): Cell => ['session-duration', day, [type], mean(sessions)]),
    ..._.map(spans, (spans): Cell => ['event-duration', day, spans[0]?.groups ?? [], mean(spans)]),
  ]
}

function sessionsOf(events: Dated[]) {
  const starts = _.filter(_.range(events.length), (index) => events[index]?.type === 'ConnectionEvent')
  return _.map(starts, (start, index) => {
    const [first, last] = [events[start], events[(starts[index + 1] ?? events.length) - 1]]
    if (first === undefined || last === undefined) throw new RangeError('a session has a first and a last event')
    const type = first.result === 'firstConnection' ? 'first' : 'any'
    return { type, seconds: Math.floor(last.at.diff(first.at).as('seconds')) }
  })
}

function span({ type, target, startDate, at }: Dated) {
  const names = SPANS[type]
  if (names === undefined || !startDate) return []
  const millis = at.diff(read(startDate)).toMillis()
  if (millis < 0 || millis > LONGEST_SPAN_MILLIS) return []
  return [{ groups: [...names, code(target)], seconds: Math.floor(millis / 1000) }]
}

const mean = (durations: { seconds: number }[]) =>
  _.round(
    _.meanBy(durations, ({ seconds }) => Math.min(seconds, GREATEST_DURATION)),
    2,
  )

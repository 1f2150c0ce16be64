// One day from midnight to midnight: every event where it happened.

import type { Row } from '../protocol.ts'
import { KINDS } from '../protocol.ts'
import { showDay, text } from '../settings.ts'
import { choose, chosen } from '../state.ts'
import { useRows } from './rows.ts'

/** More dots than that are one blot. */
const MOST = 400

/** A day that is shown whole says least: hours without events are left out, but for these at least. */
const LEAST_HOURS = 2
const MOST_MARKS = 7

function hourOf({ time = '00:00:00' }: Row): number {
  const [hour = 0, minute = 0, second = 0] = time.split(':').map(Number)
  return hour + minute / 60 + second / 3600
}

/** The whole hours around all events. */
function windowOf(rows: Row[]): [from: number, to: number] {
  const hours = rows.map(hourOf)
  const from = Math.floor(Math.min(24 - LEAST_HOURS, ...hours))
  return [from, Math.max(from + LEAST_HOURS, Math.ceil(Math.max(0, ...hours)))]
}

export function Hours({ day }: { day: string }) {
  const says = text.value.timeline
  const lines = useRows({ day, words: '', only: 'all' }, 0, MOST - 1)
  const rows = Array.from({ length: Math.min(MOST, lines.total) }, (_, at) => lines.at(at)).filter((row) => row !== undefined)
  if (rows.length === 0) return null
  const kinds = KINDS.filter((kind) => rows.some((row) => row.kind === kind))
  const [from, to] = windowOf(rows)
  const place = (hour: number) => `${(hour - from) / (to - from) * 100}%`
  const step = Math.ceil((to - from) / MOST_MARKS)
  const marks = Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, at) => from + at * step)
  return (
    <div class="hours" role="group" aria-label={says.hours(showDay(day))}>
      {kinds.map((kind) => (
        <div key={kind} class="lane">
          <span class="lane-name">{says.kinds[kind]}</span>
          <div class="lane-line">
            {rows.filter((row) => row.kind === kind).map((row) => (
              <button key={row.index} type="button" tabIndex={-1} style={{ left: place(hourOf(row)) }}
                class={`mark fill-${kind}${row.verdict === 'counted' ? '' : ' hollow'}`}
                aria-pressed={row.index === chosen.value}
                aria-label={`${row.time ?? ''} ${row.type ?? says.kinds.unknown} ${row.details}`}
                onClick={() => void choose(row.index)} />
            ))}
          </div>
        </div>
      ))}
      <div class="hour-marks" aria-hidden="true">
        {marks.map((hour) => <span key={hour} style={{ left: place(hour) }}>{hour} h</span>)}
      </div>
    </div>
  )
}

// One day from midnight to midnight: every event where it happened.

import type { EventRow } from '../protocol/protocol.ts'
import { KINDS } from '../protocol/protocol.ts'
import { showDay, text } from '../state/settings.ts'
import { choose, chosenEvent } from '../state/state.ts'
import { useRows } from './event-rows.ts'

/** More dots than that are one blot. */
const MOST = 400

/** Hours without events are left out, but for some minutes at least. */
const LEAST_MINUTES = 30
const MAX_MARKS = 8
/** The distances between marks that a clock's face has, in minutes. */
const STEPS = [5, 10, 15, 30, 60, 120, 180, 240]

function minuteOf({ time = '00:00:00' }: EventRow): number {
  const [hour = 0, minute = 0, second = 0] = time.split(':').map(Number)
  return hour * 60 + minute + second / 60
}

/** The marks of the hours around all events. */
function marksOf(rows: EventRow[]): number[] {
  const minutes = rows.map(minuteOf)
  const [first, last] = [Math.min(...minutes), Math.max(...minutes)]
  const middle = (first + last) / 2
  const half = Math.max(last - first, LEAST_MINUTES) / 2
  const step = STEPS.find((step) => (2 * half) / step <= MAX_MARKS - 2) ?? 240
  const from = Math.max(0, Math.floor((middle - half) / step) * step)
  const to = Math.min(24 * 60, Math.ceil((middle + half + 1) / step) * step)
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, at) => from + at * step)
}

const clockFace = (minute: number) => `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`

export function Hours({ day }: { day: string }) {
  const says = text.value.timeline
  const lines = useRows({ day, words: '', only: 'all', latestFirst: false }, 0, MOST - 1)
  const rows = Array.from({ length: Math.min(MOST, lines.total) }, (_, at) => lines.at(at)).filter(
    (row) => row !== undefined,
  )
  if (rows.length === 0) return null
  const kinds = KINDS.filter((kind) => rows.some((row) => row.kind === kind))
  const marks = marksOf(rows)
  const [from = 0, to = 1] = [marks[0], marks.at(-1)]
  const place = (minute: number) => `${((minute - from) / (to - from)) * 100}%`
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is of a form, and these are buttons of a drawing
    <div class="hours" role="group" aria-label={says.hours(showDay(day))}>
      {kinds.map((kind) => (
        <div key={kind} class="lane">
          <span class="lane-name">{says.kinds[kind]}</span>
          <div class="lane-line">
            {rows
              .filter((row) => row.kind === kind)
              .map((row) => (
                <button
                  key={row.index}
                  type="button"
                  tabIndex={-1}
                  style={{ left: place(minuteOf(row)) }}
                  class={`mark fill-${kind}${row.verdict === 'counted' ? '' : ' hollow'}`}
                  aria-pressed={row.index === chosenEvent.value}
                  aria-label={`${row.time ?? ''} ${row.type ?? says.kinds.unknown} ${row.details}`}
                  onClick={() => void choose(row.index)}
                />
              ))}
          </div>
        </div>
      ))}
      <div class="hour-marks" aria-hidden="true">
        {marks.map((minute) => (
          <span key={minute} style={{ left: place(minute) }}>
            {clockFace(minute)}
          </span>
        ))}
      </div>
    </div>
  )
}

// The days of a home: how much happened on each, and whether it may be seen.

import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { DayView } from '../protocol/protocol.ts'
import { KINDS } from '../protocol/protocol.ts'
import { showDay, showMonth, text } from '../state/settings.ts'
import { chooseDay, day, eventSummary } from '../state/state.ts'
import { Hours } from './hours.tsx'

/** The drawing's own units; it is stretched to the width there is. */
const HEIGHT = 100
/** Below so many days bars have room between them. */
const FEW_DAYS = 150

/** The width in pixels that the longest name of a month needs. */
const MONTH_WIDTH = 100

const total = ({ counts }: DayView) => counts.reduce((sum, count) => sum + count, 0)

/** One path for all bars of a colour: thousands of days stay one element. */
function barPaths(days: DayView[]): string[] {
  const most = Math.max(1, ...days.map(total))
  const width = days.length < FEW_DAYS ? 0.76 : 1
  const tops = days.map(() => HEIGHT)
  return KINDS.map((_, kind) =>
    days
      .map(({ counts }, at) => {
        const count = counts[kind] ?? 0
        if (count === 0) return ''
        const height = Math.max(1, (count / most) * HEIGHT)
        const top = (tops[at] ?? HEIGHT) - height
        tops[at] = top
        return `M${at + (1 - width) / 2} ${top.toFixed(2)}h${width}v${height.toFixed(2)}h${-width}z`
      })
      .join(''),
  )
}

/** Runs of days that are alike. */
function runs(days: DayView[], consented: boolean): string {
  return days.map((view, at) => (view.consented === consented ? `M${at} 0h1v1h-1z` : '')).join('')
}

function MonthMarks({ days }: { days: DayView[] }) {
  const marks = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(1000)
  useLayoutEffect(() => {
    const element = marks.current
    if (element === null) return undefined
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const room = MONTH_WIDTH / width
  const shown: { day: string; share: number }[] = []
  for (const [at, { day }] of days.entries()) {
    if (at > 0 && !day.endsWith('-01')) continue
    // A name that begins near the end is moved to where it fits.
    const share = at / days.length
    const last = shown.at(-1)
    if (last === undefined || Math.min(share, 1 - room) - last.share >= room) shown.push({ day, share })
  }
  return (
    <div class="month-marks" aria-hidden="true" ref={marks}>
      {shown.map(({ day, share }) => (
        <span key={day} class="month-mark">
          <span style={{ flexBasis: `${share * 100}%` }} />
          <span class="month-name">{showMonth(day)}</span>
        </span>
      ))}
    </div>
  )
}

export function Timeline() {
  const says = text.value.timeline
  const picture = useRef<HTMLDivElement>(null)
  const [pointed, setPointed] = useState<number | undefined>(undefined)
  const days = eventSummary.value?.days ?? []
  if (eventSummary.value !== undefined && days.length === 0) return <p class="card soft timeline">{says.noDay}</p>
  const chosen = days.findIndex((view) => view.day === day.value)
  const at = pointed ?? chosen
  const described = days[at]
  const say = (view: DayView) => says.day(showDay(view.day), total(view), view.consented)

  const dayAt = (clientX: number) => {
    const box = picture.current?.getBoundingClientRect()
    if (box === undefined) return undefined
    return Math.min(days.length - 1, Math.max(0, Math.floor(((clientX - box.left) / box.width) * days.length)))
  }
  const choose = (index: number | undefined) => chooseDay(index === undefined ? undefined : days[index]?.day)
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowDown: -1,
      ArrowUp: 1,
      PageUp: -7,
      PageDown: 7,
    }
    const step = steps[event.key]
    if (event.key === 'Escape') choose(undefined)
    else if (event.key === 'Home') choose(0)
    else if (event.key === 'End') choose(days.length - 1)
    else if (step !== undefined) {
      const from = chosen === -1 ? (step > 0 ? -1 : days.length) : chosen
      choose(Math.min(days.length - 1, Math.max(0, from + step)))
    } else return
    event.preventDefault()
  }

  return (
    <section class="card timeline" aria-labelledby="timeline-title">
      <div class="card-head">
        <h2 id="timeline-title">{says.title}</h2>
        <p class="timeline-day" aria-hidden="true">
          {described === undefined ? '' : say(described)}
        </p>
        <button
          class="button small-button"
          type="button"
          disabled={day.value === undefined}
          onClick={() => choose(undefined)}
        >
          {says.allDays}
        </button>
      </div>
      <div
        class="picture"
        ref={picture}
        role="slider"
        tabIndex={0}
        aria-label={says.label}
        aria-valuemin={0}
        aria-valuemax={days.length}
        aria-valuenow={chosen + 1}
        aria-valuetext={days[chosen] === undefined ? says.allDays : say(days[chosen])}
        onKeyDown={onKeyDown}
        onPointerMove={(event) => setPointed(dayAt(event.clientX))}
        onPointerLeave={() => setPointed(undefined)}
        onClick={(event) => {
          const index = dayAt(event.clientX)
          choose(index === chosen ? undefined : index)
        }}
      >
        <svg class="bars" viewBox={`0 0 ${days.length || 1} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          {at !== -1 && <rect class="pointed" x={at} y="0" width="1" height={HEIGHT} />}
          {barPaths(days).map(
            (path, kind) => path !== '' && <path key={KINDS[kind]} class={`kind-${KINDS[kind]}`} d={path} />,
          )}
        </svg>
        <svg class="band" viewBox={`0 0 ${days.length || 1} 1`} preserveAspectRatio="none" aria-hidden="true">
          <path class="band-given" d={runs(days, true)} />
          <path class="band-missing" d={runs(days, false)} />
        </svg>
      </div>
      <MonthMarks days={days} />
      <Legend days={days} />
      {day.value !== undefined && <Hours day={day.value} />}
    </section>
  )
}

function Legend({ days }: { days: DayView[] }) {
  const says = text.value.timeline
  const present = KINDS.filter((_, kind) => days.some(({ counts }) => (counts[kind] ?? 0) > 0))
  const notDrawn = eventSummary.value?.notDrawn ?? 0
  return (
    <ul class="legend">
      {present.map((kind) => (
        <li key={kind}>
          <span class={`dot fill-${kind}`} />
          {says.kinds[kind]}
        </li>
      ))}
      <li>
        <span class="dash given" />
        {says.consented}
      </li>
      {days.some(({ consented }) => !consented) && (
        <li>
          <span class="dash missing" />
          {says.notConsented}
        </li>
      )}
      {eventSummary.value?.withdrawn && <li class="bad">{says.withdrawn}</li>}
      {notDrawn > 0 && <li class="bad">{says.notDrawn(notDrawn)}</li>}
    </ul>
  )
}

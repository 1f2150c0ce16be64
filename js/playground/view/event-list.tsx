// The events, one a line, with what became of each. A hundred thousand of
// them are one long empty box with some lines in it.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { EventFilter, EventRow, NotCountedReason } from '../protocol/protocol.ts'
import { showNumber, showShortDay, text } from '../state/settings.ts'
import {
  changedBy,
  choose,
  chosenEvent,
  day,
  eventFilter,
  eventSummary,
  searchText,
  summaryFailure,
  workspace,
} from '../state/state.ts'
import { useRows } from './event-rows.ts'
import { Icon } from './icons.tsx'
import { titleOf } from './value.tsx'

const LINE = 56
/** Lines made ready beyond what is seen. */
const AHEAD = 6
/** Browsers draw no box higher than about that; who scrolls so far searches. */
const HIGHEST = 15_000_000

/** What became of an event, and in the line below where or why. */
export function Verdict({ row }: { row: Pick<EventRow, 'verdict' | 'countedBy' | 'why'> }) {
  const { verdict: says, short } = text.value
  const {
    verdict,
    countedBy: [first, ...others],
    why,
  } = row
  if (verdict === undefined)
    return <span class="verdict unknown">{summaryFailure.value === undefined ? says.looking : says.untold}</span>
  if (why === undefined) {
    const where =
      first === undefined || others.length > 0 ? says.inSeveral(others.length + 1) : says.inOne(titleOf(first))
    return (
      <span class="verdict good">
        <Icon name="check" />
        <span>
          {says.counted}
          <br />
          <span class="soft">{where}</span>
        </span>
      </span>
    )
  }
  return (
    <span class={`verdict ${isHarmless(why) ? 'mute' : 'bad'}`}>
      <Icon name={isHarmless(why) ? 'dash' : 'cross'} />
      <span>
        {says.notCounted}
        <br />
        <span class="soft">{short[why]}</span>
      </span>
    </span>
  )
}

/** Nothing is wrong with an event that nobody wants to count. */
export const isHarmless = (why: NotCountedReason) =>
  why === 'unread' || why === 'context-only' || why === 'condition-not-met'

export function Line({ row }: { row: EventRow }) {
  const { events } = text.value
  return (
    <>
      <span class="line-when">
        {row.firstOfDay && (
          <span class="line-day">{row.day === undefined ? events.noDate : showShortDay(row.day)}</span>
        )}
        {row.time !== undefined && <span class="line-time">{row.time}</span>}
      </span>
      <span class={`dot fill-${row.kind}`} />
      <span class="line-what">
        <span class="line-type">
          {row.type ?? events.noType}
          {row.edited && <span class="tag">{events.edited}</span>}
        </span>
        <span class="line-details">{row.details}</span>
      </span>
      <Verdict row={row} />
    </>
  )
}

/** On a narrow screen what was asked for lies below the list; on others its end may lie below the fold. */
function showInspector(): void {
  if (matchMedia('(max-width: 1020px)').matches)
    document.querySelector('.inspector')?.scrollIntoView({ block: 'start' })
  else
    requestAnimationFrame(() =>
      document
        .querySelector('.inspector .because, .inspector .reading, .inspector .verdict-long')
        ?.scrollIntoView({ block: 'nearest' }),
    )
}

export function EventList() {
  const { events: says, verdict } = text.value
  const box = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  const [height, setHeight] = useState(600)
  const [cursor, setCursor] = useState<number | undefined>(undefined)
  /** Where a key led to; the event there is chosen once its line is known. */
  const [awaited, setAwaited] = useState<number | undefined>(undefined)

  const first = Math.max(0, Math.floor(top / LINE) - AHEAD)
  const last = Math.ceil((top + height) / LINE) + AHEAD
  const lines = useRows(
    { day: day.value, words: searchText.value, only: eventFilter.value, latestFirst: workspace.value?.isLive === true },
    first,
    last,
  )
  const fresh = new Set(changedBy.value === 'app' ? workspace.value?.newEvents : [])
  const inView = Array.from({ length: Math.max(0, Math.min(lines.total, last) - first) }, (_, at) => first + at)

  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return undefined
    const observer = new ResizeObserver(() => setHeight(element.clientHeight))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  // Another list begins at its beginning.
  useEffect(() => {
    setCursor(undefined)
    setAwaited(undefined)
    if (box.current !== null) box.current.scrollTop = 0
  }, [day.value, searchText.value, eventFilter.value])

  const awaitedRow = awaited === undefined ? undefined : lines.at(awaited)
  useEffect(() => {
    if (awaitedRow === undefined) return
    setAwaited(undefined)
    void choose(awaitedRow.index)
  }, [awaitedRow])

  const goTo = (position: number) => {
    const element = box.current
    if (element === null || lines.total === 0) return
    const to = Math.min(lines.total - 1, Math.max(0, position))
    setCursor(to)
    if (to * LINE < element.scrollTop) element.scrollTop = to * LINE
    else if ((to + 1) * LINE > element.scrollTop + element.clientHeight)
      element.scrollTop = (to + 1) * LINE - element.clientHeight
    setAwaited(to)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const from = cursor ?? -1
    const page = Math.max(1, Math.floor(height / LINE) - 1)
    const goals: Record<string, number> = {
      ArrowDown: from + 1,
      ArrowUp: from - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: lines.total - 1,
    }
    const goal = goals[event.key]
    if (goal !== undefined) goTo(goal)
    else if (event.key === 'Escape') {
      setAwaited(undefined)
      void choose(undefined)
    } else return
    event.preventDefault()
  }

  const counted = eventSummary.value?.counted
  const notCounted = Object.values(eventSummary.value?.notCounted ?? {}).reduce((sum, count) => sum + count, 0)
  const filters: [EventFilter, string, number | undefined][] = [
    ['all', says.all, undefined],
    ['counted', says.counted, counted],
    ['not-counted', says.notCounted, eventSummary.value && notCounted],
  ]
  // One of the reasons, chosen at a glance, is a part of those not counted.
  const pressed = eventFilter.value === 'all' || eventFilter.value === 'counted' ? eventFilter.value : 'not-counted'
  return (
    <section class="card events" aria-labelledby="events-title" data-view="events">
      <div class="card-head">
        <h2 id="events-title">{says.title}</h2>
        <p class="soft small" role="status">
          {lines.isKnown
            ? says.found(lines.total)
            : summaryFailure.value === undefined
              ? verdict.looking
              : verdict.untold}
        </p>
      </div>
      <div class="filters">
        <label class="search">
          <span class="unseen">{says.search}</span>
          <Icon name="search" />
          <input
            class="input"
            type="search"
            placeholder={says.search}
            value={searchText.value}
            onInput={(event) => {
              searchText.value = event.currentTarget.value
            }}
          />
        </label>
        <fieldset class="choice">
          <legend class="unseen">{says.show}</legend>
          <span class="segments">
            {filters.map(([value, name, count]) => (
              <label key={value} class="segment">
                <input
                  type="radio"
                  name="only"
                  value={value}
                  checked={pressed === value}
                  onClick={() => {
                    eventFilter.value = value
                  }}
                  onChange={() => {
                    eventFilter.value = value
                  }}
                />
                <span>
                  {name}
                  {count !== undefined && <span class="count">{showNumber(count)}</span>}
                </span>
              </label>
            ))}
          </span>
        </fieldset>
      </div>
      {pressed !== eventFilter.value && (
        <p class="only-this">
          {text.value.short[eventFilter.value as NotCountedReason]}
          <button
            class="link"
            type="button"
            onClick={() => {
              eventFilter.value = pressed
            }}
          >
            {says.allNotCounted}
          </button>
        </p>
      )}
      {lines.isKnown && lines.total === 0 && (
        <div class="empty">
          <p>{workspace.value?.events === 0 ? says.empty : says.none}</p>
          {workspace.value?.events !== 0 && <p class="soft">{says.noneAbout}</p>}
        </div>
      )}
      <div
        class="lines"
        ref={box}
        role="listbox"
        tabIndex={0}
        aria-label={says.title}
        hidden={lines.isKnown && lines.total === 0}
        aria-activedescendant={cursor === undefined ? undefined : `line-${cursor}`}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
        onKeyDown={onKeyDown}
      >
        <div class="lines-all" role="presentation" style={{ height: `${Math.min(HIGHEST, lines.total * LINE)}px` }}>
          {inView.map((position) => {
            const row = lines.at(position)
            return (
              // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and names its active line
              // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys
              <div
                key={position}
                id={`line-${position}`}
                class={`line${row?.firstOfDay ? ' first' : ''}${row !== undefined && fresh.has(row.index) ? ' fresh' : ''}`}
                role="option"
                aria-selected={row !== undefined && row.index === chosenEvent.value}
                aria-setsize={lines.total}
                aria-posinset={position + 1}
                style={{ transform: `translateY(${position * LINE}px)` }}
                onClick={() => {
                  setCursor(position)
                  setAwaited(undefined)
                  if (row !== undefined) void choose(row.index).then(showInspector)
                }}
              >
                {row === undefined ? <span class="line-what">…</span> : <Line row={row} />}
              </div>
            )
          })}
        </div>
      </div>
    </section>
  )
}

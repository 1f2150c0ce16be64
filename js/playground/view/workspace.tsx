// The page with an open workspace.

import { useEffect, useState } from 'preact/hooks'
import { focusOn } from '../state/focus.ts'
import { saveLive } from '../state/local-stack.ts'
import { showNumber, text } from '../state/settings.ts'
import {
  add,
  busy,
  catalogOpen,
  chosenEvent,
  close,
  day,
  eventSummary,
  fail,
  indicator,
  openOtherHome,
  outcome,
  undo,
  VIEWS,
  view,
  workspace,
} from '../state/state.ts'
import { ask } from '../state/worker-client.ts'
import { CatalogEditor } from './catalog.tsx'
import { Changes } from './changes.tsx'
import { EventList } from './event-list.tsx'
import { Icon } from './icons.tsx'
import { Inspector, ONE_BESIDE } from './inspector.tsx'
import { Results } from './results.tsx'
import { RuleBar } from './rules.tsx'
import { Timeline } from './timeline.tsx'

async function download(name: string): Promise<void> {
  const { file } = await ask('save', undefined)
  const url = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = url
  link.download = /\.\w+$/.test(name) ? name : `${name}.json`
  link.click()
  URL.revokeObjectURL(url)
}

/** An event of the day looked at, or of the last one. */
function newEvent(): string {
  const on =
    day.value
    ?? outcome.value?.measures.at(-1)?.startDate
    ?? eventSummary.value?.days.at(-1)?.day
    ?? new Date().toISOString().slice(0, 10)
  return JSON.stringify(
    {
      _id: `playground-${crypto.randomUUID()}`,
      type: 'NavigationEvent',
      target: 'consumption',
      context: null,
      result: null,
      startDate: null,
      eventDate: `${on}T12:00:00.000Z`,
      aggregated: false,
    },
    null,
    2,
  )
}

/** Which of several homes lies open. */
function Among({ at, count }: { at: number; count: number }) {
  const says = text.value.source
  return (
    <label class="among">
      <span>{says.among(count)}</span>
      <input
        class="input"
        type="number"
        min={1}
        max={count}
        value={at + 1}
        onChange={(event) => {
          const wanted = Math.round(Number(event.currentTarget.value)) - 1
          if (wanted >= 0 && wanted < count && wanted !== at) void openOtherHome(wanted)
          else event.currentTarget.value = String(at + 1)
        }}
      />
      <button
        class="button small-button"
        type="button"
        disabled={at === 0}
        aria-label={says.previousHome}
        onClick={() => void openOtherHome(at - 1)}
      >
        ‹
      </button>
      <button
        class="button small-button"
        type="button"
        disabled={at === count - 1}
        aria-label={says.nextHome}
        onClick={() => void openOtherHome(at + 1)}
      >
        ›
      </button>
    </label>
  )
}

function SourceBar() {
  const says = text.value.source
  const { name = '', kind, isLive = false, events = 0, others = {}, changes = 0, among } = workspace.value ?? {}
  const documents = Object.values(others).reduce((sum, count) => sum + count, 0)
  return (
    <div class="source">
      <div class="source-what">
        <h1>
          {isLive && <Icon name="live" />}
          {name}
        </h1>
        <p class="soft small">
          <span class="tag">{kind === 'home' ? says.home : says.events}</span>
          {says.count(events)}
          {documents > 0 && ` · ${says.documents(documents)}`}
          {' · '}
          <span role="status">
            {busy.value ? says.computing : outcome.value !== undefined && says.computed(outcome.value.millis)}
          </span>
        </p>
      </div>
      <div class="row">
        {among !== undefined && <Among {...among} />}
        {changes > 0 && (
          <button class="button" type="button" onClick={() => void undo()}>
            <Icon name="undo" />
            {says.undo}
            <span class="count">{showNumber(changes)}</span>
          </button>
        )}
        {changes > 0 && isLive && (
          <button class="button primary" type="button" onClick={() => void saveLive()}>
            <Icon name="live" />
            {says.saveLive}
          </button>
        )}
        <button class="button" type="button" onClick={() => void add(newEvent())}>
          <Icon name="plus" />
          {says.addEvent}
        </button>
        <button class="button" type="button" onClick={() => void download(name).catch(fail('compute'))}>
          <Icon name="down" />
          {says.download}
        </button>
        <button
          class="button"
          type="button"
          onClick={() => {
            close()
            focusOn('#content')
          }}
        >
          <Icon name="file" />
          {says.another}
        </button>
      </div>
    </div>
  )
}

/** Whether the screen is as wide as that, now. */
function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches)
  useEffect(() => {
    const media = matchMedia(query)
    const look = () => setMatches(media.matches)
    media.addEventListener('change', look)
    return () => media.removeEventListener('change', look)
  }, [query])
  return matches
}

/** Which part a narrow screen shows; a wide one shows all of them. */
function Sections() {
  const { page, events, results, rules } = text.value
  const names = { events: events.title, results: results.title, rules: rules.title }
  return (
    <nav class="sections" aria-label={page.sections}>
      {VIEWS.map((name) => (
        <button
          key={name}
          type="button"
          aria-current={view.value === name ? 'page' : undefined}
          onClick={() => {
            view.value = name
          }}
        >
          {names[name]}
        </button>
      ))}
    </nav>
  )
}

export function WorkspaceView() {
  // What became of an event stands beside the list, where there is room for one thing beside it.
  const isBeside = useMedia(ONE_BESIDE) && chosenEvent.value !== undefined
  return (
    <div class="workspace" data-shows={view.value}>
      <SourceBar />
      <RuleBar />
      {catalogOpen.value && <CatalogEditor key={indicator.value} />}
      <Changes />
      <Timeline />
      <div class="columns">
        <div class="column-events">
          <EventList />
          {!isBeside && <Inspector />}
        </div>
        <div class="column-results">
          {isBeside && <Inspector />}
          <Results />
        </div>
      </div>
      <Sections />
    </div>
  )
}

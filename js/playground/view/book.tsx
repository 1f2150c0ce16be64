// The page with something open in it.

import { ask } from '../engine.ts'
import { focusOn } from '../focus.ts'
import { saveLive } from '../live.ts'
import { showNumber, text } from '../settings.ts'
import { add, book, busy, catalogOpen, close, day, fail, indicator, outcome, told, undo, VIEWS, view } from '../state.ts'
import { CatalogEditor } from './catalog.tsx'
import { Changes } from './changes.tsx'
import { EventList } from './event-list.tsx'
import { Icon } from './icons.tsx'
import { Inspector } from './inspector.tsx'
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
  const on = day.value ?? outcome.value?.measures.at(-1)?.startDate ?? told.value?.days.at(-1)?.day ?? new Date().toISOString().slice(0, 10)
  return JSON.stringify({
    _id: `playground-${crypto.randomUUID()}`, type: 'NavigationEvent', target: 'consumption', context: null, result: null,
    startDate: null, eventDate: `${on}T12:00:00.000Z`, aggregated: false,
  }, null, 2)
}

function SourceBar() {
  const says = text.value.source
  const { name = '', kind, isLive = false, events = 0, others = {}, changes = 0 } = book.value ?? {}
  const documents = Object.values(others).reduce((sum, count) => sum + count, 0)
  return (
    <div class="source">
      <div class="source-what">
        <h1>{isLive && <Icon name="live" />}{name}</h1>
        <p class="soft small">
          <span class="tag">{kind === 'home' ? says.home : says.events}</span>
          {says.count(events)}
          {documents > 0 && ` · ${says.documents(documents)}`}
          {' · '}
          <span role="status">{busy.value ? says.computing : outcome.value !== undefined && says.computed(outcome.value.millis)}</span>
        </p>
      </div>
      <div class="row">
        {changes > 0 && (
          <button class="button" type="button" onClick={() => void undo()}>
            <Icon name="undo" />{says.undo}<span class="count">{showNumber(changes)}</span>
          </button>
        )}
        {changes > 0 && isLive && (
          <button class="button primary" type="button" onClick={() => void saveLive()}><Icon name="live" />{says.saveLive}</button>
        )}
        <button class="button" type="button" onClick={() => void add(newEvent())}><Icon name="plus" />{says.addEvent}</button>
        <button class="button" type="button" onClick={() => void download(name).catch(fail('compute'))}><Icon name="down" />{says.download}</button>
        <button class="button" type="button" onClick={() => {
          close()
          focusOn('#content')
        }}><Icon name="file" />{says.another}</button>
      </div>
    </div>
  )
}

/** Which part a narrow screen shows; a wide one shows all of them. */
function Sections() {
  const { page, events, results, rules } = text.value
  const names = { events: events.title, results: results.title, rules: rules.title }
  return (
    <nav class="sections" aria-label={page.sections}>
      {VIEWS.map((name) => (
        <button key={name} type="button" aria-current={view.value === name ? 'page' : undefined} onClick={() => { view.value = name }}>
          {names[name]}
        </button>
      ))}
    </nav>
  )
}

export function OpenBook() {
  return (
    <div class="book" data-shows={view.value}>
      <SourceBar />
      <RuleBar />
      {catalogOpen.value && <CatalogEditor key={indicator.value} />}
      <Changes />
      <Timeline />
      <div class="columns">
        <div class="column-events">
          <EventList />
          <Inspector />
        </div>
        <Results />
      </div>
      <Sections />
    </div>
  )
}

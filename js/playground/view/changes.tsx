// What the last change did, cell by cell.

import { useEffect, useState } from 'preact/hooks'
import type { EventRow } from '../protocol/protocol.ts'
import { focusOn } from '../state/focus.ts'
import type { Difference } from '../state/measure-diff.ts'
import { showDay, text } from '../state/settings.ts'
import { changedBy, changes, choose, fail, indicator, measure, revision, tab, view, workspace } from '../state/state.ts'
import { ask } from '../state/worker-client.ts'
import { closeInspectorOver } from './inspector.tsx'
import { titleOf, Value } from './value.tsx'

/** As many as are read at a glance. */
const SHOWN = 6

const SIGNS = { added: '+', removed: '−', changed: '→' } as const

function lookAt({ kind, measure: found }: Difference): void {
  indicator.value = found.measureName
  measure.value = kind === 'removed' ? undefined : found
  closeInspectorOver()
  tab.value = 'indicators'
  view.value = 'results'
  focusOn('.detail h3')
}

/** As many new events as are named; the list has all. */
const SHOWN_NEWS = 3

/** What the app has just recorded, to be looked at. */
function News() {
  const indexes = changedBy.value === 'app' ? (workspace.value?.newEvents ?? []) : []
  const wanted = indexes.slice(-SHOWN_NEWS).reverse()
  const [rows, setRows] = useState<EventRow[]>([])
  const now = revision.value
  useEffect(() => {
    if (wanted.length > 0) void ask('some', { indexes: wanted }).then(setRows, fail('compute'))
    else setRows([])
  }, [now, wanted.join()])
  const says = text.value
  return (
    <>
      {rows.map((row) => (
        <li key={row.index}>
          <button
            type="button"
            class="difference new-event"
            onClick={() => {
              view.value = 'events'
              void choose(row.index).then(() => focusOn('#inspector-title'))
            }}
          >
            <span class={`dot fill-${row.kind}`} />
            <span class="difference-name">{row.type ?? says.events.noType}</span>
            <span class="soft">
              {row.day !== undefined && showDay(row.day)} {row.time} {row.details}
            </span>
            <span class={row.why === undefined ? 'good' : 'bad'}>
              {row.why === undefined ? says.verdict.counted : says.short[row.why]}
            </span>
          </button>
        </li>
      ))}
    </>
  )
}

export function Changes() {
  const says = text.value.changes
  const title = changedBy.value === 'you' ? says.title : says.byApp(workspace.value?.newEvents.length ?? 0)
  const found = changes.value
  const count = (kind: Difference['kind']) => (found ?? []).filter((difference) => difference.kind === kind).length
  const [added, removed, changed] = [count('added'), count('removed'), count('changed')]
  return (
    <section class={`changes${found === undefined ? ' nothing' : ''}`} aria-label={title}>
      <div role="status">
        {found !== undefined && (
          <p class="changes-summary">
            <span class="changes-title">{title}</span>
            <strong>{found.length === 0 ? says.nothing : says.summary(added, removed, changed)}</strong>
          </p>
        )}
      </div>
      {found !== undefined && (
        <>
          <ul class="differences">
            <News />
            {found.slice(0, SHOWN).map((difference) => (
              <li key={JSON.stringify(difference)}>
                <button type="button" class={`difference ${difference.kind}`} onClick={() => lookAt(difference)}>
                  <span class="sign" aria-hidden="true">
                    {SIGNS[difference.kind]}
                  </span>
                  <span class="unseen">{says[difference.kind]} </span>
                  <span class="difference-name">{titleOf(difference.measure.measureName)}</span>
                  <Value measure={difference.measure} before={difference.before} />
                </button>
              </li>
            ))}
            {found.length > SHOWN && <li class="soft small">{says.more(found.length - SHOWN)}</li>}
          </ul>
          <button
            class="button small-button"
            type="button"
            onClick={() => {
              changes.value = undefined
              focusOn('#content')
            }}
          >
            {says.dismiss}
          </button>
        </>
      )}
    </section>
  )
}

// What the last change did, cell by cell.

import type { Difference } from '../diff.ts'
import { focusOn } from '../focus.ts'
import { text } from '../settings.ts'
import { changes, indicator, measure, tab, view } from '../state.ts'
import { titleOf, Value } from './value.tsx'

/** As many as are read at a glance. */
const SHOWN = 6

const SIGNS = { added: '+', removed: '−', changed: '→' } as const

function lookAt({ kind, measure: found }: Difference): void {
  indicator.value = found.measureName
  measure.value = kind === 'removed' ? undefined : found
  tab.value = 'indicators'
  view.value = 'results'
  focusOn('.detail h3')
}

export function Changes() {
  const says = text.value.changes
  const found = changes.value
  const count = (kind: Difference['kind']) => (found ?? []).filter((difference) => difference.kind === kind).length
  const [added, removed, changed] = [count('added'), count('removed'), count('changed')]
  return (
    <section class={`changes${found === undefined ? ' nothing' : ''}`} aria-label={says.title}>
      <div role="status">
        {found !== undefined && (
          <p class="changes-summary">
            <span class="changes-title">{says.title}</span>
            <strong>{found.length === 0 ? says.nothing : says.summary(added, removed, changed)}</strong>
          </p>
        )}
      </div>
      {found !== undefined && (
        <>
          <ul class="differences">
            {found.slice(0, SHOWN).map((difference) => (
              <li key={JSON.stringify(difference)}>
                <button type="button" class={`difference ${difference.kind}`} onClick={() => lookAt(difference)}>
                  <span class="sign" aria-hidden="true">{SIGNS[difference.kind]}</span>
                  <span class="unseen">{says[difference.kind]} </span>
                  <span class="difference-name">{titleOf(difference.measure.measureName)}</span>
                  <Value measure={difference.measure} before={difference.before} />
                </button>
              </li>
            ))}
            {found.length > SHOWN && <li class="soft small">{says.more(found.length - SHOWN)}</li>}
          </ul>
          <button class="button small-button" type="button" onClick={() => {
            changes.value = undefined
            focusOn('#content')
          }}>{says.dismiss}</button>
        </>
      )}
    </section>
  )
}

// One indicator: its values as a table, and for one of them what leaves the
// home and which events made it.

import { Fragment } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Measure } from '../../types/index.d.ts'
import type { EventRow } from '../protocol/protocol.ts'
import { focusOn } from '../state/focus.ts'
import { text } from '../state/settings.ts'
import {
  catalogOpen,
  changes,
  choose,
  fail,
  indicator,
  measure,
  revision,
  shownMeasures,
  view,
} from '../state/state.ts'
import { ask } from '../state/worker-client.ts'
import { Bars } from './bars.tsx'
import { Line } from './event-list.tsx'
import { Icon } from './icons.tsx'
import { Payload } from './payloads.tsx'
import { Groups, showDate, showValue, titleOf, wordsOf } from './value.tsx'

/** Lines of the table at first, and with every press of the button. */
const SOME = 50

function MadeOf({ measure }: { measure: Measure }) {
  const says = text.value.results
  const [rows, setRows] = useState<EventRow[]>([])
  const now = revision.value
  useEffect(() => {
    void ask('madeOf', { measure }).then(setRows, fail('compute'))
  }, [measure, now])
  if (rows.length === 0) return null
  return (
    <div>
      <h4>{says.madeOf}</h4>
      <ul class="made-of">
        {rows.slice(0, SOME).map((row) => (
          <li key={row.index}>
            <button
              type="button"
              class="line"
              onClick={() => {
                view.value = 'events'
                void choose(row.index).then(() => focusOn('#inspector-title'))
              }}
            >
              <Line row={row} />
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Chosen({ measure }: { measure: Measure }) {
  return (
    <tr class="chosen">
      <td colSpan={3}>
        <div class="chosen-measure">
          <h4>{text.value.results.payload}</h4>
          <Payload measure={measure} />
          <MadeOf measure={measure} />
        </div>
      </td>
    </tr>
  )
}

export function Detail({ name }: { name: string }) {
  const says = text.value.results
  const [count, setCount] = useState(SOME)
  const measures = shownMeasures.value.filter(({ measureName }) => measureName === name)
  const { about, purpose } = wordsOf(name)
  const news = new Set((changes.value ?? []).map(({ measure }) => JSON.stringify(measure)))
  const isChosen = (found: Measure) => JSON.stringify(found) === JSON.stringify(measure.value)
  return (
    <div class="detail">
      <div class="row">
        <button
          class="button small-button"
          type="button"
          onClick={() => {
            indicator.value = undefined
            focusOn(`[data-indicator="${name}"]`)
          }}
        >
          <Icon name="back" />
          {says.back}
        </button>
        <button
          class="button small-button"
          type="button"
          onClick={() => {
            catalogOpen.value = true
          }}
        >
          {text.value.catalog.editThis}
        </button>
      </div>
      <h3 tabIndex={-1}>{titleOf(name)}</h3>
      <p class="indicator-name">{name}</p>
      <p>{about}</p>
      <p class="soft small">{says.purpose(purpose)}</p>
      {measures.length > 1 && <Bars name={name} measures={measures} />}
      {measures.length === 0 ? (
        <p class="empty">{says.noMeasure}</p>
      ) : (
        <table class="cells">
          <thead>
            <tr>
              <th scope="col">{says.date}</th>
              <th scope="col">{says.groups}</th>
              <th scope="col" class="number">
                {says.value}
              </th>
            </tr>
          </thead>
          <tbody>
            {measures.slice(0, count).map((found) => (
              <Fragment key={JSON.stringify(found)}>
                <tr class={`${isChosen(found) ? 'chosen' : ''}${news.has(JSON.stringify(found)) ? ' changed' : ''}`}>
                  <td>
                    <button
                      class="link"
                      type="button"
                      aria-expanded={isChosen(found)}
                      onClick={() => {
                        measure.value = isChosen(found) ? undefined : found
                      }}
                    >
                      {showDate(found)}
                    </button>
                  </td>
                  <td>
                    <Groups measure={found} />
                  </td>
                  <td class="number">{showValue(name, found.value)}</td>
                </tr>
                {isChosen(found) && <Chosen measure={found} />}
              </Fragment>
            ))}
          </tbody>
        </table>
      )}
      {measures.length > count && (
        <button class="button" type="button" onClick={() => setCount(count + SOME)}>
          {says.showMore(Math.min(SOME, measures.length - count))}
        </button>
      )}
    </div>
  )
}

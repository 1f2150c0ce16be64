// What the server makes of it: what it would publish, and what stays hidden
// because too few homes stand behind it.

import { useState } from 'preact/hooks'
import type { Measure } from '../../types/index.d.ts'
import {
  type Aggregated,
  addNeighbours,
  aggregates,
  FAULTS,
  type Fault,
  failed,
  isSent,
  neighbourhood,
  notAccepted,
  send,
  sending,
  sent,
  setFaults,
  stack,
} from '../state/local-stack.ts'
import { groupsOf } from '../state/measure-diff.ts'
import { showDay, showMonth, showNumber, text } from '../state/settings.ts'
import { shownMeasures } from '../state/state.ts'
import { Icon } from './icons.tsx'
import { Groups, showDate, showValue, titleOf } from './value.tsx'

const SOME = 60

const NEIGHBOURS = 4

function Meter({ count, threshold }: { count: number; threshold: number }) {
  const says = text.value.server
  return (
    <span class="meter" role="img" aria-label={says.contributions(count, threshold)}>
      {Array.from({ length: threshold }, (_, at) => (
        <span key={at} class={at < count ? 'full' : ''} />
      ))}
      {count > threshold && (
        <span class="meter-more" aria-hidden="true">
          {showNumber(count)}
        </span>
      )}
    </span>
  )
}

const asMeasure = (cell: Aggregated): Measure => ({ ...cell, createdBy: '', value: 0 })

function Figures({ cell }: { cell: Aggregated }) {
  const says = text.value.server
  const figure = (name: string) => {
    const value = cell.aggregate?.[name]
    return typeof value === 'number' ? showValue(cell.measureName, value) : undefined
  }
  if (!cell.published)
    return (
      <span class="state hidden">
        <Icon name="eyeOff" />
        {says.hidden}
      </span>
    )
  return (
    <span class="state published">
      <Icon name="eye" />
      {says.published}
      <span class="soft small">
        {says.average} {figure('avg')}
      </span>
    </span>
  )
}

function Cells() {
  const says = text.value.server
  const [count, setCount] = useState(SOME)
  // Only those of the measures in view: they are what was asked about.
  const keyOf = (measure: Measure) => JSON.stringify([measure.measureName, measure.startDate, groupsOf(measure)])
  const mine = new Set(shownMeasures.value.map(keyOf))
  const cells = aggregates.value.filter((cell) => mine.has(keyOf(asMeasure(cell)))).sort((a, b) => b.count - a.count)
  if (aggregates.value.length === 0) return <p class="empty">{says.nothingYet}</p>
  if (cells.length === 0) return <p class="empty">{says.noneOfThese}</p>
  const published = cells.filter((cell) => cell.published).length
  return (
    <>
      <div class="published-bar">
        <strong>{says.publishedOf(published, cells.length)}</strong>
        <span class="share-bar">
          <span style={{ width: `${(published / cells.length) * 100}%` }} />
        </span>
      </div>
      <table class="cells">
        <thead>
          <tr>
            <th scope="col">{says.indicator}</th>
            <th scope="col">{text.value.results.groups}</th>
            <th scope="col">{says.homes}</th>
            <th scope="col">{says.seen}</th>
          </tr>
        </thead>
        <tbody>
          {cells.slice(0, count).map((cell) => (
            <tr key={keyOf(asMeasure(cell))} class={cell.published ? 'is-published' : 'is-hidden'}>
              <td>
                {titleOf(cell.measureName)}
                <br />
                <span class="soft small">{showDate(asMeasure(cell))}</span>
              </td>
              <td>
                <Groups measure={asMeasure(cell)} />
              </td>
              <td>
                <Meter count={cell.count} threshold={cell.threshold} />
              </td>
              <td>
                <Figures cell={cell} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {cells.length > count && (
        <button class="button" type="button" onClick={() => setCount(count + SOME)}>
          {text.value.results.showMore(Math.min(SOME, cells.length - count))}
        </button>
      )}
    </>
  )
}

/** What became of how many measures. */
function Outcomes() {
  const says = text.value.server
  const answers = [...sent.value, ...notAccepted.value]
  if (answers.length === 0) return null
  const outcomes = [
    [['sent'], says.sent],
    [['refused'], says.refused],
    [['held'], says.held],
    [['unknown'], says.unknown],
    [['not-yet', 'not-now'], says.turnedAway],
  ] as const
  const count = (which: readonly string[]) => answers.filter(({ outcome }) => which.includes(outcome)).length
  return (
    <ul class="outcomes">
      {outcomes
        .filter(([which]) => count(which) > 0)
        .map(([which, say]) => (
          <li key={which[0]} class={which[0] === 'sent' ? 'good' : 'bad'}>
            {say(count(which))}
          </li>
        ))}
    </ul>
  )
}

/** Of what was not taken, each sentence once. */
function Refusals() {
  const answers = [...sent.value, ...notAccepted.value]
  const sentences = new Set(answers.filter(({ outcome }) => outcome !== 'sent').map(({ sentence }) => sentence))
  return (
    <ul class="refusals">
      {[...sentences].map((sentence) => (
        <li key={sentence} class="bad small">
          {sentence}
        </li>
      ))}
    </ul>
  )
}

/** Said also where no cell in view changed by it. */
function Neighbourhood() {
  const says = text.value.server
  if (neighbourhood.value === undefined) return null
  const {
    added,
    neighbours,
    measures,
    period: { from, to, months },
  } = neighbourhood.value
  const days = from === to ? showDay(from) : says.through(showDay(from), showDay(to))
  return (
    <p class="neighbourhood">
      {says.neighboursSent(added, measures, [days, ...months.map(showMonth)].join('; '), neighbours)}
    </p>
  )
}

function FaultSwitch() {
  const says = text.value.server
  const { latency, rules } = stack.value?.faults ?? { latency: 0, rules: [] }
  const fault = rules.find(({ at }) => at === 'dacc')?.kind ?? ''
  const turn = (latency: number, fault: string) =>
    void setFaults({ latency, rules: fault === '' ? [] : [{ kind: fault as Fault, at: 'dacc' }] })
  return (
    <details class="faults">
      <summary>{says.faults}</summary>
      <p class="soft small">{says.faultsAbout}</p>
      <div class="row">
        <label class="field">
          <span class="field-name">{says.fault}</span>
          <select class="input" value={fault} onChange={(event) => turn(latency, event.currentTarget.value)}>
            <option value="">{says.noFault}</option>
            {FAULTS.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span class="field-name">{says.latency}</span>
          <input
            class="input"
            type="number"
            min={0}
            max={60000}
            step={100}
            value={latency}
            onChange={(event) => turn(Number(event.currentTarget.value), fault)}
          />
        </label>
      </div>
    </details>
  )
}

export function Server() {
  const says = text.value.server
  if (stack.value === undefined) {
    return (
      <div class="empty">
        <Icon name="server" />
        <p>{says.none}</p>
        <p class="soft">{says.noneAbout}</p>
        <code class="command">node pkg/bin/dacc.mjs dev</code>
      </div>
    )
  }
  const measures = shownMeasures.value
  const waiting = measures.filter((measure) => !isSent(measure))
  const { threshold, mode } = stack.value.dacc
  return (
    <div class="server">
      <p>
        {says.threshold(threshold)} <span class="tag">{says.mode(mode)}</span>
      </p>
      <div class="row">
        <button
          class="button primary"
          type="button"
          disabled={waiting.length === 0 || sending.value !== undefined}
          onClick={() => void send(measures)}
        >
          <Icon name="up" />
          {sending.value === undefined
            ? waiting.length === 0 && measures.length > 0
              ? says.everythingSent
              : says.send(waiting.length)
            : says.sending(sending.value.done, sending.value.of)}
        </button>
        <button class="button" type="button" onClick={() => void addNeighbours(NEIGHBOURS, measures)}>
          <Icon name="plus" />
          {says.neighbours(NEIGHBOURS)}
        </button>
      </div>
      <div role="status">
        <Outcomes />
        {measures.length > 0 && waiting.length === 0 && <p class="soft small">{says.allSent}</p>}
        <Neighbourhood />
        {failed.value !== undefined && <p class="bad">{failed.value}</p>}
      </div>
      <Refusals />
      <Cells />
      <FaultSwitch />
    </div>
  )
}

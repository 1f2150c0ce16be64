// The indicators: a card each, with a picture of its values.

import type { Measure } from '../../index.d.ts'
import { groupsOf } from '../diff.ts'
import { focusOn } from '../focus.ts'
import { showNumber, text } from '../settings.ts'
import { book, changes, day, indicator, measure, monthlyNames, outcome, rules, shown, told } from '../state.ts'
import { Detail } from './detail.tsx'
import { showValue, titleOf } from './value.tsx'

/** Groups named on a card; the others are in its detail. */
const GROUPS = 4

interface Share {
  /** What tells it from the others. */
  name: string
  /** All of its groups. */
  whole: string
  value: number
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)

const kindOf = (name: string) =>
  outcome.value?.catalog.indicators.find((definition) => definition.name === name)?.value.kind

/** Values that are added up; of others only a mean makes sense. */
const isAddable = (name: string) => kindOf(name) === 'count'

/** Several values as one. */
function together(name: string, values: number[]): number {
  if (values.length === 0) return 0
  return isAddable(name) ? sum(values) : sum(values) / values.length
}

/** The values of measures that have something in common. */
function collected(measures: Measure[], keyOf: (measure: Measure) => string): Map<string, number[]> {
  const values = new Map<string, number[]>()
  for (const measure of measures) {
    const key = keyOf(measure)
    const known = values.get(key)
    if (known === undefined) values.set(key, [measure.value])
    else known.push(measure.value)
  }
  return values
}

/** The values by their groups, the greatest first; what all have in common tells none from another. */
function shares(name: string, measures: Measure[]): Share[] {
  const found = [...collected(measures, (measure) => JSON.stringify(groupsOf(measure).map(([, value]) => value)))]
    .map(([key, values]) => ({ groups: JSON.parse(key) as string[], value: together(name, values) }))
    .sort((a, b) => b.value - a.value)
  const differs = (at: number) => found.some(({ groups }) => groups[at] !== found[0]?.groups[at])
  return found.map(({ groups, value }) => {
    const telling = found.length > 1 ? groups.filter((_, at) => differs(at)) : groups
    return { name: telling.join(' · '), whole: groups.join(' · '), value }
  })
}

/** Values over time as bars, on the days of the timeline; below zero they hang. */
export function Bars({ name, measures }: { name: string; measures: Measure[] }) {
  const isMonthly = monthlyNames.value.has(name)
  const dates = isMonthly
    ? (outcome.value?.months.map((month) => `${month}-01`) ?? [])
    : (told.value?.days.map(({ day }) => day) ?? [])
  const byDate = collected(measures, ({ startDate }) => startDate)
  const values = dates.map((date) => together(name, byDate.get(date) ?? []))
  const most = Math.max(0, ...values)
  const span = most - Math.min(0, ...values) || 1
  const zero = (most / span) * 100
  const width = values.length < 150 ? 0.76 : 1
  const path = values
    .map((value, at) => {
      if (!byDate.has(dates[at] ?? '')) return ''
      const height = Math.max(2, (Math.abs(value) / span) * 100)
      const y = value >= 0 ? Math.max(0, zero - height) : zero
      return `M${at + (1 - width) / 2} ${y.toFixed(1)}h${width}v${height.toFixed(1)}h${-width}z`
    })
    .join('')
  // A few values keep the width they would have among many.
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${Math.max(isMonthly ? 12 : 1, values.length)} 100`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={path} />
      <path class="spark-zero" d={`M0 ${zero.toFixed(1)}H${values.length}`} />
    </svg>
  )
}

function Card({ name, measures }: { name: string; measures: Measure[] }) {
  const { results, changes: words } = text.value
  const news = (changes.value ?? []).filter(({ measure }) => measure.measureName === name)
  const found = shares(name, measures)
  const most = Math.max(...found.map(({ value }) => Math.abs(value)), 0.01)
  const hasGroups = found.some(({ name }) => name !== '')
  // A mean of electricity and gas says nothing.
  const hasHeadline = found.length === 1 || kindOf(name) !== 'snapshot'
  const isOverTime = new Set(measures.map(({ startDate }) => startDate)).size > 1
  return (
    <li>
      <button
        type="button"
        class={`indicator${measures.length === 0 ? ' silent' : ''}${news.length > 0 ? ' changed' : ''}`}
        data-indicator={name}
        onClick={() => {
          indicator.value = name
          measure.value = undefined
          focusOn('.detail h3')
        }}
      >
        <span class="indicator-head">
          <span class="indicator-title">{titleOf(name)}</span>
          {news.length > 0 && (
            <span class="badge">
              {words.summary(
                ...((['added', 'removed', 'changed'] as const).map(
                  (kind) => news.filter((difference) => difference.kind === kind).length,
                ) as [number, number, number]),
              )}
            </span>
          )}
        </span>
        <span class="indicator-name">{name}</span>
        {measures.length === 0 ? (
          <span class="soft small">{whyNone(name) ?? results.noMeasure}</span>
        ) : (
          <>
            <span class="indicator-figures">
              {hasHeadline && (
                <span class="headline">
                  {showValue(
                    name,
                    together(
                      name,
                      measures.map(({ value }) => value),
                    ),
                  )}
                </span>
              )}
              <span class="soft small">
                {hasHeadline && !isAddable(name) && measures.length > 1 && `${results.mean} · `}
                {results.measures(measures.length)}
              </span>
            </span>
            {isOverTime && <Bars name={name} measures={measures} />}
            {hasGroups && (
              <span class="shares">
                {found.slice(0, GROUPS).map((share) => (
                  <span key={share.whole} class="share" title={share.whole}>
                    <span class="share-name">{share.name}</span>
                    <span class="share-bar">
                      <span
                        class={share.value < 0 ? 'below' : ''}
                        style={{ width: `${(Math.abs(share.value) / most) * 100}%` }}
                      />
                    </span>
                    <span class="share-value">{showValue(name, share.value)}</span>
                  </span>
                ))}
                {found.length > GROUPS && <span class="soft small">+ {showNumber(found.length - GROUPS)}</span>}
              </span>
            )}
          </>
        )}
      </button>
    </li>
  )
}

/** Events alone have no profile and no loads. */
function whyNone(name: string): string | undefined {
  return book.value?.kind === 'events' && kindOf(name) === 'snapshot' ? text.value.results.needsHome : undefined
}

export function Indicators() {
  const says = text.value.results
  const definitions = outcome.value?.catalog.indicators ?? []
  if (indicator.value !== undefined && definitions.some(({ name }) => name === indicator.value)) {
    return <Detail name={indicator.value} />
  }
  const of = (wanted: string) => shown.value.filter(({ measureName }) => measureName === wanted)
  return (
    <>
      {outcome.value?.measures.length === 0 && (
        <div class="empty">
          <p>{says.nothing}</p>
          {(rules.value.consent === 'never' || outcome.value.diagnostics['consent-missing'] !== undefined) && (
            <p class="soft">{says.nothingWithoutConsent}</p>
          )}
        </div>
      )}
      {(['day', 'month'] as const).map((period) => (
        <section key={period} aria-labelledby={`period-${period}`}>
          <h3 id={`period-${period}`} class="period">
            {period === 'day' ? says.daily : says.monthly}
          </h3>
          <ul class="indicators">
            {definitions
              .filter((definition) => definition.period === period)
              .map(({ name }) => (
                <Card key={name} name={name} measures={of(name)} />
              ))}
          </ul>
        </section>
      ))}
    </>
  )
}

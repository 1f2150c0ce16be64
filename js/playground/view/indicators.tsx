// The indicators: a card each, with a picture of its values.

import type { Measure } from '../../types/index.d.ts'
import { focusOn } from '../state/focus.ts'
import { groupsOf } from '../state/measure-diff.ts'
import { combine, isAddable, kindOf, valuesBy } from '../state/measure-values.ts'
import { showNumber, text } from '../state/settings.ts'
import { changes, indicator, measure, outcome, rules, shownMeasures, workspace } from '../state/state.ts'
import { Bars } from './bars.tsx'
import { Detail } from './indicator-detail.tsx'
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

/** The values by their groups, the greatest first; what all have in common tells none from another. */
function shares(name: string, measures: Measure[]): Share[] {
  const found = [...valuesBy(measures, (measure) => JSON.stringify(groupsOf(measure).map(([, value]) => value)))]
    .map(([key, values]) => ({ groups: JSON.parse(key) as string[], value: combine(name, values) }))
    .sort((a, b) => b.value - a.value)
  const differs = (at: number) => found.some(({ groups }) => groups[at] !== found[0]?.groups[at])
  return found.map(({ groups, value }) => {
    const telling = found.length > 1 ? groups.filter((_, at) => differs(at)) : groups
    return { name: telling.join(' · '), whole: groups.join(' · '), value }
  })
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
                    combine(
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
  return workspace.value?.kind === 'events' && kindOf(name) === 'snapshot' ? text.value.results.needsHome : undefined
}

export function Indicators() {
  const says = text.value.results
  const definitions = outcome.value?.catalog.indicators ?? []
  if (indicator.value !== undefined && definitions.some(({ name }) => name === indicator.value)) {
    return <Detail name={indicator.value} />
  }
  const of = (wanted: string) => shownMeasures.value.filter(({ measureName }) => measureName === wanted)
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

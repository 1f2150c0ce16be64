// A measure in the words of a person; its payload has the exact ones.

import type { Measure } from '../../types/index.d.ts'
import { groupsOf } from '../state/measure-diff.ts'
import { showDuration, showMonth, showNumber, showShortDay, text } from '../state/settings.ts'
import { monthlyNames, outcome } from '../state/state.ts'

/** The name of an indicator for a person; one of a catalog of their own has only its name. */
export function titleOf(name: string): string {
  const { indicators } = text.value
  return Object.hasOwn(indicators, name) ? indicators[name as keyof typeof indicators].title : name
}

/** What it measures and what for; of a catalog of their own, in its own words. */
export function wordsOf(name: string): { about: string; purpose: string } {
  const { indicators } = text.value
  if (Object.hasOwn(indicators, name)) return indicators[name as keyof typeof indicators]
  const definition = outcome.value?.catalog.indicators.find((definition) => definition.name === name)
  return { about: definition?.description ?? '', purpose: definition?.purpose ?? '' }
}

const isDuration = (name: string) => {
  const kind = outcome.value?.catalog.indicators.find((definition) => definition.name === name)?.value.kind
  return kind === 'session' || kind === 'span'
}

/** A value with its unit, where the indicator has one. */
export function showValue(name: string, value: number): string {
  if (isDuration(name)) return showDuration(value)
  return name === 'consumption-variation-monthly' ? `${value > 0 ? '+' : ''}${showNumber(value)} %` : showNumber(value)
}

export function showDate({ measureName, startDate }: Measure): string {
  return monthlyNames.value.has(measureName) ? showMonth(startDate) : showShortDay(startDate)
}

export function Groups({ measure }: { measure: Measure }) {
  return (
    <span class="groups">
      {groupsOf(measure).map(([key, value]) => (
        <span key={key} class="group" title={key}>
          {value}
        </span>
      ))}
    </span>
  )
}

export function Value({ measure, before }: { measure: Measure; before?: number | undefined }) {
  return (
    <span class="cell">
      <span class="cell-date">{showDate(measure)}</span>
      <Groups measure={measure} />
      <span class="cell-value">
        {before !== undefined && (
          <>
            <s>{showValue(measure.measureName, before)}</s>
            {' → '}
          </>
        )}
        {showValue(measure.measureName, measure.value)}
      </span>
    </span>
  )
}

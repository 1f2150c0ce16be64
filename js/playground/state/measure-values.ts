// Combines the values of several measures of one indicator.

import type { Measure } from '../../types/index.d.ts'
import { outcome } from './state.ts'

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)

/** The kind of value that an indicator has. */
export const kindOf = (name: string) =>
  outcome.value?.catalog.indicators.find((definition) => definition.name === name)?.value.kind

/** Whether values of an indicator are added up; of others only a mean makes sense. */
export const isAddable = (name: string) => kindOf(name) === 'count'

/** Combines several values of an indicator into one. */
export function combine(name: string, values: number[]): number {
  if (values.length === 0) return 0
  return isAddable(name) ? sum(values) : sum(values) / values.length
}

/** The values of measures, by a key. */
export function valuesBy(measures: Measure[], keyOf: (measure: Measure) => string): Map<string, number[]> {
  const values = new Map<string, number[]>()
  for (const measure of measures) {
    const key = keyOf(measure)
    const known = values.get(key)
    if (known === undefined) values.set(key, [measure.value])
    else known.push(measure.value)
  }
  return values
}

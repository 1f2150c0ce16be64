// An outcome as objects, of the table that leaves the module.

import type { Table } from '../pkg/wasm/aggregate/dacc_aggregator.js'
import type { Day, Diagnostics, Measure, Outcome } from './index.d.ts'

const DAY_MILLIS = 86_400_000

/** All of a measure but its date and its value. */
type Series = Omit<Measure, 'startDate' | 'value'>

export function outcomeOf([text, rows]: Table): Outcome {
  const { series, diagnostics } = JSON.parse(text) as { series: readonly Series[]; diagnostics: Diagnostics }
  for (const { group1, group2, group3 } of series) [group1, group2, group3].forEach((group) => Object.freeze(group))
  const measures: Measure[] = []
  let known = NaN
  let date = ''
  for (let at = 0; at < rows.length; at += 3) {
    const day = rows[at + 1]!
    if (day !== known) {
      known = day
      date = dateOf(day)
    }
    measures.push(measureOf(series[rows[at]!]!, date, rows[at + 2]! / 100))
  }
  return { measures, diagnostics }
}

/** One literal for each number of groups: the engine gives all objects of one the same layout. */
function measureOf({ createdBy, measureName, group1, group2, group3 }: Series, startDate: Day, value: number): Measure {
  if (group1 === undefined) return { createdBy, measureName, startDate, value }
  if (group2 === undefined) return { createdBy, measureName, startDate, value, group1 }
  if (group3 === undefined) return { createdBy, measureName, startDate, value, group1, group2 }
  return { createdBy, measureName, startDate, value, group1, group2, group3 }
}

const dateOf = (day: number): Day => new Date(day * DAY_MILLIS).toISOString().slice(0, 10)

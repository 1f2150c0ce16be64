// An outcome as objects, of the table that leaves the module.

import type { Table } from '../pkg/wasm/aggregate/dacc_aggregator.js'
import type { Day, Diagnostics, Measure, Outcome } from './index.d.ts'

/** All of a measure but its date and its value. */
type Series = Omit<Measure, 'startDate' | 'value'>

interface Written {
  readonly series: readonly Series[]
  readonly dates: readonly Day[]
  readonly diagnostics: Diagnostics
}

export function outcomeOf([text, rows]: Table): Outcome {
  const { series, dates, diagnostics } = JSON.parse(text) as Written
  for (const { group1, group2, group3 } of series) [group1, group2, group3].forEach((group) => Object.freeze(group))
  const measures = new Array<Measure>(rows.length / 3)
  for (let place = 0, at = 0; at < rows.length; place += 1, at += 3) {
    measures[place] = measureOf(series[rows[at]!]!, dates[rows[at + 1]!]!, rows[at + 2]! / 100)
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

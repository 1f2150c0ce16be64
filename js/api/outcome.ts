// An outcome as objects, of the table that leaves the module.

import type { Table } from '../../pkg/wasm/aggregate/dacc_aggregator.js'
import type { Day, Diagnostics, Measure, Outcome } from '../types/index.d.ts'

/** All of a measure but its date and its value. */
interface Series {
  readonly createdBy: string
  readonly measureName: string
  readonly group1: Group | undefined
  readonly group2: Group | undefined
  readonly group3: Group | undefined
}

/** A group, which all measures share that have it. */
type Group = Readonly<Record<string, string>>

interface Written {
  readonly names: readonly string[]
  readonly groups: readonly Group[]
  readonly dates: readonly Day[]
  readonly diagnostics: Diagnostics
}

export function outcomeOf([text, parts, rows]: Table): Outcome {
  const { names, groups, dates, diagnostics } = JSON.parse(text) as Written
  for (const group of groups) Object.freeze(group)
  const group = (place: number) => (place < 0 ? undefined : groups[place])
  const series = new Array<Series>(parts.length / 5)
  for (let place = 0, at = 0; at < parts.length; place += 1, at += 5) {
    series[place] = {
      createdBy: names[parts[at]!]!,
      measureName: names[parts[at + 1]!]!,
      group1: group(parts[at + 2]!),
      group2: group(parts[at + 3]!),
      group3: group(parts[at + 4]!),
    }
  }
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

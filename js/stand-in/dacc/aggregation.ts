// Aggregates measures as the DACC does.

import { type Definition, thresholdOf } from './definitions.ts'
import { divideHalfAway, toNumber } from './hundredths.ts'
import type { StoredMeasure } from './measure.ts'

/** The aggregate of one group. */
export interface Aggregate {
  readonly measureName: string
  readonly startDate: string
  readonly createdBy?: string
  readonly group1?: unknown
  readonly group2?: unknown
  readonly group3?: unknown
  readonly sum: number
  readonly count: number
  readonly countNotZero: number
  readonly min: number
  readonly max: number
  readonly avg: number
  readonly std: number
  readonly median?: number
  readonly firstQuartile?: number
  readonly thirdQuartile?: number
}

/** A range of measures; dates are timestamps as stored. */
export interface Range {
  readonly from?: string
  /** Exclusive. */
  readonly to?: string
  readonly createdBy?: string
}

/** The groups of one measureName. */
export interface Groups {
  readonly published: readonly Aggregate[]
  /** Groups below the threshold. */
  readonly hidden: readonly Aggregate[]
  /** Why the aggregation stopped at a measure. */
  readonly blocked?: string
}

/** Aggregates the measures of one definition. Only groups that reach its threshold may be published. */
export function aggregate(definition: Definition, measures: readonly StoredMeasure[], range: Range): Groups {
  // The server aggregates measures as they arrive, so those before the one that fails are in its table.
  const poisonous = measures.findIndex((measure) => measure.poison !== undefined)
  const usable = poisonous < 0 ? measures : measures.slice(0, poisonous)
  const blocked = poisonous < 0 ? undefined : measures[poisonous]?.poison

  const groups = new Map<string, [StoredMeasure, ...StoredMeasure[]]>()
  for (const measure of usable.filter((candidate) => isIn(range, candidate))) {
    const identity = JSON.stringify([measure.createdBy, measure.startDate, ...measure.groupTexts])
    const group = groups.get(identity)
    if (group === undefined) groups.set(identity, [measure])
    else group.push(measure)
  }
  const all = [...groups.values()]
    .map((group) => aggregateGroup(group, definition))
    .sort((a, b) => (a.startDate < b.startDate ? -1 : a.startDate > b.startDate ? 1 : 0))
  const threshold = thresholdOf(definition)
  return {
    published: all.filter(({ count }) => count >= threshold),
    hidden: all.filter(({ count }) => count < threshold),
    ...(blocked !== undefined && { blocked }),
  }
}

function isIn({ from, to, createdBy }: Range, measure: StoredMeasure): boolean {
  return (
    (from === undefined || measure.startDate >= from)
    && (to === undefined || measure.startDate < to)
    && (createdBy === undefined || measure.createdBy === createdBy)
  )
}

function aggregateGroup(group: readonly [StoredMeasure, ...StoredMeasure[]], definition: Definition): Aggregate {
  const [first] = group
  const values = group.map(({ hundredths }) => hundredths ?? 0n).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const sum = values.reduce((total, value) => total + value, 0n)
  const { createdBy, group1, group2, group3 } = first
  return {
    measureName: first.measureName,
    startDate: first.startDate,
    ...(createdBy !== null && { createdBy }),
    ...(group1 !== undefined && { group1 }),
    ...(group2 !== undefined && { group2 }),
    ...(group3 !== undefined && { group3 }),
    sum: toNumber(sum),
    count: values.length,
    countNotZero: values.filter((value) => value !== 0n).length,
    min: toNumber(values[0] ?? 0n),
    max: toNumber(values.at(-1) ?? 0n),
    avg: toNumber(divideHalfAway(sum, BigInt(values.length))),
    std: standardDeviation(values, sum),
    ...(definition.withQuartiles === true && {
      median: quantile(values, 2n),
      firstQuartile: quantile(values, 1n),
      thirdQuartile: quantile(values, 3n),
    }),
  }
}

/** The deviation of a sample; 0 for a single value. */
function standardDeviation(values: readonly bigint[], sum: bigint): number {
  const count = BigInt(values.length)
  if (count < 2n) return 0
  // count² × variance × (count − 1) / count, in exact whole numbers until the root.
  const squares = values.reduce((total, value) => total + value * value, 0n)
  const variance = Number(count * squares - sum * sum) / Number(count * (count - 1n))
  return Math.round(Math.sqrt(variance)) / 100
}

/** The k-th quartile of sorted values, interpolated between neighbours as PostgreSQL's `percentile_cont` does. */
function quantile(sorted: readonly bigint[], k: bigint): number {
  const position = k * BigInt(sorted.length - 1)
  const low = sorted[Number(position / 4n)] ?? 0n
  const high = sorted[Number(position / 4n) + 1] ?? low
  return toNumber(divideHalfAway(low * 4n + (high - low) * (position % 4n), 4n))
}

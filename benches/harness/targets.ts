// What has to be reached, and what was.

import { AGGREGATION } from './loading.ts'
import { against, type Results } from './results.ts'

interface Target {
  readonly what: string
  readonly floor: number
  readonly aim: number
  /** More is better, or less. */
  readonly better: 'more' | 'less'
  readonly unit: 'times' | 'percent' | 'millis' | 'micros' | 'megabytes' | 'kilobytes' | 'ratio'
  readonly measured: (results: Results) => number | undefined
  /** By processor time, where a busy machine makes that the steadier clock. */
  readonly byCpu?: (results: Results) => number | undefined
}

export interface Reached extends Omit<Target, 'measured' | 'byCpu'> {
  readonly measured: number
  readonly byCpu: number | undefined
  readonly verdict: 'aim' | 'floor' | 'missed'
}

type Faster = Pick<Target, 'measured' | 'byCpu'>

const faster = (events: number, shape: string, name: Parameters<typeof against>[3]): Faster => ({
  measured: (results) => against(results, events, shape, name)?.oursIsFaster,
  byCpu: (results) => against(results, events, shape, name)?.oursIsFasterByCpu,
})

/** By processor time alone: what runs on several cores at once, or within a few milliseconds, has no other clock. */
const fasterByCpu = (events: number, shape: string, name: Parameters<typeof against>[3]): Faster => ({
  measured: (results) => against(results, events, shape, name)?.oursIsFasterByCpu,
})

/** Of processors, for an event. */
const microsAnEvent = (events: number, shape: string): Faster => ({
  measured: (results) => {
    const millis = against(results, events, shape, 'ours')?.cpuMillis
    return millis === undefined ? undefined : (millis * 1000) / events
  },
})

const times = { better: 'more', unit: 'times' } as const

const percent = (share: number | undefined) => (share === undefined ? undefined : share * 100)

const native = faster(100_000, 'full', 'native')

const cold = ({ cold }: Results) => cold.find(({ events }) => events === 1_000_000)

const TARGETS: readonly Target[] = [
  {
    what: 'against JSON.parse alone, 100k full',
    floor: 7,
    aim: 10,
    ...times,
    ...faster(100_000, 'full', 'json-parse'),
  },
  { what: 'the same, ASCII only', floor: 5.5, aim: 9, ...times, ...faster(100_000, 'ascii', 'json-parse') },
  { what: 'the same, 1M full', floor: 12, aim: 20, ...times, ...faster(1_000_000, 'full', 'json-parse') },
  { what: 'against luxon + lodash, 100k', floor: 40, aim: 60, ...times, ...faster(100_000, 'full', 'luxon-lodash') },
  {
    what: 'against JSON.parse of the bytes, by processor time: 60k full',
    floor: 10.3,
    aim: 15,
    ...times,
    ...fasterByCpu(60_000, 'full', 'json-parse-bytes'),
  },
  {
    what: 'the same, 60k mixed by chance',
    floor: 10,
    aim: 15,
    ...times,
    ...fasterByCpu(60_000, 'mix', 'json-parse-bytes'),
  },
  {
    what: 'the same, without metadata',
    floor: 6,
    aim: 9,
    ...times,
    ...fasterByCpu(60_000, 'mix-slim', 'json-parse-bytes'),
  },
  { what: 'the same, 200 trips', floor: 7, aim: 12, ...times, ...fasterByCpu(200, 'trips', 'json-parse-bytes') },
  {
    what: 'the same, 300 events of 30 days',
    floor: 2.5,
    aim: 4.5,
    ...times,
    ...fasterByCpu(300, 'mix', 'json-parse-bytes'),
  },
  {
    what: 'against DuckDB over lines, by processor time, 60k mixed',
    floor: 6,
    aim: 9,
    ...times,
    ...fasterByCpu(60_000, 'mix-four', 'duckdb-lines'),
  },
  {
    what: 'a call of one day without an event',
    floor: 0.06,
    aim: 0.03,
    better: 'less',
    unit: 'millis',
    measured: ({ nothing }) => nothing,
  },
  {
    what: 'an event among 1 000 targets',
    floor: 0.8,
    aim: 0.5,
    better: 'less',
    unit: 'micros',
    ...microsAnEvent(60_000, 'targets'),
  },
  {
    what: 'share of native Rust’s speed',
    floor: 70,
    aim: 85,
    better: 'more',
    unit: 'percent',
    measured: (results) => percent(native.measured(results)),
    byCpu: (results) => percent(native.byCpu?.(results)),
  },
  {
    what: 'cold process, 1M, against one that only does JSON.parse',
    floor: 8,
    aim: 12,
    ...times,
    measured: (results) => cold(results)?.ratio,
    byCpu: (results) => cold(results)?.cpuRatio,
  },
  {
    what: 'RSS of a streamed 1M run above bare Node',
    floor: 60,
    aim: 40,
    better: 'less',
    unit: 'megabytes',
    measured: (results) => (cold(results) === undefined ? undefined : (cold(results)?.rssAboveBare ?? NaN) / 1e6),
  },
  {
    what: 'time per event, 1M against 10k',
    floor: 1.1,
    aim: 0.9,
    better: 'less',
    unit: 'ratio',
    measured: ({ scaling }) => scaling?.ratio,
  },
  {
    what: 'aggregation module, gzip',
    floor: 96,
    aim: 80,
    better: 'less',
    unit: 'kilobytes',
    measured: ({ sizes }) => {
      const gzip = sizes?.find(({ file }) => file === AGGREGATION)?.gzip
      return gzip === undefined ? undefined : gzip / 1000
    },
  },
  {
    what: 'compile + instantiate against `require` of luxon and lodash',
    floor: 8,
    aim: 15,
    ...times,
    measured: ({ loading }) => loading?.ratio,
  },
]

/** The targets of which something was measured. */
export function reached(results: Results): Reached[] {
  return TARGETS.flatMap(({ measured, byCpu, ...target }) => {
    const value = measured(results)
    if (value === undefined) return []
    const meets = (bound: number) => (target.better === 'more' ? value >= bound : value <= bound)
    const verdict = meets(target.aim) ? 'aim' : meets(target.floor) ? 'floor' : 'missed'
    return [{ ...target, measured: value, byCpu: byCpu?.(results), verdict }]
  })
}

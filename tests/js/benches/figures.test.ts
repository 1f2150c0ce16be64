// The figures of the benchmarks: how they are made of samples, and judged.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Results } from '../../../benches/harness/results.ts'
import { median, pairedRatio, shuffled } from '../../../benches/harness/statistics.ts'
import { reached } from '../../../benches/harness/targets.ts'

const NOTHING: Results = {
  machine: { processor: 'a processor', cores: 2, node: '20.0.0', rustc: '1.0.0' },
  isQuick: false,
  speed: [],
  cold: [],
}

test('a median is the middle, or between the two in the middle', () => {
  assert.equal(median([9, 1, 4]), 4)
  assert.equal(median([9, 1, 4, 5]), 4.5)
})

test('a ratio is the median of the rounds’ ratios, not the ratio of the medians', () => {
  // 2, 10 and 30; the medians are 30 and 5.
  assert.equal(pairedRatio([10, 100, 30], [5, 10, 1]), 10)
})

test('an order by chance holds each once', () => {
  assert.deepEqual(shuffled(['a', 'b', 'c', 'd']).sort(), ['a', 'b', 'c', 'd'])
})

test('what was not measured is not judged', () => {
  assert.deepEqual(reached(NOTHING), [])
})

test('floors and aims are judged by what is better', () => {
  const verdict = (ratio: number) =>
    reached({ ...NOTHING, scaling: { rounds: 1, small: 1, large: ratio, ratio } })[0]?.verdict
  assert.deepEqual([0.9, 1.1, 1.11].map(verdict), ['aim', 'floor', 'missed'])
  const times = { millis: 1, cpuMillis: 1, megabytesPerSecond: 1 }
  const against = (oursIsFaster: number) => {
    const peer = { ...times, name: 'luxon-lodash', oursIsFaster, oursIsFasterByCpu: undefined } as const
    const speed = [{ events: 100_000, shape: 'full', bytes: 1, rounds: 1, peers: [peer] }]
    return reached({ ...NOTHING, speed })[0]?.verdict
  }
  assert.deepEqual([60, 40, 39.9].map(against), ['aim', 'floor', 'missed'])
  // What runs on several cores at once is judged by processor time alone.
  const byCpu = (oursIsFasterByCpu: number) => {
    const peer = { ...times, name: 'duckdb-lines', oursIsFaster: 1, oursIsFasterByCpu } as const
    const speed = [{ events: 60_000, shape: 'mix-four', bytes: 1, rounds: 1, peers: [peer] }]
    return reached({ ...NOTHING, speed })[0]?.verdict
  }
  assert.deepEqual([9, 6, 5.9].map(byCpu), ['aim', 'floor', 'missed'])
  const anEvent = (cpuMillis: number) => {
    const peer = { ...times, cpuMillis, name: 'ours', oursIsFaster: 1, oursIsFasterByCpu: 1 } as const
    const speed = [{ events: 60_000, shape: 'targets', bytes: 1, rounds: 1, peers: [peer] }]
    return reached({ ...NOTHING, speed })[0]?.verdict
  }
  assert.deepEqual([30, 48, 48.1].map(anEvent), ['aim', 'floor', 'missed'])
})

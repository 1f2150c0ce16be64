// What a run of the benchmarks found, as it is written to docs/speed.json.

import type { Cold } from './cold.ts'
import type { Loading, Size } from './loading.ts'
import type { Nights } from './night.ts'
import type { PeerName } from './peer-process.ts'
import { type Comparison, ratio, throughput } from './rounds.ts'
import type { Scaling } from './speed.ts'
import { median } from './statistics.ts'

export interface PeerResult {
  readonly name: PeerName
  readonly millis: number
  readonly megabytesPerSecond: number
  /** Of processors. */
  readonly cpuMillis: number | undefined
  /** How often faster ours is: by the clock, and by the processor time of all threads. */
  readonly oursIsFaster: number
  readonly oursIsFasterByCpu: number | undefined
}

export interface SpeedResult {
  readonly events: number
  readonly shape: string
  readonly bytes: number
  readonly rounds: number
  readonly peers: readonly PeerResult[]
}

export interface Results {
  readonly machine: {
    readonly processor: string
    readonly cores: number
    readonly node: string
    readonly rustc: string
  }
  readonly isQuick: boolean
  speed: SpeedResult[]
  /** Milliseconds of processors for a call of one day without an event. */
  nothing?: number
  scaling?: Scaling
  cold: Cold[]
  sizes?: readonly Size[]
  loading?: Loading
  nights?: Nights
}

export function speedResult(comparison: Comparison): SpeedResult {
  const { input, rounds, took } = comparison
  return {
    events: input.events,
    shape: input.shape,
    bytes: input.bytes,
    rounds,
    peers: [...took].map(([name, samples]) => {
      const { wall, cpu } = ratio(comparison, 'ours', name)
      return {
        name,
        millis: median(samples.map(({ wall }) => wall)),
        cpuMillis: samples.every(({ cpu }) => cpu !== undefined)
          ? median(samples.map(({ cpu }) => cpu ?? NaN))
          : undefined,
        megabytesPerSecond: throughput(comparison, name),
        oursIsFaster: wall,
        oursIsFasterByCpu: cpu,
      }
    }),
  }
}

/** A peer's result on an input, if that was measured. */
export function against({ speed }: Results, events: number, shape: string, name: PeerName): PeerResult | undefined {
  return speed.find((one) => one.events === events && one.shape === shape)?.peers.find((peer) => peer.name === name)
}

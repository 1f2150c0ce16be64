// Which peers are compared on which input.

import { type InputFile, input, type Shape } from './inputs.ts'
import { PEERS, type PeerName, PeerProcess } from './peer-process.ts'
import { type Comparison, compare, warmUp } from './rounds.ts'
import { median, pairedRatio, shuffled } from './statistics.ts'

const ALL = Object.keys(PEERS) as PeerName[]
const FEW: PeerName[] = ['ours', 'ours-plain', 'native', 'json-parse', 'json-parse-bytes', 'hand-written']
const SHAPES: Shape[] = ['ascii', 'slim', 'shuffled', 'pretty', 'by-id']

export interface Effort {
  readonly isQuick: boolean
  rounds(full: number): number
}

export async function* speed({ isQuick, rounds }: Effort): AsyncGenerator<Comparison> {
  yield await compare(input(100_000), ALL, rounds(7))
  for (const shape of isQuick ? SHAPES.slice(0, 1) : SHAPES) yield await compare(input(100_000, shape), FEW, rounds(5))
  yield await compare(input(1_000), ALL, rounds(7))
}

/** What nobody shaped: in each of these something is left to chance that an app repeats. */
const UNSHAPED: readonly (readonly [events: number, shape: Shape])[] = [
  [60_000, 'mix'],
  [60_000, 'mix-slim'],
  [60_000, 'targets'],
  [60_000, 'many-targets'],
  [200, 'trips'],
  [300, 'mix'],
  [60_000, 'full'],
]

/** Against JSON.parse of the bytes; and against DuckDB, which is asked the benchmarks' four indicators. */
export async function* unshaped({ rounds }: Effort): AsyncGenerator<Comparison> {
  for (const [events, shape] of UNSHAPED) {
    yield await compare(input(events, shape), ['ours', 'json-parse-bytes'], rounds(9))
  }
  yield await compare(
    input(60_000, 'mix-four'),
    ['ours', 'json-parse-bytes', 'hand-written', 'duckdb-lines'],
    rounds(7),
  )
}

/** Milliseconds of processors for a call of one day without an event. */
export async function nothing({ rounds }: Effort): Promise<number> {
  const side = new Side(input(0, 'mix'))
  try {
    await side.prepare()
    for (let round = 0; round < rounds(7); round += 1) await side.sample()
    return median(side.cpu)
  } finally {
    side.peer.end()
  }
}

/** The whole input and what JSON.parse makes of it do not leave room for every peer. */
export async function large({ rounds }: Effort): Promise<Comparison> {
  return compare(input(1_000_000), ['ours', 'ours-streamed', 'native', 'memcpy', 'json-parse'], rounds(5))
}

export interface Scaling {
  readonly rounds: number
  /** Microseconds an event. */
  readonly small: number
  readonly large: number
  readonly ratio: number
}

/** Time per event of a large input against a small one. */
export async function scaling({ rounds }: Effort): Promise<Scaling> {
  const sides = [input(10_000), input(1_000_000)].map((input) => new Side(input))
  const [small, large] = sides as [Side, Side]
  const count = rounds(7)
  try {
    for (const side of sides) await side.prepare()
    for (let round = 0; round < count; round += 1) for (const side of shuffled(sides)) await side.sample()
  } finally {
    for (const side of sides) side.peer.end()
  }
  return {
    rounds: count,
    small: median(small.micros),
    large: median(large.micros),
    ratio: pairedRatio(large.micros, small.micros),
  }
}

class Side {
  readonly peer = new PeerProcess('ours')
  readonly micros: number[] = []
  readonly cpu: number[] = []
  readonly #input: InputFile
  #times = 1

  constructor(input: InputFile) {
    this.#input = input
  }

  async prepare(): Promise<void> {
    await this.peer.load(this.#input)
    this.#times = await warmUp(this.peer)
  }

  async sample(): Promise<void> {
    const { wall, cpu } = await this.peer.run(this.#times)
    this.cpu.push(cpu ?? NaN)
    this.micros.push((wall * 1000) / this.#input.events)
  }
}

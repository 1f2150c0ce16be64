// All peers side by side on one input: in each round each runs once.

import type { InputFile } from './inputs.ts'
import { type PeerName, PeerProcess, type Took } from './peer-process.ts'
import { median, pairedRatio, shuffled } from './statistics.ts'

/** A sample takes at least this long, of as many runs as that needs. */
const SAMPLE_MILLIS = 240

/** The engine's optimised code has taken over after this. */
const WARM_MILLIS = 600

export interface Comparison {
  readonly input: InputFile
  readonly rounds: number
  readonly took: ReadonlyMap<PeerName, readonly Took[]>
}

export async function compare(input: InputFile, names: readonly PeerName[], rounds: number): Promise<Comparison> {
  const peers = names.map((name) => new PeerProcess(name))
  try {
    const times = new Map<PeerName, number>()
    for (const peer of peers) {
      await peer.load(input)
      times.set(peer.name, await warmUp(peer))
    }
    await checkEqual(input, peers)
    const took = new Map(names.map((name) => [name, [] as Took[]]))
    for (let round = 0; round < rounds; round += 1) {
      for (const peer of shuffled(peers)) took.get(peer.name)?.push(await peer.run(times.get(peer.name) ?? 1))
    }
    return { input, rounds, took }
  } finally {
    for (const peer of peers) peer.end()
  }
}

/** Gives how many runs a sample has. */
export async function warmUp(peer: PeerProcess): Promise<number> {
  const started = performance.now()
  let last = await peer.run(1)
  while (performance.now() - started < WARM_MILLIS) last = await peer.run(Math.ceil(20 / last.wall))
  return Math.max(Math.ceil(SAMPLE_MILLIS / last.wall), 1)
}

/** Nothing is measured of peers that come to different results. */
async function checkEqual(input: InputFile, peers: readonly PeerProcess[]): Promise<void> {
  let expected: { of: PeerName; cells: string[] } | undefined
  for (const peer of peers) {
    const cells = (await peer.cells())?.map((cell) => JSON.stringify(cell)).sort()
    if (cells === undefined) continue
    expected ??= { of: peer.name, cells }
    const wrong = differing(expected.cells, cells)
    if (wrong !== undefined) {
      throw new Error(`${input.file}: ${peer.name} differs from ${expected.of}, first at ${wrong}`)
    }
    if (cells.length === 0) throw new Error(`${input.file}: ${peer.name} gives no cells`)
  }
}

function differing(one: readonly string[], other: readonly string[]): string | undefined {
  for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
    if (one[at] !== other[at]) return `${other[at]} where ${one[at]} is expected`
  }
  return undefined
}

/** How often faster the one is, by each clock. */
export interface Ratio {
  readonly wall: number
  readonly cpu: number | undefined
}

export function ratio({ took }: Comparison, fast: PeerName, slow: PeerName): Ratio {
  const wall = (name: PeerName) => (took.get(name) ?? []).map(({ wall }) => wall)
  const cpu = (name: PeerName) => (took.get(name) ?? []).map(({ cpu }) => cpu ?? NaN)
  const byCpu = pairedRatio(cpu(slow), cpu(fast))
  return { wall: pairedRatio(wall(slow), wall(fast)), cpu: Number.isNaN(byCpu) ? undefined : byCpu }
}

/** Millions of bytes in a second. */
export function throughput({ input, took }: Comparison, name: PeerName): number {
  return input.bytes / 1000 / median((took.get(name) ?? []).map(({ wall }) => wall))
}

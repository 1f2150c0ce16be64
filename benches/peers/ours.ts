// The package's module that aggregates, as its users load it.

import { readFileSync } from 'node:fs'
import type { Aggregating, Measure, Options, Outcome } from '../../js/types/index.d.ts'
import type { Cell, Peer } from './peer.ts'

/** What a stream of Node's gives at once. */
const CHUNK = 64 * 1024

/** Found from target/bench/, where this is bundled to. */
const packaged = (file: string) => new URL(`../../pkg/${file}`, import.meta.url)

let module: Aggregating
let bytes: Uint8Array
let options: Options

/** The bytes in one piece. */
export const ours: Peer<Outcome> = {
  async load(input) {
    const { load } = (await import(packaged('aggregate.node.js').href)) as {
      load(source?: BufferSource): Promise<Aggregating>
    }
    module = await load(source)
    bytes = input.bytes
    options = input.options
  },
  run() {
    return module.aggregate(bytes, options)
  },
  cells: ({ measures }) => measures.map(cell),
}

/** The same bytes as a stream of chunks. */
export const oursStreamed: Peer<Outcome> = {
  ...ours,
  run() {
    return module.aggregate(chunks(), options)
  },
}

let source: BufferSource | undefined

/** For engines without 128-bit vectors. */
export const oursPlain: Peer<Outcome> = {
  ...ours,
  async load(input) {
    source = readFileSync(packaged('wasm/aggregate/dacc_aggregator_bg.wasm'))
    await ours.load(input)
  },
}

async function* chunks(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK)
}

function cell({ measureName, startDate, value, group1, group2, group3 }: Measure): Cell {
  const groups = [group1, group2, group3].flatMap((group) => (group === undefined ? [] : Object.values(group)))
  return [measureName, startDate, groups, value]
}

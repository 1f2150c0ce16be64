// The package, as its users load it.

import type { Aggregating, Measure, Options, Outcome } from '../../js/index.d.ts'
import type { Cell, Peer } from './peer.ts'

let dacc: Aggregating
let bytes: Uint8Array
let options: Options

export const ours: Peer<Outcome> = {
  async load(input) {
    // Found from target/bench/, where this is bundled to.
    const { load } = await import(new URL('../../pkg/aggregate.node.js', import.meta.url).href)
    dacc = await load()
    bytes = input.bytes
    options = input.options
  },
  run() {
    return dacc.aggregate(bytes, options)
  },
  cells: ({ measures }) => measures.map(cell),
}

function cell({ measureName, startDate, value, group1, group2, group3 }: Measure): Cell {
  const groups = [group1, group2, group3].flatMap((group) => (group === undefined ? [] : Object.values(group)))
  return [measureName, startDate, groups, value]
}

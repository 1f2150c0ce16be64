// Objects into wasm by serde-wasm-bindgen; the crate is benches/objects.

import { readFileSync } from 'node:fs'
import { asTheyAre, type Cell, type Input, type Peer } from './peer.ts'

/** The glue, which is made beside the bundle. */
interface Glue {
  initSync(module: { module: BufferSource }): void
  aggregate(events: unknown, months: readonly string[]): Cell[]
}

let glue: Glue
let input: Input

export const objects: Peer<Cell[]> = {
  cells: asTheyAre,
  async load(given) {
    input = given
    const beside = (file: string) => new URL(`./objects/dacc_bench_objects${file}`, import.meta.url)
    glue = (await import(beside('.js').href)) as Glue
    glue.initSync({ module: readFileSync(beside('_bg.wasm')) })
  },
  run() {
    return glue.aggregate(JSON.parse(input.bytes.toString()), input.options.months ?? [])
  },
}

// The module that only aggregates, as the package has it. A process has one:
// each file of tests is a process of its own.

import { readFileSync } from 'node:fs'
import type { Aggregating } from '../../../js/types/aggregate.d.ts'

export type Variant = 'plain' | 'simd'

const built = (file: string) => new URL(`../../../pkg/${file}`, import.meta.url)

/** The bytes of a variant's file. */
export function moduleOf(variant: Variant): Uint8Array<ArrayBuffer> {
  return new Uint8Array(
    readFileSync(built(`wasm/aggregate/dacc_aggregator_bg${variant === 'simd' ? '.simd' : ''}.wasm`)),
  )
}

/** The face of a variant. */
export async function aggregating(variant: Variant): Promise<Aggregating> {
  const { load } = (await import(built('aggregate.node.js').href)) as {
    load: (bytes: Uint8Array) => Promise<Aggregating>
  }
  return load(moduleOf(variant))
}

const glue = (await import(built('wasm/aggregate/dacc_aggregator.js').href)) as {
  initSync: () => { memory: WebAssembly.Memory }
}

/** The memory of the module that was loaded. */
export function memory(): ArrayBuffer {
  return glue.initSync().memory.buffer as ArrayBuffer
}

import { readFile } from 'node:fs/promises'
import { initSync } from '../pkg/wasm/dacc_aggregator.js'
import { dacc } from './dacc.ts'
import type { Dacc } from './index.d.ts'

let loaded: Promise<Dacc> | undefined

/** Loads the module, once; `source` stands for the file of the package. */
export function load(source?: BufferSource | WebAssembly.Module): Promise<Dacc> {
  loaded ??= initialise(source).catch((error: unknown) => {
    loaded = undefined
    throw error
  })
  return loaded
}

async function initialise(source?: BufferSource | WebAssembly.Module): Promise<Dacc> {
  const file = new URL('../pkg/wasm/dacc_aggregator_bg.wasm', import.meta.url)
  initSync({ module: source ?? (await readFile(file)) })
  return dacc
}

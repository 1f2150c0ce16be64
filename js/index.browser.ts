import init from '../pkg/wasm/dacc_aggregator.js'
import { dacc } from './dacc.ts'
import type { Dacc } from './index.d.ts'

let loaded: Promise<Dacc> | undefined

/** Loads the module, once; `source` stands for the file of the package. */
export function load(source?: BufferSource | WebAssembly.Module | Response | URL): Promise<Dacc> {
  loaded ??= initialise(source).catch((error: unknown) => {
    loaded = undefined
    throw error
  })
  return loaded
}

async function initialise(source?: BufferSource | WebAssembly.Module | Response | URL): Promise<Dacc> {
  const file = new URL('../pkg/wasm/dacc_aggregator_bg.wasm', import.meta.url)
  await init({ module_or_path: source ?? file })
  return dacc
}

import { initSync } from '../pkg/wasm/dacc_aggregator.js'
import { dacc } from './dacc.ts'
import { once } from './once.ts'
import { read } from './source.node.ts'
import type { Source } from './source.ts'

export { fetchHost } from './rights/fetch-host.ts'
export { MemoryFiles } from './rights/memory-files.ts'

/** Loads the module, once; `source` stands for the file of the package. */
export const load = once(async (source?: Source) => {
  const file = () => new URL('../pkg/wasm/dacc_aggregator_bg.wasm', import.meta.url)
  return dacc(initSync({ module: await read(source, file) }).memory)
})

import { initSync } from '../../pkg/wasm/dacc_aggregator.js'
import { dacc } from './create-dacc.ts'
import { read } from './module-source.node.ts'
import type { Source } from './module-source.ts'
import { once } from './once.ts'

export { fetchHost } from '../hosts/fetch-host.ts'
export { MemoryFiles } from '../hosts/memory-files.ts'

/** Loads the module, once; `source` stands for the file of the package. */
export const load = once(async (source?: Source) => {
  const file = () => new URL('../../pkg/wasm/dacc_aggregator_bg.wasm', import.meta.url)
  return dacc(initSync({ module: await read(source, file) }).memory)
})

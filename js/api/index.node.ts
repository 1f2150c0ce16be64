// The full library in Node.

import { initSync } from '../../pkg/wasm/dacc_aggregator.js'
import { createDacc } from './create-dacc.ts'
import { resolveModule } from './module-source.node.ts'
import type { ModuleSource } from './module-source.ts'
import { once } from './once.ts'

export { fetchHost } from '../hosts/fetch-host.ts'
export { MemoryFiles } from '../hosts/memory-files.ts'

/** Loads the module once; `source` replaces the file in the package. */
export const load = once(async (source?: ModuleSource) => {
  const file = () => new URL('../../pkg/wasm/dacc_aggregator_bg.wasm', import.meta.url)
  return createDacc(initSync({ module: await resolveModule(source, file) }).memory)
})

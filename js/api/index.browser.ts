// The full library in browsers.

import init from '../../pkg/wasm/dacc_aggregator.js'
import { createDacc } from './create-dacc.ts'
import { type ModuleSource, resolveModule } from './module-source.ts'
import { once } from './once.ts'

export { fetchHost } from '../hosts/fetch-host.ts'
export { MemoryFiles } from '../hosts/memory-files.ts'

/** Loads the module once; `source` replaces the file in the package. */
export const load = once(async (source?: ModuleSource) => {
  const file = () => new URL('../../pkg/wasm/dacc_aggregator_bg.wasm', import.meta.url)
  return createDacc((await init({ module_or_path: await resolveModule(source, file) })).memory)
})

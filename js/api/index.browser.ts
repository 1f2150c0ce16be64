// The full library in browsers.

import init from '../../pkg/wasm/dacc_aggregator.js'
import { createDacc } from './create-dacc.ts'
import { loadOnce } from './load-once.ts'
import { resolveModule } from './module-source.ts'

export { fetchHost } from '../hosts/fetch-host.ts'
export { MemoryFiles } from '../hosts/memory-files.ts'
export { defineApp } from './define-app.ts'

/** Loads the module once, for the app given or the built-in one. */
export const load = loadOnce(async (source, app) => {
  const file = () => new URL('../../pkg/wasm/dacc_aggregator_bg.wasm', import.meta.url)
  return createDacc((await init({ module_or_path: await resolveModule(source, file) })).memory, app)
})

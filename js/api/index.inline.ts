// The full library with the module inside its JavaScript, for bundlers that do not copy other files.

import { initSync } from '../../pkg/wasm/dacc_aggregator.js'
import packed from '../../pkg/wasm/dacc_aggregator_bg.wasm?packed'
import { createDacc } from './create-dacc.ts'
import { loadOnce } from './load-once.ts'
import {
  fetchModule,
  isBytes,
  isResponse,
  isUrl,
  type ModuleSource,
  moduleOfResponse,
  requireModule,
} from './module-source.ts'

export { fetchHost } from '../hosts/fetch-host.ts'
export { MemoryFiles } from '../hosts/memory-files.ts'
export { defineApp } from './define-app.ts'

/** Loads the module once, for the app given or the built-in one. */
export const load = loadOnce(async (source, app) =>
  createDacc(initSync({ module: await moduleOf(source) }).memory, app),
)

async function moduleOf(source: ModuleSource | undefined): Promise<BufferSource | WebAssembly.Module> {
  if (source === undefined) return unpacked()
  if (isUrl(source)) return bytesOf(await fetchModule(source))
  if (isResponse(source)) return bytesOf(await moduleOfResponse(source))
  return isBytes(source) ? requireModule(source, 'load') : source
}

const bytesOf = async (answer: Response | ArrayBuffer) => ('arrayBuffer' in answer ? answer.arrayBuffer() : answer)

/** Decompresses the module, which is inside as gzip in base64: less than half of its size. */
async function unpacked(): Promise<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0))
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer()
}

// The same with the module in it, for bundlers that leave files behind.

import { initSync } from '../../pkg/wasm/dacc_aggregator.js'
import packed from '../../pkg/wasm/dacc_aggregator_bg.wasm?packed'
import { dacc } from './create-dacc.ts'
import { checkedModule, fetchModule, isAnswer, isBytes, isUrl, moduleOfAnswer, type Source } from './module-source.ts'
import { once } from './once.ts'

export { fetchHost } from '../hosts/fetch-host.ts'
export { MemoryFiles } from '../hosts/memory-files.ts'

/** Loads the module, once; `source` stands for the one inside. */
export const load = once(async (source?: Source) => dacc(initSync({ module: await moduleOf(source) }).memory))

async function moduleOf(source: Source | undefined): Promise<BufferSource | WebAssembly.Module> {
  if (source === undefined) return unpacked()
  if (isUrl(source)) return bytesOf(await fetchModule(source))
  if (isAnswer(source)) return bytesOf(await moduleOfAnswer(source))
  return isBytes(source) ? checkedModule(source, 'load') : source
}

const bytesOf = async (answer: Response | ArrayBuffer) => ('arrayBuffer' in answer ? answer.arrayBuffer() : answer)

/** It is kept as gzip in base64: less than half of what it is. */
async function unpacked(): Promise<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0))
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer()
}

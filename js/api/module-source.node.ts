// Loads the WebAssembly module in Node, which reads files and does not fetch them.

import { readFile } from 'node:fs/promises'
import {
  fetchModule,
  isBytes,
  isResponse,
  isUrl,
  type ModuleSource,
  moduleOfResponse,
  requireModule,
  unreadableModule,
} from './module-source.ts'

/** The module of the source, or of the file in the package. */
export async function resolveModule(
  source: ModuleSource | undefined,
  file: () => URL,
): Promise<BufferSource | WebAssembly.Module> {
  if (source === undefined) return readModule(file())
  if (isUrl(source)) return source.protocol === 'file:' ? readModule(source) : whole(await fetchModule(source))
  if (isResponse(source)) return whole(await moduleOfResponse(source))
  return isBytes(source) ? requireModule(source, 'load') : source
}

async function readModule(file: URL): Promise<BufferSource> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw unreadableModule(file, error)
  })
  return requireModule(bytes, file.href)
}

async function whole(answer: Response | ArrayBuffer): Promise<BufferSource> {
  return 'arrayBuffer' in answer ? requireModule(await answer.arrayBuffer(), answer.url) : answer
}

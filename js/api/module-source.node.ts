// The module's bytes in Node, where files are read and not fetched.

import { readFile } from 'node:fs/promises'
import {
  checkedModule,
  fetchModule,
  isAnswer,
  isBytes,
  isUrl,
  moduleOfAnswer,
  notBeside,
  type Source,
} from './module-source.ts'

/** The module of the source, or else of the file. */
export async function read(source: Source | undefined, file: () => URL): Promise<BufferSource | WebAssembly.Module> {
  if (source === undefined) return readModule(file())
  if (isUrl(source)) return source.protocol === 'file:' ? readModule(source) : whole(await fetchModule(source))
  if (isAnswer(source)) return whole(await moduleOfAnswer(source))
  return isBytes(source) ? checkedModule(source, 'load') : source
}

async function readModule(file: URL): Promise<BufferSource> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw notBeside(file, error)
  })
  return checkedModule(bytes, file.href)
}

async function whole(answer: Response | ArrayBuffer): Promise<BufferSource> {
  return 'arrayBuffer' in answer ? checkedModule(await answer.arrayBuffer(), answer.url) : answer
}

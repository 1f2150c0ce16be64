// The module's bytes, wherever they come from; what is not the module is named, with the way out.

/** What stands for the file of the package. */
export type Source = BufferSource | WebAssembly.Module | Response | URL

/** With these bytes every module begins. */
const MAGIC = [0x00, 0x61, 0x73, 0x6d]

/** As many bytes as are shown of what is no module. */
const SHOWN = 12

const PAGE = 'docs/bundlers.md of dacc-aggregator has the setting of each bundler'

/** What a person can do where the file was not found beside the code. */
const WAY_OUT = `A bundler moved the code and not the module: import 'dacc-aggregator/inline', which holds it, or pass it to load(); ${PAGE}.`

/** A bundler's development server answers every address with its page. */
const WAY_OUT_OF_VITE = `A development server answered in its place: in Vite, add optimizeDeps: { exclude: ['dacc-aggregator'] }, or import 'dacc-aggregator/inline'; ${PAGE}.`

/** Something else than the module came; the message says what, and what to do. */
export class NotTheModule extends Error {
  override name = 'NotTheModule'
}

/** Bytes that are the module's, as they came. */
export function checkedModule<Bytes extends BufferSource>(source: Bytes, from: string): Bytes {
  const bytes = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source)
  if (MAGIC.every((byte, at) => bytes[at] === byte)) return source
  const first = [...bytes.subarray(0, SHOWN)]
  const shown = first.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  const text = String.fromCharCode(...first.map((byte) => (byte >= 0x20 && byte < 0x7f ? byte : 0x2e)))
  const isPage = /^\s*<(?:!doctype|html)/i.test(String.fromCharCode(...first))
  throw new NotTheModule(
    `${from}: this is not the WebAssembly module but begins with ${shown} ("${text}"). ${isPage ? WAY_OUT_OF_VITE : WAY_OUT}`,
  )
}

/** What came as an answer: compiled as it comes where it says that it is a module, else looked at first. */
export async function moduleOfAnswer(answer: Response): Promise<Response | ArrayBuffer> {
  const from = answer.url || 'the answer'
  if (!answer.ok) throw new NotTheModule(`${from}: the module was not found (status ${answer.status}). ${WAY_OUT}`)
  if ((answer.headers.get('content-type') ?? '').startsWith('application/wasm')) return answer
  return checkedModule(await answer.arrayBuffer(), from)
}

/** Asks for the module. */
export async function fetchModule(url: URL): Promise<Response | ArrayBuffer> {
  const answer = await fetch(url).catch((error: unknown) => {
    throw new NotTheModule(
      `${url}: the module could not be fetched (${error instanceof Error ? error.message : String(error)}). ${WAY_OUT}`,
    )
  })
  return moduleOfAnswer(answer)
}

/** In a browser: the module of the source, or else of the file. */
export async function fetched(
  source: Source | undefined,
  file: () => URL,
): Promise<Response | BufferSource | WebAssembly.Module> {
  if (source === undefined) return fetchModule(file())
  if (isUrl(source)) return fetchModule(source)
  if (isAnswer(source)) return moduleOfAnswer(source)
  return isBytes(source) ? checkedModule(source, 'load') : source
}

// Not `instanceof`: what is handed over may come from another realm, as under Jest's jsdom.
const tagOf = (value: unknown) => Object.prototype.toString.call(value)

export const isBytes = (source: Source): source is BufferSource =>
  ArrayBuffer.isView(source) || ['[object ArrayBuffer]', '[object SharedArrayBuffer]'].includes(tagOf(source))
export const isUrl = (source: Source): source is URL => tagOf(source) === '[object URL]'
export const isAnswer = (source: Source): source is Response => tagOf(source) === '[object Response]'

/** Where the file of the package is not beside the code. */
export const notBeside = (file: URL, error: unknown): NotTheModule =>
  new NotTheModule(
    `${file}: the module cannot be read (${(error as { code?: string }).code ?? String(error)}). ${WAY_OUT}`,
  )

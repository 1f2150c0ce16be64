// Loads the WebAssembly module from wherever it comes. Where something else comes, the error says what it
// is and what to do.

/** What a caller can give instead of the file in the package. */
export type ModuleSource = BufferSource | WebAssembly.Module | Response | URL

/** The first bytes of every WebAssembly module. */
const MAGIC = [0x00, 0x61, 0x73, 0x6d]

/** How many bytes the error shows of what is no module. */
const SHOWN = 12

const PAGE = 'docs/bundlers.md of dacc-aggregator has the setting of each bundler'

/** What to do where the file is not beside the code. */
const WAY_OUT = `A bundler moved the code and not the module: import 'dacc-aggregator/inline', which holds it, or pass it to load(); ${PAGE}.`

/** What to do where a development server answered with its HTML page, as it does for any address. */
const WAY_OUT_OF_VITE = `A development server answered in its place: in Vite, add optimizeDeps: { exclude: ['dacc-aggregator'] }, or import 'dacc-aggregator/inline'; ${PAGE}.`

/** Something that is not the module came; the message says what it is and what to do. */
export class NotTheModule extends Error {
  override name = 'NotTheModule'
}

/** The bytes, if they are a module; throws otherwise. */
export function requireModule<Bytes extends BufferSource>(source: Bytes, from: string): Bytes {
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

/** The module in a response. The engine compiles it as it arrives if the content type says so; else its bytes are checked. */
export async function moduleOfResponse(answer: Response): Promise<Response | ArrayBuffer> {
  const from = answer.url || 'the answer'
  if (!answer.ok) throw new NotTheModule(`${from}: the module was not found (status ${answer.status}). ${WAY_OUT}`)
  if ((answer.headers.get('content-type') ?? '').startsWith('application/wasm')) return answer
  return requireModule(await answer.arrayBuffer(), from)
}

/** Fetches the module. */
export async function fetchModule(url: URL): Promise<Response | ArrayBuffer> {
  const answer = await fetch(url).catch((error: unknown) => {
    throw new NotTheModule(
      `${url}: the module could not be fetched (${error instanceof Error ? error.message : String(error)}). ${WAY_OUT}`,
    )
  })
  return moduleOfResponse(answer)
}

/** In a browser: the module of the source, or of the file in the package. */
export async function resolveModule(
  source: ModuleSource | undefined,
  file: () => URL,
): Promise<Response | BufferSource | WebAssembly.Module> {
  if (source === undefined) return fetchModule(file())
  if (isUrl(source)) return fetchModule(source)
  if (isResponse(source)) return moduleOfResponse(source)
  return isBytes(source) ? requireModule(source, 'load') : source
}

// Not `instanceof`: the value may come from another realm, as under Jest's jsdom.
const tagOf = (value: unknown) => Object.prototype.toString.call(value)

export const isBytes = (source: ModuleSource): source is BufferSource =>
  ArrayBuffer.isView(source) || ['[object ArrayBuffer]', '[object SharedArrayBuffer]'].includes(tagOf(source))
export const isUrl = (source: ModuleSource): source is URL => tagOf(source) === '[object URL]'
export const isResponse = (source: ModuleSource): source is Response => tagOf(source) === '[object Response]'

/** The error where the file in the package cannot be read. */
export const unreadableModule = (file: URL, error: unknown): NotTheModule =>
  new NotTheModule(
    `${file}: the module cannot be read (${(error as { code?: string }).code ?? String(error)}). ${WAY_OUT}`,
  )

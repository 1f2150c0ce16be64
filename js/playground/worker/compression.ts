// Compresses a file to a short text for the tab's session storage, and computes a key that identifies it.

async function through(bytes: Uint8Array, stream: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  const passed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(stream)
  return new Uint8Array(await new Response(passed).arrayBuffer())
}

/** Characters at once: a function takes only so many arguments. */
const PIECE = 32_768

export async function pack(text: string): Promise<string> {
  const packed = await through(new TextEncoder().encode(text), new CompressionStream('gzip'))
  const pieces: string[] = []
  for (let at = 0; at < packed.length; at += PIECE) pieces.push(String.fromCharCode(...packed.subarray(at, at + PIECE)))
  return btoa(pieces.join(''))
}

export async function unpack(packed: string): Promise<string> {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0))
  return new TextDecoder().decode(await through(bytes, new DecompressionStream('gzip')))
}

/** A 64-bit hash of the text: enough to tell the files of one person apart. */
export function fileKey(text: string): string {
  let [one, other] = [0xdeadbeef, 0x41c6ce57]
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    one = Math.imul(one ^ unit, 2654435761)
    other = Math.imul(other ^ unit, 1597334677)
  }
  return [one, other].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
}

// Splits chunks of bytes into lines.

import { UsageError } from '../terminal/errors.ts'

const NEWLINE = 0x0a

/** More than a home ever has; an endless input ends here, not with the memory. */
const MAX_BYTES = 2 ** 30

/** Bytes that arrive in chunks, taken line by line. */
export class LineReader {
  readonly #name: string
  readonly #chunks: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array()

  constructor(name: string, chunks: AsyncIterable<Uint8Array>) {
    this.#name = name
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** The next line, with the newline that ends it; undefined after the last. */
  async next(): Promise<Uint8Array | undefined> {
    return this.#gather((chunk) => chunk.indexOf(NEWLINE) + 1)
  }

  /** All that is left. */
  async rest(): Promise<Uint8Array> {
    return (await this.#gather(() => 0)) ?? new Uint8Array()
  }

  /** Lets go of what the bytes come from. */
  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  /** Bytes up to where `end` finds an end, 0 standing for none in a chunk. */
  async #gather(end: (chunk: Uint8Array) => number): Promise<Uint8Array | undefined> {
    const parts: Uint8Array[] = []
    let length = 0
    for (;;) {
      const at = end(this.#chunk)
      const part = at === 0 ? this.#chunk : this.#chunk.subarray(0, at)
      this.#chunk = this.#chunk.subarray(part.length)
      parts.push(part)
      length += part.length
      if (length > MAX_BYTES) {
        throw new UsageError(`${this.#name}: a home has more than 1 GiB; a file of many homes has one a line`)
      }
      if (at > 0) return concatenate(parts, length)
      const { done, value } = await this.#chunks.next()
      if (done) return length > 0 ? concatenate(parts, length) : undefined
      this.#chunk = value
    }
  }
}

/** Several pieces as one; a single piece is not copied. */
export function concatenate(parts: Uint8Array[], length?: number): Uint8Array {
  const filled = parts.filter((part) => part.length > 0)
  return filled.length === 1 ? filled[0]! : Buffer.concat(filled, length)
}

import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { named } from './file-error.ts'
import { isSame, type Seen, seenAt } from './file-identity.ts'
import { BLOCK, TICK_NANOS } from './limits.ts'

/** So many blocks stay at hand: readings lie across two. */
const AT_HAND = 2

/**
 * A file that is read while nobody changes it. A program that rewrites it in
 * place would have half of it read before and half after; so its size, time and
 * place are looked at again, and each block, however often it is read, has to be
 * what it was the first time.
 */
export class Steady {
  readonly seen: Exclude<Seen, 'missing'>
  readonly #name: string
  readonly #handle: FileHandle
  readonly #openedAt = BigInt(Date.now()) * 1_000_000n
  /** By its number, the hash of each block that was read. */
  readonly #hashes = new Map<number, string>()
  readonly #atHand = new Map<number, Buffer>()

  private constructor(name: string, handle: FileHandle, seen: Exclude<Seen, 'missing'>) {
    this.#name = name
    this.#handle = handle
    this.seen = seen
  }

  static async opened(name: string): Promise<Steady> {
    const handle = await open(name)
    return new Steady(name, handle, await handle.stat({ bigint: true }))
  }

  /** So many bytes from there on; fewer only at its end. */
  async read(at: number, length: number): Promise<Uint8Array> {
    const parts: Buffer[] = []
    for (let from = at; from < at + length; ) {
      const nth = Math.floor(from / BLOCK)
      const block = await this.#block(nth)
      const part = block.subarray(from - nth * BLOCK, at + length - nth * BLOCK)
      parts.push(part)
      from += part.length
      if (block.length < BLOCK) break
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }

  /** Shows that all that was read is there as it was. */
  async unchanged(): Promise<void> {
    const now = await named(seenAt(this.#name))
    if (!isSame(this.seen, now) || now === 'missing') throw new Changed()
    const { mtimeNs, ctimeNs } = this.seen
    const latest = mtimeNs > ctimeNs ? mtimeNs : ctimeNs
    // Its time would show it, unless it was set back, or no tick passed since.
    if (now.ctimeNs === ctimeNs && this.#openedAt - latest > TICK_NANOS) return
    this.#atHand.clear()
    for (const nth of this.#hashes.keys()) await this.#block(nth)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  async #block(nth: number): Promise<Buffer> {
    const known = this.#atHand.get(nth)
    if (known !== undefined) return known
    const buffer = Buffer.allocUnsafe(BLOCK)
    let length = 0
    while (length < BLOCK) {
      const { bytesRead } = await named(this.#handle.read(buffer, length, BLOCK - length, nth * BLOCK + length))
      if (bytesRead === 0) break
      length += bytesRead
    }
    const block = buffer.subarray(0, length)
    // No secret hangs on it: it tells one reading from another.
    const hash = createHash('sha1').update(block).digest('base64')
    if (this.#hashes.get(nth) !== undefined && this.#hashes.get(nth) !== hash) throw new Changed()
    this.#hashes.set(nth, hash)
    for (const [oldest] of this.#atHand) if (this.#atHand.size >= AT_HAND) this.#atHand.delete(oldest)
    this.#atHand.set(nth, block)
    return block
  }
}

/** The bytes of an open file from its beginning to its end, while nobody changes it. */
export async function* steadily(handle: FileHandle, size: number): AsyncGenerator<Buffer> {
  const before = await handle.stat({ bigint: true })
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(size), 0, size)
    if (bytesRead === 0) break
    yield buffer.subarray(0, bytesRead)
  }
  const isFile = before.isFile()
  if (isFile && !isSame(before, await handle.stat({ bigint: true }))) throw new Changed()
}

/** What was read is neither what the file was nor what it is; its message is one sentence. */
export class Changed extends Error {
  override name = 'Changed'

  constructor() {
    super('another program changed it while it was read; begin again when that has ended')
  }
}

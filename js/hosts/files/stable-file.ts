// Reads a file and notices if another program changes it meanwhile.

import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { withReason } from './file-error.ts'
import { type FileIdentity, identityOf, isSameIdentity } from './file-identity.ts'
import { BLOCK_BYTES, CLOCK_TICK_NANOS } from './limits.ts'

/** A read may span two blocks. */
const MAX_CACHED_BLOCKS = 2

/**
 * A file that must not change while it is read. A program that rewrites it in place could leave us with
 * half of the old and half of the new content. So each block must have the same hash whenever it is read,
 * and in the end the file must have the same size, time and inode.
 */
export class StableFile {
  readonly identity: Exclude<FileIdentity, 'missing'>
  readonly #name: string
  readonly #handle: FileHandle
  readonly #openedAt = BigInt(Date.now()) * 1_000_000n
  /** The hash of each block that was read, by its number. */
  readonly #hashes = new Map<number, string>()
  readonly #cached = new Map<number, Buffer>()

  private constructor(name: string, handle: FileHandle, seen: Exclude<FileIdentity, 'missing'>) {
    this.#name = name
    this.#handle = handle
    this.identity = seen
  }

  static async open(name: string): Promise<StableFile> {
    const handle = await open(name)
    return new StableFile(name, handle, await handle.stat({ bigint: true }))
  }

  /** Reads `length` bytes from `at` on; fewer only at the end of the file. */
  async read(at: number, length: number): Promise<Uint8Array> {
    const parts: Buffer[] = []
    for (let from = at; from < at + length; ) {
      const nth = Math.floor(from / BLOCK_BYTES)
      const block = await this.#block(nth)
      const part = block.subarray(from - nth * BLOCK_BYTES, at + length - nth * BLOCK_BYTES)
      parts.push(part)
      from += part.length
      if (block.length < BLOCK_BYTES) break
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }

  /** Throws if the file has changed since it was opened. */
  async verifyUnchanged(): Promise<void> {
    const now = await withReason(identityOf(this.#name))
    if (!isSameIdentity(this.identity, now) || now === 'missing') throw new FileChanged()
    const { mtimeNs, ctimeNs } = this.identity
    const latest = mtimeNs > ctimeNs ? mtimeNs : ctimeNs
    // A change would show in its time, unless the time was set back or the file's clock has not ticked since.
    if (now.ctimeNs === ctimeNs && this.#openedAt - latest > CLOCK_TICK_NANOS) return
    this.#cached.clear()
    for (const nth of this.#hashes.keys()) await this.#block(nth)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  async #block(nth: number): Promise<Buffer> {
    const known = this.#cached.get(nth)
    if (known !== undefined) return known
    const buffer = Buffer.allocUnsafe(BLOCK_BYTES)
    let length = 0
    while (length < BLOCK_BYTES) {
      const { bytesRead } = await withReason(
        this.#handle.read(buffer, length, BLOCK_BYTES - length, nth * BLOCK_BYTES + length),
      )
      if (bytesRead === 0) break
      length += bytesRead
    }
    const block = buffer.subarray(0, length)
    // SHA-1 is enough: this compares two reads and protects nothing.
    const hash = createHash('sha1').update(block).digest('base64')
    if (this.#hashes.get(nth) !== undefined && this.#hashes.get(nth) !== hash) throw new FileChanged()
    this.#hashes.set(nth, hash)
    for (const [oldest] of this.#cached) if (this.#cached.size >= MAX_CACHED_BLOCKS) this.#cached.delete(oldest)
    this.#cached.set(nth, block)
    return block
  }
}

/** The bytes of an open file from beginning to end; throws if it changed meanwhile. */
export async function* readStable(handle: FileHandle, size: number): AsyncGenerator<Buffer> {
  const before = await handle.stat({ bigint: true })
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(size), 0, size)
    if (bytesRead === 0) break
    yield buffer.subarray(0, bytesRead)
  }
  const isFile = before.isFile()
  if (isFile && !isSameIdentity(before, await handle.stat({ bigint: true }))) throw new FileChanged()
}

/** The file changed while it was read; the message is one sentence. */
export class FileChanged extends Error {
  override name = 'FileChanged'

  constructor() {
    super('another program changed it while it was read; begin again when that has ended')
  }
}

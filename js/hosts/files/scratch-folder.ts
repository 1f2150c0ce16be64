// Keeps temporary copies of compressed and piped input, so that it can be read at any place.

import { createReadStream } from 'node:fs'
import { type FileHandle, mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { keepOnExit, removeLeftovers, removeOnExit } from './cleanup.ts'
import { explainError, withReason } from './file-error.ts'
import { ALWAYS_UNPACKED_BYTES, BLOCK_BYTES, MAX_COMPRESSION_RATIO, MAX_SPOOLED_BYTES } from './limits.ts'
import { isStdin } from './resolve-path.ts'
import { readStable } from './stable-file.ts'

/** Names of such folders; the group is the id of the process. */
const FOLDERS = /^dacc-(\d+)-[0-9A-Za-z]{6}$/

const GZIP = [0x1f, 0x8b]

/** A temporary folder of one command, removed when the command ends. */
export class ScratchFolder {
  #folder: string | undefined
  #count = 0
  #left: number

  /** `most`: the largest number of bytes of input that is copied here. */
  constructor(most = MAX_SPOOLED_BYTES) {
    this.#left = most
  }

  /** The folder as the message about a full disk names it, since a person has never heard of it. */
  get shown(): string {
    return `${tmpdir()}, where this command keeps what it alone needs (TMPDIR names another place),`
  }

  /** Removes what killed commands left. */
  async sweep(): Promise<void> {
    await removeLeftovers(tmpdir(), FOLDERS)
  }

  /** A new name for a file in the folder. */
  async name(): Promise<string> {
    if (this.#folder === undefined) {
      this.#folder = await withReason(mkdtemp(path.join(tmpdir(), `dacc-${process.pid}-`)), this.shown)
      removeOnExit(this.#folder)
    }
    this.#count += 1
    return path.join(this.#folder, String(this.#count))
  }

  /**
   * The path of a file that can be read at any place and twice. Compressed and piped input is copied here
   * first; any other file is read where it is.
   */
  async seekable(input: string): Promise<string> {
    const isPiped = isStdin(input) || !(await isFile(input))
    if (!isPiped && !(await isGzip(input))) return input
    const name = await this.name()
    const to = await withReason(open(name, 'wx', 0o600), this.shown)
    try {
      await this.#spool(input, isPiped, to)
    } finally {
      await to.close()
    }
    return name
  }

  async clear(): Promise<void> {
    if (this.#folder === undefined) return
    await rm(this.#folder, { recursive: true, force: true })
    keepOnExit(this.#folder)
  }

  async #spool(input: string, isPiped: boolean, to: FileHandle): Promise<void> {
    const packed = { bytes: 0 }
    let bytes = 0
    const { isPacked, chunks } = await unpack(countBytes(chunksOf(input, isPiped), packed))
    for await (const chunk of withReasons(chunks)) {
      bytes += chunk.length
      this.#left -= chunk.length
      if (isPacked && bytes > ALWAYS_UNPACKED_BYTES && bytes > MAX_COMPRESSION_RATIO * packed.bytes) {
        throw new Error(
          `it unpacks to more than ${MAX_COMPRESSION_RATIO} times its size, as no export does, and would fill the disk`,
        )
      }
      if (this.#left < 0) {
        throw new Error(
          'what is compressed or piped is written to disk first, and this is more than 1 GiB; unpack it to a file, which is read where it is',
        )
      }
      await withReason(to.writeFile(chunk), this.shown)
    }
  }
}

async function* chunksOf(input: string, isPiped: boolean): AsyncGenerator<Buffer> {
  if (isStdin(input)) yield* process.stdin as AsyncIterable<Buffer>
  else if (isPiped) yield* createReadStream(input) as AsyncIterable<Buffer>
  else {
    const handle = await open(input)
    try {
      yield* readStable(handle, BLOCK_BYTES)
    } finally {
      await handle.close()
    }
  }
}

async function* countBytes(chunks: AsyncIterable<Buffer>, packed: { bytes: number }): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    packed.bytes += chunk.length
    yield chunk
  }
}

/** The chunks; an error of the input becomes a sentence. */
async function* withReasons(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* chunks
  } catch (error) {
    throw explainError(error)
  }
}

async function isFile(name: string): Promise<boolean> {
  const found = await stat(name)
  if (found.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' })
  return found.isFile()
}

async function isGzip(name: string): Promise<boolean> {
  const handle = await withReason(open(name))
  try {
    const { buffer, bytesRead } = await withReason(handle.read(Buffer.alloc(2), 0, 2, 0))
    return bytesRead === 2 && GZIP.every((byte, at) => buffer[at] === byte)
  } finally {
    await handle.close()
  }
}

/** The bytes of a stream, decompressed if they are gzip. */
async function unpack(from: AsyncGenerator<Buffer>): Promise<{ isPacked: boolean; chunks: AsyncIterable<Buffer> }> {
  let first = Buffer.alloc(0)
  while (first.length < GZIP.length) {
    const { done, value } = await from.next()
    if (done) break
    first = Buffer.concat([first, value])
  }
  const all = prepend(first, from)
  if (!GZIP.every((byte, at) => first[at] === byte)) return { isPacked: false, chunks: all }
  const gunzip = createGunzip()
  const packed = Readable.from(all)
  packed.on('error', (error) => gunzip.destroy(error))
  return { isPacked: true, chunks: packed.pipe(gunzip) }
}

/** The bytes that were read already, then the rest. */
async function* prepend(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first
  yield* rest
}

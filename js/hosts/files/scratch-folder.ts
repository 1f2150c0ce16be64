import { createReadStream } from 'node:fs'
import { type FileHandle, mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { isLeftover, isSettled, removeWhatWasLeft } from './cleanup.ts'
import { named, reason } from './file-error.ts'
import { ALWAYS_UNPACKED, BLOCK, MOST_SPOOLED, MOST_TIMES_PACKED } from './limits.ts'
import { isStdin } from './resolve-path.ts'
import { steadily } from './stable-file.ts'

/** The names of folders for what a command alone needs, with its process. */
const FOLDERS = /^dacc-(\d+)-[0-9A-Za-z]{6}$/

const GZIP = [0x1f, 0x8b]

/** A folder for what a command alone needs; it is gone when the command has ended. */
export class Scratch {
  #folder: string | undefined
  #count = 0
  #left: number

  /** `most`: how many bytes of inputs come here. */
  constructor(most = MOST_SPOOLED) {
    this.#left = most
  }

  /** How a full disk is told: the person knows nothing of this folder. */
  get shown(): string {
    return `${tmpdir()}, where this command keeps what it alone needs (TMPDIR names another place),`
  }

  /** Takes away what commands that were killed have left there. */
  async sweep(): Promise<void> {
    await removeWhatWasLeft(tmpdir(), FOLDERS)
  }

  /** A name for a file there. */
  async name(): Promise<string> {
    if (this.#folder === undefined) {
      this.#folder = await named(mkdtemp(path.join(tmpdir(), `dacc-${process.pid}-`)), this.shown)
      isLeftover(this.#folder)
    }
    this.#count += 1
    return path.join(this.#folder, String(this.#count))
  }

  /**
   * An input that can be read at any place, and again: one that is compressed,
   * or comes through a pipe, is written here first. A file is read where it is.
   */
  async readable(input: string): Promise<string> {
    const isPiped = isStdin(input) || !(await isFile(input))
    if (!isPiped && !(await isGzip(input))) return input
    const name = await this.name()
    const to = await named(open(name, 'wx', 0o600), this.shown)
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
    isSettled(this.#folder)
  }

  async #spool(input: string, isPiped: boolean, to: FileHandle): Promise<void> {
    const packed = { bytes: 0 }
    let bytes = 0
    const { isPacked, chunks } = await unpacked(counting(chunksOf(input, isPiped), packed))
    for await (const chunk of failing(chunks)) {
      bytes += chunk.length
      this.#left -= chunk.length
      if (isPacked && bytes > ALWAYS_UNPACKED && bytes > MOST_TIMES_PACKED * packed.bytes) {
        throw new Error(
          `it unpacks to more than ${MOST_TIMES_PACKED} times its size, as no export does, and would fill the disk`,
        )
      }
      if (this.#left < 0) {
        throw new Error(
          'what is compressed or piped is written to disk first, and this is more than 1 GiB; unpack it to a file, which is read where it is',
        )
      }
      await named(to.writeFile(chunk), this.shown)
    }
  }
}

async function* chunksOf(input: string, isPiped: boolean): AsyncGenerator<Buffer> {
  if (isStdin(input)) yield* process.stdin as AsyncIterable<Buffer>
  else if (isPiped) yield* createReadStream(input) as AsyncIterable<Buffer>
  else {
    const handle = await open(input)
    try {
      yield* steadily(handle, BLOCK)
    } finally {
      await handle.close()
    }
  }
}

async function* counting(chunks: AsyncIterable<Buffer>, packed: { bytes: number }): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    packed.bytes += chunk.length
    yield chunk
  }
}

/** What fails here is the input's fault, in the person's words. */
async function* failing(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* chunks
  } catch (error) {
    throw reason(error)
  }
}

async function isFile(name: string): Promise<boolean> {
  const found = await stat(name)
  if (found.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' })
  return found.isFile()
}

async function isGzip(name: string): Promise<boolean> {
  const handle = await named(open(name))
  try {
    const { buffer, bytesRead } = await named(handle.read(Buffer.alloc(2), 0, 2, 0))
    return bytesRead === 2 && GZIP.every((byte, at) => buffer[at] === byte)
  } finally {
    await handle.close()
  }
}

/** The bytes of a stream, unpacked if they are packed. */
async function unpacked(from: AsyncGenerator<Buffer>): Promise<{ isPacked: boolean; chunks: AsyncIterable<Buffer> }> {
  let first = Buffer.alloc(0)
  while (first.length < GZIP.length) {
    const { done, value } = await from.next()
    if (done) break
    first = Buffer.concat([first, value])
  }
  const all = resumed(first, from)
  if (!GZIP.every((byte, at) => first[at] === byte)) return { isPacked: false, chunks: all }
  const gunzip = createGunzip()
  const packed = Readable.from(all)
  packed.on('error', (error) => gunzip.destroy(error))
  return { isPacked: true, chunks: packed.pipe(gunzip) }
}

/** What was read already, then the rest. */
async function* resumed(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first
  yield* rest
}

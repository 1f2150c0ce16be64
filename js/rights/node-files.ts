import { createReadStream } from 'node:fs'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Files } from './host.ts'
import { isLeftover, isSettled, removeWhatWasLeft } from './leftovers.ts'
import { locked } from './lock.ts'
import { Made, type Seen, seenAt } from './made.ts'
import { FileError, isOne, placed } from './place.ts'
import { named, reason } from './reason.ts'

/** Where the files of a command are. */
export interface Paths {
  /** By name; `-` is stdout for `output`, stdin for an input. */
  [file: string]: string
}

const GZIP = [0x1f, 0x8b]

/** The names of folders for what a command alone needs, with its process. */
const SCRATCH = /^dacc-(\d+)-[0-9A-Za-z]{6}$/

/** What a command does with the files it is given; each is a list of names. */
export interface Uses {
  /** Home files that may not be there yet. */
  mayMiss?: readonly string[]
  /** Home files that are rewritten, which no other command may do meanwhile. */
  rewrites?: readonly string[]
  /** What is to be compressed. */
  zips?: readonly string[]
}

const NONE: readonly string[] = []

/** What is made; nothing of it may be a file that is read. */
const OUTPUTS = ['output', 'backup']

/** Files on disk; one that is made is there when it is whole. */
export class NodeFiles implements Files {
  readonly #paths: Paths
  readonly #uses: Required<Uses>
  readonly #reading = new Map<string, FileHandle>()
  readonly #making = new Map<string, Made>()
  /** What home files were when they were read. */
  readonly #seen = new Map<string, Seen>()
  readonly #locks: (() => Promise<void>)[] = []
  #scratch: string | undefined

  constructor(paths: Paths, { mayMiss = NONE, rewrites = NONE, zips = NONE }: Uses = {}) {
    this.#paths = { ...paths }
    this.#uses = { mayMiss, rewrites, zips }
  }

  /** Shows that no file is taken for two things, and takes those that are rewritten; before anything else. */
  async take(): Promise<void> {
    await removeWhatWasLeft(tmpdir(), SCRATCH)
    for (const file of [...OUTPUTS, 'former']) {
      const name = this.#paths[file]
      if (name === undefined) continue
      for (const [other, otherName] of Object.entries(this.#paths)) {
        if (other === file || !await isOne(file, name, otherName)) continue
        throw new FileError(file, `it is the same file as ${otherName === name ? 'the one that is read' : otherName}; give another name`)
      }
    }
    for (const file of this.#uses.rewrites) {
      const name = this.#paths[file]
      if (name === undefined) continue
      try {
        const { real, isWhole } = await placed(name)
        if (!isWhole) throw new Error('this is no regular file, and cannot be rewritten')
        this.#locks.push(await locked(real))
      } catch (error) {
        throw new FileError(file, reason(error).message)
      }
    }
  }

  async read(file: string, at: number, length: number): Promise<Uint8Array> {
    const made = file.startsWith('scratch:') ? this.#making.get(file) : undefined
    const handle = made?.handle ?? await this.#opened(file)
    if (handle === undefined) return new Uint8Array()
    const bytes = new Uint8Array(length)
    const { bytesRead } = await named(handle.read(bytes, 0, length, at))
    return bytes.subarray(0, bytesRead)
  }

  async append(file: string, bytes: Uint8Array): Promise<void> {
    let made = this.#making.get(file)
    if (made === undefined) {
      made = await this.#begun(file)
      this.#making.set(file, made)
    }
    await named(made.write(bytes))
  }

  async commit(file: string): Promise<void> {
    const made = this.#making.get(file)
    if (made === undefined) throw new Error('nothing was written to it')
    const isRewritten = this.#uses.rewrites.includes(file)
    await named(made.end(isRewritten ? this.#seen.get(file) : undefined))
    this.#making.delete(file)
    if (isRewritten) this.#seen.set(file, await named(seenAt(this.#path(file))))
    await this.#reading.get(file)?.close()
    this.#reading.delete(file)
  }

  async discard(file: string): Promise<void> {
    await this.#making.get(file)?.forget()
    this.#making.delete(file)
  }

  /** Takes away what was not committed. */
  async close(): Promise<void> {
    for (const made of this.#making.values()) await made.forget()
    for (const handle of this.#reading.values()) await handle.close()
    for (const letGo of this.#locks) await letGo()
    if (this.#scratch === undefined) return
    await rm(this.#scratch, { recursive: true, force: true })
    isSettled(this.#scratch)
  }

  async #opened(file: string): Promise<FileHandle | undefined> {
    const known = this.#reading.get(file)
    if (known !== undefined) return known
    let name = this.#path(file)
    if (file.startsWith('input:')) name = await this.#spooled(name)
    try {
      const handle = await open(name)
      this.#reading.set(file, handle)
      this.#seen.set(file, await handle.stat({ bigint: true }))
      return handle
    } catch (error) {
      if (this.#uses.mayMiss.includes(file) && (error as NodeJS.ErrnoException).code === 'ENOENT') {
        this.#seen.set(file, 'missing')
        return undefined
      }
      throw reason(error)
    }
  }

  async #begun(file: string): Promise<Made> {
    if (file.startsWith('scratch:')) {
      const name = path.join(await this.#scratchFolder(), encodeURIComponent(file))
      return Made.begun({ name, zips: false, straight: 'w+' })
    }
    const zips = this.#uses.zips.includes(file)
    const { real, isWhole } = await named(placed(this.#path(file)))
    return Made.begun({ name: real, zips, ...(!isWhole && { straight: 'w' }) })
  }

  /** An input that can be read twice: what is compressed or piped is written to disk first. */
  async #spooled(name: string): Promise<string> {
    if (name !== '-' && !await isGzip(name)) return name
    const spool = path.join(await this.#scratchFolder(), 'input')
    const handle = await open(spool, 'w', 0o600)
    try {
      const from: Readable = name === '-' ? process.stdin : createReadStream(name)
      for await (const chunk of await unzipped(from)) await handle.writeFile(chunk as Buffer)
    } catch (error) {
      throw reason(error)
    } finally {
      await handle.close()
    }
    return spool
  }

  async #scratchFolder(): Promise<string> {
    if (this.#scratch === undefined) {
      this.#scratch = await mkdtemp(path.join(tmpdir(), `dacc-${process.pid}-`))
      isLeftover(this.#scratch)
    }
    return this.#scratch
  }

  #path(file: string): string {
    const name = this.#paths[file]
    if (name === undefined) throw new Error('no such file was given')
    return name
  }
}

async function isGzip(name: string): Promise<boolean> {
  const handle = await named(open(name))
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && GZIP.every((byte, at) => buffer[at] === byte)
  } finally {
    await handle.close()
  }
}

/** The bytes of a stream, unpacked if they are packed. */
async function unzipped(from: Readable): Promise<Readable> {
  const chunks = from.iterator() as AsyncIterator<Buffer, undefined>
  let first = Buffer.alloc(0)
  while (first.length < GZIP.length) {
    const { done, value } = await chunks.next()
    if (done) break
    first = Buffer.concat([first, value])
  }
  const all = Readable.from(resumed(first, chunks))
  if (!GZIP.every((byte, at) => first[at] === byte)) return all
  const gunzip = createGunzip()
  all.on('error', (error) => gunzip.destroy(error))
  return all.pipe(gunzip)
}

/** What was read already, then the rest. */
async function* resumed(first: Buffer, rest: AsyncIterator<Buffer, undefined>): AsyncGenerator<Buffer> {
  yield first
  yield* { [Symbol.asyncIterator]: () => rest }
}

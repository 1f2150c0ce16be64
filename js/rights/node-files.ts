import { once } from 'node:events'
import { createReadStream, type WriteStream } from 'node:fs'
import { type FileHandle, mkdtemp, open, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import { createGunzip, createGzip, type Gzip } from 'node:zlib'
import type { Files } from './host.ts'

/** Where the files of a command are. */
export interface Paths {
  /** By name; `-` is stdout for `output`, stdin for an input. */
  [file: string]: string
}

const GZIP = [0x1f, 0x8b]

/**
 * Files on disk. One that is made grows under another name in the same folder,
 * and is renamed when it is whole and stored for good.
 */
export class NodeFiles implements Files {
  readonly #paths: Paths
  readonly #mayMiss: ReadonlySet<string>
  readonly #zips: ReadonlySet<string>
  readonly #reading = new Map<string, FileHandle>()
  readonly #making = new Map<string, Made>()
  #scratch: string | undefined

  /** `mayMiss`: the names of home files that may not be there yet; `zips`: of those to be compressed. */
  constructor(paths: Paths, { mayMiss = [], zips = [] }: { mayMiss?: string[]; zips?: string[] } = {}) {
    this.#paths = { ...paths }
    this.#mayMiss = new Set(mayMiss)
    this.#zips = new Set(zips)
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
    await named(made.end())
    this.#making.delete(file)
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
    if (this.#scratch !== undefined) await rm(this.#scratch, { recursive: true, force: true })
  }

  async #opened(file: string): Promise<FileHandle | undefined> {
    const known = this.#reading.get(file)
    if (known !== undefined) return known
    let name = this.#path(file)
    if (file.startsWith('input:')) name = await this.#spooled(name)
    try {
      const handle = await open(name)
      this.#reading.set(file, handle)
      return handle
    } catch (error) {
      if (this.#mayMiss.has(file) && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw reason(error)
    }
  }

  async #begun(file: string): Promise<Made> {
    if (file.startsWith('scratch:')) {
      const name = path.join(await this.#scratchFolder(), encodeURIComponent(file))
      return new Made(await named(open(name, 'w+')), name, undefined, false)
    }
    const name = this.#path(file)
    const zips = this.#zips.has(file)
    if (name === '-') return new Made(undefined, '', undefined, zips)
    // The same name each time: what a kill left is overwritten.
    const under = path.join(path.dirname(name), `.${path.basename(name)}.dacc-new`)
    return new Made(await named(open(under, 'w', 0o600)), under, name, zips)
  }

  /** An input that can be read twice: what is compressed or piped is written to disk first. */
  async #spooled(name: string): Promise<string> {
    if (name !== '-' && !await isGzip(name)) return name
    const spool = path.join(await this.#scratchFolder(), 'input')
    const handle = await open(spool, 'w')
    try {
      const from: Readable = name === '-' ? process.stdin : createReadStream(name)
      for await (const chunk of await unzipped(from)) await handle.write(chunk as Buffer)
    } catch (error) {
      throw reason(error)
    } finally {
      await handle.close()
    }
    return spool
  }

  async #scratchFolder(): Promise<string> {
    this.#scratch ??= await mkdtemp(path.join(tmpdir(), 'dacc-'))
    return this.#scratch
  }

  #path(file: string): string {
    const name = this.#paths[file]
    if (name === undefined) throw new Error('no such file was given')
    return name
  }
}

/** A file that is being made. */
class Made {
  readonly handle: FileHandle | undefined
  readonly #under: string
  readonly #name: string | undefined
  readonly #gzip: Gzip | undefined
  readonly #zipped: Promise<void> | undefined

  /** Without a handle it goes to stdout; without a name it stays where it is. */
  constructor(handle: FileHandle | undefined, under: string, name: string | undefined, zips: boolean) {
    this.handle = handle
    this.#under = under
    this.#name = name
    if (zips) {
      this.#gzip = createGzip()
      this.#zipped = this.#pump(this.#gzip)
      this.#zipped.catch(() => {})
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#gzip === undefined) await this.#put(bytes)
    else if (!this.#gzip.write(bytes)) await Promise.race([once(this.#gzip, 'drain'), this.#zipped])
  }

  async end(): Promise<void> {
    this.#gzip?.end()
    await this.#zipped
    if (this.handle === undefined || this.#name === undefined) return
    await this.handle.sync()
    await this.handle.close()
    await rename(this.#under, this.#name)
    const folder = await open(path.dirname(this.#name))
    // So that the new name is stored for good too; not every system can.
    await folder.sync().catch(() => {})
    await folder.close()
  }

  async forget(): Promise<void> {
    this.#gzip?.destroy()
    await this.handle?.close()
    if (this.#under !== '') await rm(this.#under, { force: true })
  }

  async #pump(gzip: Gzip): Promise<void> {
    for await (const chunk of gzip) await this.#put(chunk as Buffer)
  }

  async #put(bytes: Uint8Array): Promise<void> {
    if (this.handle === undefined) {
      const stdout: NodeJS.WriteStream | WriteStream = process.stdout
      if (!stdout.write(bytes)) await once(stdout, 'drain')
      return
    }
    for (let at = 0; at < bytes.length;) at += (await this.handle.write(bytes, at)).bytesWritten
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
  const all = from.pipe(new PassThrough())
  from.on('error', (error) => all.destroy(error))
  await Promise.race([once(all, 'readable'), once(all, 'end')])
  const first = all.read() as Buffer | null
  if (first === null) return all
  all.unshift(first)
  if (!GZIP.every((byte, at) => first[at] === byte)) return all
  const gunzip = createGunzip()
  all.on('error', (error) => gunzip.destroy(error))
  return all.pipe(gunzip)
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such folder',
  EACCES: 'its permissions forbid it',
  EPERM: 'its permissions forbid it',
  EISDIR: 'this is a directory; the name of a file is needed',
  ENOSPC: 'the disk is full',
  Z_DATA_ERROR: 'its compression is damaged',
  Z_BUF_ERROR: 'it is compressed, and cut',
}

function reason(error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code
  return code === undefined && error instanceof Error ? error : new Error(REASONS[code ?? ''] ?? `it cannot be used (${code})`)
}

async function named<T>(done: Promise<T>): Promise<T> {
  try {
    return await done
  } catch (error) {
    throw reason(error)
  }
}

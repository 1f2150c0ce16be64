import { once } from 'node:events'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { createGzip, type Gzip } from 'node:zlib'
import { isLeftover, isSettled, removeWhatWasLeft } from './leftovers.ts'
import { named } from './reason.ts'

/** The names of files that grow, with their process. */
const UNFINISHED = /^\..+\.(\d+)-[0-9a-z]+\.dacc-new$/

/** What a file was, for telling later whether it still is. */
export type Seen = { dev: bigint; ino: bigint; size: bigint; mtimeNs: bigint } | 'missing'

/** Where what is made goes to: stdout or a device as it comes, a file when it is whole. */
export interface Destination {
  /** `-` is stdout. */
  name: string
  zips: boolean
  /** Opened so and written to as it comes: a device or a pipe, or a file of this process alone. */
  straight?: 'w' | 'w+'
}

/**
 * A file that is being made. It grows under another name in the same folder,
 * and is renamed when it is whole and stored for good.
 */
export class Made {
  readonly handle: FileHandle | undefined
  readonly #under: string | undefined
  readonly #name: string
  readonly #gzip: Gzip | undefined
  readonly #zipped: Promise<void> | undefined

  private constructor(handle: FileHandle | undefined, under: string | undefined, { name, zips }: Destination) {
    this.handle = handle
    this.#under = under
    this.#name = name
    if (zips) {
      this.#gzip = createGzip()
      // Who writes or ends waits for it, and is told then.
      this.#gzip.on('error', () => {})
      this.#zipped = this.#pump(this.#gzip)
      this.#zipped.catch(() => {})
    }
  }

  static async begun(to: Destination): Promise<Made> {
    if (to.name === '-') return new Made(undefined, undefined, to)
    if (to.straight !== undefined) return new Made(await named(open(to.name, to.straight, 0o600)), undefined, to)
    const folder = path.dirname(to.name)
    await removeWhatWasLeft(folder, UNFINISHED)
    const own = `${process.pid}-${Math.floor(Math.random() * 2 ** 40).toString(36)}`
    const under = path.join(folder, `.${path.basename(to.name)}.${own}.dacc-new`)
    const handle = await open(under, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw new Error('there is no such folder')
      return named(Promise.reject(error))
    })
    isLeftover(under)
    return new Made(handle, under, to)
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#gzip === undefined) await this.#put(bytes)
    else if (this.#gzip.destroyed) await this.#zipped
    else if (!this.#gzip.write(bytes)) await once(this.#gzip, 'drain')
  }

  /**
   * It is whole. Where `seen` is given the file is rewritten: it has to be
   * still what it was, and keeps its owner and permissions.
   */
  async end(seen?: Seen): Promise<void> {
    this.#gzip?.end()
    await this.#zipped
    if (this.handle === undefined) return
    if (this.#under === undefined) return await this.handle.close()
    if (seen !== undefined) await this.#likeBefore(seen)
    await this.handle.sync()
    if (seen !== undefined) await this.#stillIs(seen)
    await this.handle.close()
    await rename(this.#under, this.#name)
    isSettled(this.#under)
    const folder = await open(path.dirname(this.#name))
    // So that the new name is stored for good too; not every system can.
    await folder.sync().catch(() => {})
    await folder.close()
  }

  async forget(): Promise<void> {
    this.#gzip?.destroy()
    await this.handle?.close()
    if (this.#under === undefined) return
    await rm(this.#under, { force: true })
    isSettled(this.#under)
  }

  async #likeBefore(seen: Seen): Promise<void> {
    if (seen === 'missing' || this.handle === undefined) return
    const [{ mode, uid, gid }, own] = [await stat(this.#name), await this.handle.stat()]
    // Only an administrator can give a file away, and need not be able to everywhere.
    if (uid !== own.uid || gid !== own.gid) await this.handle.chown(uid, gid).catch(() => {})
    await this.handle.chmod(mode & 0o777)
  }

  async #stillIs(seen: Seen): Promise<void> {
    if (!isSame(seen, await seenAt(this.#name))) {
      throw new Error('another program changed it meanwhile; it stays as that left it, and this command has to be begun again')
    }
  }

  async #pump(gzip: Gzip): Promise<void> {
    try {
      for await (const chunk of gzip.iterator({ destroyOnReturn: false })) await this.#put(chunk as Buffer)
    } catch (error) {
      // So that who waits until it takes more does not wait for ever.
      gzip.destroy(error as Error)
      throw error
    }
  }

  async #put(bytes: Uint8Array): Promise<void> {
    if (this.handle === undefined) {
      if (!process.stdout.write(bytes)) await once(process.stdout, 'drain')
      return
    }
    for (let at = 0; at < bytes.length;) at += (await this.handle.write(bytes, at)).bytesWritten
  }
}

/** What is at a place now. */
export async function seenAt(name: string): Promise<Seen> {
  try {
    return await stat(name, { bigint: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing'
    throw error
  }
}

function isSame(before: Seen, after: Seen): boolean {
  if (before === 'missing' || after === 'missing') return before === after
  return (['dev', 'ino', 'size', 'mtimeNs'] as const).every((each) => before[each] === after[each])
}

import { once } from 'node:events'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { createGzip, type Gzip } from 'node:zlib'
import { takeName } from './claim-name.ts'
import { isLeftover, isSettled, removeWhatWasLeft } from './cleanup.ts'
import { named } from './file-error.ts'
import { isSame, type Seen, seenAt } from './file-identity.ts'
import { mayBeRewritten, placed } from './resolve-path.ts'
import { beside } from './sibling-name.ts'

/** The names of files that grow, with their process. */
const UNFINISHED = /^\..+\.(\d+)-[0-9a-z]+\.dacc-new$/

/** Where what is made goes to: stdout or a device as it comes, a file when it is whole. */
export interface Destination {
  /** `-` is stdout. */
  name: string
  zips: boolean
  /** Opened so and written to as it comes: a device or a pipe, or a file of this process alone. */
  straight?: 'w' | 'w+'
  /** How a full disk is told, where the folder's own name would say nothing. */
  folder?: string
}

/** How a whole file comes to its name. */
export type Ending =
  /** Nothing has the name; `another` gives one where something has, if there is any other. */
  | { becomes: 'new'; another?: () => string }
  /** It takes the place of whatever is there. */
  | { becomes: 'the only one' }
  /** It is a file rewritten, which still has to be what was seen of it. */
  | { becomes: 'the next'; seen: Seen }

/** Something has the name that a file was to get. */
export class Taken extends Error {
  override name = 'Taken'
}

/** Removes what processes that were killed have left in a folder of files they made. */
export async function removeUnfinished(folder: string): Promise<void> {
  await removeWhatWasLeft(folder, UNFINISHED)
}

/**
 * A file that is being made. It grows under another name in the same folder,
 * and gets its own when it is whole and stored for good.
 */
export class Made {
  readonly handle: FileHandle | undefined
  readonly #under: string | undefined
  readonly #to: Destination
  readonly #gzip: Gzip | undefined
  readonly #zipped: Promise<void> | undefined
  /** What is written straight waits for what follows: the last piece makes it whole, and may yet be refused. */
  #last: Uint8Array | undefined

  private constructor(handle: FileHandle | undefined, under: string | undefined, to: Destination) {
    this.handle = handle
    this.#under = under
    this.#to = to
    if (to.zips) {
      this.#gzip = createGzip()
      // Who writes or ends waits for it, and is told then.
      this.#gzip.on('error', () => {})
      this.#zipped = this.#pump(this.#gzip)
      this.#zipped.catch(() => {})
    }
  }

  static async begun(to: Destination): Promise<Made> {
    if (to.name === '-') return new Made(undefined, undefined, to)
    if (to.straight !== undefined)
      return new Made(await named(open(to.name, to.straight, 0o600), to.folder), undefined, to)
    const folder = path.dirname(to.name)
    await removeUnfinished(folder)
    const own = `${process.pid}-${Math.floor(Math.random() * 2 ** 40).toString(36)}`
    const under = beside(to.name, `.${own}.dacc-new`)
    const handle = await open(under, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw new Error('there is no such folder')
      return named(Promise.reject(error), folder)
    })
    isLeftover(under)
    return new Made(handle, under, { ...to, folder })
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#to.straight === 'w+' || this.#under !== undefined) return this.#give(bytes)
    if (this.#last !== undefined) await this.#give(this.#last)
    this.#last = bytes
  }

  /** It is whole, and comes to its name; gives that. */
  async end(ending: Ending): Promise<string> {
    if (this.#last !== undefined) await this.#give(this.#last)
    this.#gzip?.end()
    await this.#zipped
    if (this.handle === undefined) return this.#to.name
    if (this.#under === undefined) {
      await this.handle.close()
      return this.#to.name
    }
    if (ending.becomes === 'the next') await this.#likeBefore(ending.seen)
    await named(this.handle.sync(), this.#to.folder)
    await named(this.handle.close(), this.#to.folder)
    const name = await this.#placed(this.#under, ending)
    isSettled(this.#under)
    const folder = await open(path.dirname(name))
    // So that the new name is stored for good too; not every system can.
    await folder.sync().catch(() => {})
    await folder.close()
    return name
  }

  async forget(): Promise<void> {
    this.#gzip?.destroy()
    await this.handle?.close().catch(() => {})
    if (this.#under === undefined) return
    await rm(this.#under, { force: true })
    isSettled(this.#under)
  }

  async #placed(under: string, ending: Ending): Promise<string> {
    let { name } = this.#to
    if (ending.becomes === 'new') {
      while (!(await named(takeName(under, name), this.#to.folder))) {
        if (ending.another === undefined) throw new Taken('another program made it meanwhile, and it stays as it is')
        name = path.join(path.dirname(name), path.basename(ending.another()))
      }
      return name
    }
    if (ending.becomes === 'the next') {
      if (!isSame(ending.seen, await seenAt(name))) throw changed()
      // Where there was none, none may be replaced.
      if (ending.seen === 'missing') {
        if (!(await named(takeName(under, name), this.#to.folder))) throw changed()
        return name
      }
    }
    await named(rename(under, name), this.#to.folder)
    return name
  }

  async #likeBefore(seen: Seen): Promise<void> {
    if (seen === 'missing' || this.handle === undefined) return
    const before = await stat(this.#to.name).catch(() => undefined)
    if (before === undefined) throw changed()
    const [{ mode, uid, gid }, own] = [before, await this.handle.stat()]
    // Only an administrator can give a file away, and need not be able to everywhere.
    if (uid !== own.uid || gid !== own.gid) await this.handle.chown(uid, gid).catch(() => {})
    await this.handle.chmod(mode & 0o777)
  }

  async #give(bytes: Uint8Array): Promise<void> {
    if (this.#gzip === undefined) await this.#put(bytes)
    else if (this.#gzip.destroyed) await this.#zipped
    else if (!this.#gzip.write(bytes)) await once(this.#gzip, 'drain')
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
    for (let at = 0; at < bytes.length; )
      at += (await named(this.handle.write(bytes, at), this.#to.folder)).bytesWritten
  }
}

/** Rewrites a file with this text, whole or not at all, if it still is what was seen of it. */
export async function rewrite(name: string, text: string, seen: Seen): Promise<void> {
  const { real, isWhole } = await placed(name)
  if (!isWhole) throw new Error('this is no regular file, and cannot be rewritten')
  await mayBeRewritten(real, (await stat(real)).mode)
  const made = await Made.begun({ name: real, zips: false })
  try {
    await made.write(new TextEncoder().encode(text))
    await made.end({ becomes: 'the next', seen })
  } catch (error) {
    await made.forget()
    throw error
  }
}

function changed(): Error {
  return new Error(
    'another program changed it meanwhile; it stays as that left it, and this command has to be begun again',
  )
}

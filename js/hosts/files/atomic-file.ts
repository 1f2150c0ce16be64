// Writes a file so that its name never shows half of it: the file grows under a temporary name and is
// renamed when it is complete.

import { once } from 'node:events'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { createGzip, type Gzip } from 'node:zlib'
import { claimName } from './claim-name.ts'
import { keepOnExit, removeLeftovers, removeOnExit } from './cleanup.ts'
import { withReason } from './file-error.ts'
import { type FileIdentity, identityOf, isSameIdentity } from './file-identity.ts'
import { requireWritable, resolvePath } from './resolve-path.ts'
import { hiddenSibling } from './sibling-name.ts'

/** Temporary names; the group is the id of the process that writes. */
const UNFINISHED = /^\..+\.(\d+)-[0-9a-z]+\.dacc-new$/

/** Where the bytes go: stdout and devices get them at once, a file gets its name when it is complete. */
export interface Destination {
  /** `-` is stdout. */
  name: string
  zips: boolean
  /** Opens with these flags and writes at once: a device, a pipe, or a file that only this process uses. */
  straight?: 'w' | 'w+'
  /** The folder to name in the message about a full disk; the file's own folder by default. */
  folder?: string
}

/** How a complete file gets its name. */
export type Placement =
  /** The name must be free; where it is taken, `another` gives the next one to try. */
  | { becomes: 'new'; another?: () => string }
  /** Replaces whatever has the name. */
  | { becomes: 'the only one' }
  /** Replaces the file that was read, which must not have changed since. */
  | { becomes: 'the next'; seen: FileIdentity }

/** Another file has the name already. */
export class NameTaken extends Error {
  override name = 'NameTaken'
}

/** Removes temporary files that killed processes left in a folder. */
export async function removeUnfinished(folder: string): Promise<void> {
  await removeLeftovers(folder, UNFINISHED)
}

/**
 * A file that is being written. It grows under a temporary name in the same folder, and gets its own
 * name when it is complete and flushed to the disk.
 */
export class AtomicFile {
  readonly handle: FileHandle | undefined
  readonly #temporaryName: string | undefined
  readonly #destination: Destination
  readonly #gzip: Gzip | undefined
  readonly #zipped: Promise<void> | undefined
  /** The last piece is held back: `finish` writes it, so that a command that fails before never completes the output. */
  #last: Uint8Array | undefined

  private constructor(handle: FileHandle | undefined, temporary: string | undefined, to: Destination) {
    this.handle = handle
    this.#temporaryName = temporary
    this.#destination = to
    if (to.zips) {
      this.#gzip = createGzip()
      // `write` and `finish` wait for it and throw its error.
      this.#gzip.on('error', () => {})
      this.#zipped = this.#pump(this.#gzip)
      this.#zipped.catch(() => {})
    }
  }

  static async create(to: Destination): Promise<AtomicFile> {
    if (to.name === '-') return new AtomicFile(undefined, undefined, to)
    if (to.straight !== undefined)
      return new AtomicFile(await withReason(open(to.name, to.straight, 0o600), to.folder), undefined, to)
    const folder = path.dirname(to.name)
    await removeUnfinished(folder)
    const own = `${process.pid}-${Math.floor(Math.random() * 2 ** 40).toString(36)}`
    const temporary = hiddenSibling(to.name, `.${own}.dacc-new`)
    const handle = await open(temporary, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw new Error('there is no such folder')
      return withReason(Promise.reject(error), folder)
    })
    removeOnExit(temporary)
    return new AtomicFile(handle, temporary, { ...to, folder })
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#destination.straight === 'w+' || this.#temporaryName !== undefined) return this.#compressOrWrite(bytes)
    if (this.#last !== undefined) await this.#compressOrWrite(this.#last)
    this.#last = bytes
  }

  /** Completes the file and gives it its name, which it returns. */
  async finish(placement: Placement): Promise<string> {
    if (this.#last !== undefined) await this.#compressOrWrite(this.#last)
    this.#gzip?.end()
    await this.#zipped
    if (this.handle === undefined) return this.#destination.name
    if (this.#temporaryName === undefined) {
      await this.handle.close()
      return this.#destination.name
    }
    if (placement.becomes === 'the next') await this.#copyMode(placement.seen)
    await withReason(this.handle.sync(), this.#destination.folder)
    await withReason(this.handle.close(), this.#destination.folder)
    const name = await this.#moveIntoPlace(this.#temporaryName, placement)
    keepOnExit(this.#temporaryName)
    const folder = await open(path.dirname(name))
    // Flushes the new name too; not every system can.
    await folder.sync().catch(() => {})
    await folder.close()
    return name
  }

  async discard(): Promise<void> {
    this.#gzip?.destroy()
    await this.handle?.close().catch(() => {})
    if (this.#temporaryName === undefined) return
    await rm(this.#temporaryName, { force: true })
    keepOnExit(this.#temporaryName)
  }

  async #moveIntoPlace(temporary: string, placement: Placement): Promise<string> {
    let { name } = this.#destination
    if (placement.becomes === 'new') {
      while (!(await withReason(claimName(temporary, name), this.#destination.folder))) {
        if (placement.another === undefined)
          throw new NameTaken('another program made it meanwhile, and it stays as it is')
        name = path.join(path.dirname(name), path.basename(placement.another()))
      }
      return name
    }
    if (placement.becomes === 'the next') {
      if (!isSameIdentity(placement.seen, await identityOf(name))) throw changed()
      // No file was there when it was read, so none may be replaced.
      if (placement.seen === 'missing') {
        if (!(await withReason(claimName(temporary, name), this.#destination.folder))) throw changed()
        return name
      }
    }
    await withReason(rename(temporary, name), this.#destination.folder)
    return name
  }

  async #copyMode(seen: FileIdentity): Promise<void> {
    if (seen === 'missing' || this.handle === undefined) return
    const before = await stat(this.#destination.name).catch(() => undefined)
    if (before === undefined) throw changed()
    const [{ mode, uid, gid }, own] = [before, await this.handle.stat()]
    // Only an administrator can change the owner, and not on every disk.
    if (uid !== own.uid || gid !== own.gid) await this.handle.chown(uid, gid).catch(() => {})
    await this.handle.chmod(mode & 0o777)
  }

  async #compressOrWrite(bytes: Uint8Array): Promise<void> {
    if (this.#gzip === undefined) await this.#writeOut(bytes)
    else if (this.#gzip.destroyed) await this.#zipped
    else if (!this.#gzip.write(bytes)) await once(this.#gzip, 'drain')
  }

  async #pump(gzip: Gzip): Promise<void> {
    try {
      for await (const chunk of gzip.iterator({ destroyOnReturn: false })) await this.#writeOut(chunk as Buffer)
    } catch (error) {
      // Otherwise a writer would wait for 'drain' for ever.
      gzip.destroy(error as Error)
      throw error
    }
  }

  async #writeOut(bytes: Uint8Array): Promise<void> {
    if (this.handle === undefined) {
      if (!process.stdout.write(bytes)) await once(process.stdout, 'drain')
      return
    }
    for (let at = 0; at < bytes.length; )
      at += (await withReason(this.handle.write(bytes, at), this.#destination.folder)).bytesWritten
  }
}

/** Replaces the text of a file in one step, if the file has not changed since it was seen. */
export async function rewriteFile(name: string, text: string, seen: FileIdentity): Promise<void> {
  const { real, isReplaceable } = await resolvePath(name)
  if (!isReplaceable) throw new Error('this is no regular file, and cannot be rewritten')
  await requireWritable(real, (await stat(real)).mode)
  const file = await AtomicFile.create({ name: real, zips: false })
  try {
    await file.write(new TextEncoder().encode(text))
    await file.finish({ becomes: 'the next', seen })
  } catch (error) {
    await file.discard()
    throw error
  }
}

function changed(): Error {
  return new Error(
    'another program changed it meanwhile; it stays as that left it, and this command has to be begun again',
  )
}

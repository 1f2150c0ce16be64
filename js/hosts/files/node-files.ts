// The files of a rights command, on the disk.

import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { RightsFiles } from '../../types/index.d.ts'
import { AtomicFile, NameTaken, type Placement, removeUnfinished } from './atomic-file.ts'
import { explainError, withReason } from './file-error.ts'
import { type FileIdentity, identityOf, isSameIdentity } from './file-identity.ts'
import { lockFile } from './file-lock.ts'
import { FileError, isSameFile, isStdin, requireWritable, resolvePath } from './resolve-path.ts'
import { ScratchFolder } from './scratch-folder.ts'
import { StableFile } from './stable-file.ts'

/** The paths of a command's files. */
export interface Paths {
  /** By the name the core uses; `-` is stdout for `output` and stdin for an input. */
  [file: string]: string
}

/** What a command does with its files; each list holds names that the core uses. */
export interface Uses {
  /** Home files that need not exist yet. */
  mayMiss?: readonly string[]
  /** Home files that are rewritten; they are locked. */
  rewrites?: readonly string[]
  /** Home files from which data are erased. */
  erases?: readonly string[]
  /** Whether hard links may keep the erased data. */
  leavesLinks?: boolean
  /** Files that are compressed. */
  zips?: readonly string[]
  /** Whether an output may replace an existing file: never, or only if the person asks for it. */
  overwrites?: 'never' | 'not asked for' | 'asked for'
  /** Gives another name for a file whose name is taken. */
  another?: Readonly<Record<string, () => string>>
}

const NONE: readonly string[] = []

/** Files that are only written; none may be a file that is read. */
const OUTPUTS = ['output', 'backup']

/** Files on the disk. An output appears when it is complete; an input must not change while it is read. */
export class NodeFiles implements RightsFiles {
  readonly #paths: Paths
  readonly #uses: Required<Uses>
  readonly #reading = new Map<string, StableFile>()
  readonly #writing = new Map<string, AtomicFile>()
  /** The identity of home files when they were read or written. */
  readonly #seen = new Map<string, FileIdentity>()
  readonly #locks: (() => Promise<void>)[] = []
  readonly #links = new Map<string, number>()
  readonly #scratch: ScratchFolder

  constructor(paths: Paths, uses: Uses = {}, scratch = new ScratchFolder()) {
    this.#paths = { ...paths }
    this.#uses = {
      mayMiss: NONE,
      rewrites: NONE,
      erases: NONE,
      leavesLinks: false,
      zips: NONE,
      overwrites: 'never',
      another: {},
      ...uses,
    }
    this.#scratch = scratch
  }

  /** How many other names a home file has that is rewritten; what they lead to stays as it was. */
  links(file: string): number {
    return this.#links.get(file) ?? 0
  }

  /** Shows that no file is taken for two things, and takes those that are rewritten; before anything else. */
  async take(): Promise<void> {
    await this.#scratch.sweep()
    const fromStdin = Object.keys(this.#paths).filter((file) => !OUTPUTS.includes(file) && isStdin(this.#path(file)))
    if (fromStdin[1] !== undefined) throw new FileError(fromStdin[1], 'stdin is named twice, and can be read once')
    for (const file of [...OUTPUTS, 'former']) await this.#isItsOwn(file)
    for (const file of OUTPUTS) await this.#isFree(file)
    for (const file of this.#uses.rewrites) {
      const name = this.#paths[file]
      if (name === undefined) continue
      try {
        await this.#lock(file, name)
      } catch (error) {
        throw new FileError(file, explainError(error).message)
      }
    }
  }

  async read(file: string, at: number, length: number): Promise<Uint8Array> {
    const writing = file.startsWith('scratch:') ? this.#writing.get(file) : undefined
    if (writing?.handle !== undefined) {
      const bytes = new Uint8Array(length)
      const { bytesRead } = await withReason(writing.handle.read(bytes, 0, length, at))
      return bytes.subarray(0, bytesRead)
    }
    return (await (await this.#open(file))?.read(at, length)) ?? new Uint8Array()
  }

  async append(file: string, bytes: Uint8Array): Promise<void> {
    let writing = this.#writing.get(file)
    if (writing === undefined) {
      writing = await this.#create(file)
      this.#writing.set(file, writing)
    }
    await writing.write(bytes).catch((error: unknown) => {
      throw explainError(error)
    })
  }

  async commit(file: string): Promise<void> {
    const writing = this.#writing.get(file)
    if (writing === undefined) throw new Error('nothing was written to it')
    const isRewritten = this.#uses.rewrites.includes(file)
    // What is rewritten is compared when it is replaced, with better words.
    await this.#unchanged(...(isRewritten ? [file] : []))
    const name = await writing.finish(this.#ending(file)).catch((error: unknown) => {
      throw error instanceof NameTaken ? error : explainError(error)
    })
    this.#writing.delete(file)
    if (!isRewritten && name !== '-' && OUTPUTS.includes(file)) this.#paths[file] = name
    if (isRewritten) this.#seen.set(file, await withReason(identityOf(name)))
    await this.#reading.get(file)?.close()
    this.#reading.delete(file)
  }

  async discard(file: string): Promise<void> {
    await this.#writing.get(file)?.discard()
    this.#writing.delete(file)
  }

  /** Shows that nothing that was only read has changed: what is told of it is true. */
  async unchanged(): Promise<void> {
    await this.#unchanged(...this.#uses.rewrites)
  }

  /** Takes away what was not committed. */
  async close(): Promise<void> {
    for (const writing of this.#writing.values()) await writing.discard()
    for (const stable of this.#reading.values()) await stable.close()
    for (const letGo of this.#locks) await letGo()
    await this.#scratch.clear()
  }

  async #unchanged(...but: readonly string[]): Promise<void> {
    for (const [file, stable] of this.#reading) {
      if (but.includes(file) || OUTPUTS.includes(file)) continue
      await stable.verifyUnchanged().catch((error: unknown) => {
        throw new FileError(file, explainError(error).message)
      })
    }
  }

  async #isItsOwn(file: string): Promise<void> {
    const name = this.#paths[file]
    if (name === undefined) return
    for (const [other, otherName] of Object.entries(this.#paths)) {
      if (other === file || !(await isSameFile(file, name, otherName))) continue
      throw new FileError(
        file,
        `it is the same file as ${otherName === name ? 'the one that is read' : otherName}; give another name`,
      )
    }
  }

  /** Before any work: what would be refused at its end. */
  async #isFree(file: string): Promise<void> {
    const name = this.#paths[file]
    if (name === undefined || name === '-' || this.#uses.overwrites === 'asked for') return
    const found = await stat(name).catch(() => undefined)
    // A device or a pipe is written to as it is.
    if (found?.isFile() !== true) return
    const another = this.#uses.another[file]
    if (another !== undefined) {
      this.#paths[file] = another()
      return this.#isFree(file)
    }
    throw new FileError(
      file,
      this.#uses.overwrites === 'never'
        ? 'it is there already, and is never overwritten; give another name'
        : 'it is there already; give another name, or --force to overwrite it',
    )
  }

  async #lock(file: string, name: string): Promise<void> {
    const { real, isReplaceable } = await resolvePath(name)
    if (!isReplaceable) throw new Error('this is no regular file, and cannot be rewritten')
    this.#locks.push(await lockFile(real))
    await removeUnfinished(path.dirname(real))
    const found = await stat(real).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (found === undefined) return
    await requireWritable(real, found.mode)
    if (found.nlink < 2) return
    if (this.#uses.erases.includes(file) && !this.#uses.leavesLinks) {
      throw new Error(
        'it has another name (a hard link), which would keep what is erased here; remove that first (find / -samefile HOME finds it), or give --leave-links',
      )
    }
    this.#links.set(file, found.nlink - 1)
  }

  async #open(file: string): Promise<StableFile | undefined> {
    const known = this.#reading.get(file)
    if (known !== undefined) return known
    const name = this.#path(file)
    const isRewritten = this.#uses.rewrites.includes(file)
    try {
      const stable = await StableFile.open(
        isRewritten || OUTPUTS.includes(file) ? name : await this.#scratch.seekable(name),
      )
      this.#reading.set(file, stable)
      if (isRewritten) this.#is(file, stable.identity)
      return stable
    } catch (error) {
      if (this.#uses.mayMiss.includes(file) && (error as NodeJS.ErrnoException).code === 'ENOENT') {
        if (isRewritten) this.#is(file, 'missing')
        return undefined
      }
      throw explainError(error)
    }
  }

  /** A home that this command wrote is read again as it wrote it. */
  #is(file: string, seen: FileIdentity): void {
    const before = this.#seen.get(file)
    if (before !== undefined && !isSameIdentity(before, seen)) {
      throw new Error('another program changed it meanwhile; this command has to be begun again')
    }
    this.#seen.set(file, seen)
  }

  #ending(file: string): Placement {
    if (this.#uses.rewrites.includes(file)) return { becomes: 'the next', seen: this.#seen.get(file) ?? 'missing' }
    if (this.#uses.overwrites === 'asked for') return { becomes: 'the only one' }
    const another = this.#uses.another[file]
    return { becomes: 'new', ...(another !== undefined && { another }) }
  }

  async #create(file: string): Promise<AtomicFile> {
    if (file.startsWith('scratch:')) {
      return AtomicFile.create({
        name: await this.#scratch.name(),
        zips: false,
        straight: 'w+',
        folder: this.#scratch.shown,
      })
    }
    const zips = this.#uses.zips.includes(file)
    const { real, isReplaceable } = await withReason(resolvePath(this.#path(file)))
    return AtomicFile.create({ name: real, zips, ...(!isReplaceable && { straight: 'w' }) })
  }

  #path(file: string): string {
    const name = this.#paths[file]
    if (name === undefined) throw new Error('no such file was given')
    return name
  }
}

import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { RightsFiles } from '../../types/index.d.ts'
import { type Ending, Made, removeUnfinished, Taken } from './atomic-file.ts'
import { named, reason } from './file-error.ts'
import { isSame, type Seen, seenAt } from './file-identity.ts'
import { locked } from './file-lock.ts'
import { FileError, isOne, isStdin, mayBeRewritten, placed } from './resolve-path.ts'
import { Scratch } from './scratch-folder.ts'
import { Steady } from './stable-file.ts'

/** Where the files of a command are. */
export interface Paths {
  /** By name; `-` is stdout for `output`, stdin for an input. */
  [file: string]: string
}

/** What a command does with the files it is given; each is a list of names. */
export interface Uses {
  /** Home files that may not be there yet. */
  mayMiss?: readonly string[]
  /** Home files that are rewritten, which no other command may do meanwhile. */
  rewrites?: readonly string[]
  /** Those of them of which something is to be gone for good. */
  erases?: readonly string[]
  /** Whether what another name of them keeps may stay. */
  leavesLinks?: boolean
  /** What is to be compressed. */
  zips?: readonly string[]
  /** What takes the place of a file that is there: only if asked for, or never. */
  overwrites?: 'never' | 'not asked for' | 'asked for'
  /** By file, another name for one whose name is taken when it is whole. */
  another?: Readonly<Record<string, () => string>>
}

const NONE: readonly string[] = []

/** What is made; nothing of it may be a file that is read. */
const OUTPUTS = ['output', 'backup']

/** Files on disk; one that is made is there when it is whole, and what is read is read while nobody changes it. */
export class NodeFiles implements RightsFiles {
  readonly #paths: Paths
  readonly #uses: Required<Uses>
  readonly #reading = new Map<string, Steady>()
  readonly #making = new Map<string, Made>()
  /** What home files were when they were read or written. */
  readonly #seen = new Map<string, Seen>()
  readonly #locks: (() => Promise<void>)[] = []
  readonly #links = new Map<string, number>()
  readonly #scratch: Scratch

  constructor(paths: Paths, uses: Uses = {}, scratch = new Scratch()) {
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
        await this.#taken(file, name)
      } catch (error) {
        throw new FileError(file, reason(error).message)
      }
    }
  }

  async read(file: string, at: number, length: number): Promise<Uint8Array> {
    const made = file.startsWith('scratch:') ? this.#making.get(file) : undefined
    if (made?.handle !== undefined) {
      const bytes = new Uint8Array(length)
      const { bytesRead } = await named(made.handle.read(bytes, 0, length, at))
      return bytes.subarray(0, bytesRead)
    }
    return (await (await this.#opened(file))?.read(at, length)) ?? new Uint8Array()
  }

  async append(file: string, bytes: Uint8Array): Promise<void> {
    let made = this.#making.get(file)
    if (made === undefined) {
      made = await this.#begun(file)
      this.#making.set(file, made)
    }
    await made.write(bytes).catch((error: unknown) => {
      throw reason(error)
    })
  }

  async commit(file: string): Promise<void> {
    const made = this.#making.get(file)
    if (made === undefined) throw new Error('nothing was written to it')
    const isRewritten = this.#uses.rewrites.includes(file)
    // What is rewritten is compared when it is replaced, with better words.
    await this.#unchanged(...(isRewritten ? [file] : []))
    const name = await made.end(this.#ending(file)).catch((error: unknown) => {
      throw error instanceof Taken ? error : reason(error)
    })
    this.#making.delete(file)
    if (!isRewritten && name !== '-' && OUTPUTS.includes(file)) this.#paths[file] = name
    if (isRewritten) this.#seen.set(file, await named(seenAt(name)))
    await this.#reading.get(file)?.close()
    this.#reading.delete(file)
  }

  async discard(file: string): Promise<void> {
    await this.#making.get(file)?.forget()
    this.#making.delete(file)
  }

  /** Shows that nothing that was only read has changed: what is told of it is true. */
  async unchanged(): Promise<void> {
    await this.#unchanged(...this.#uses.rewrites)
  }

  /** Takes away what was not committed. */
  async close(): Promise<void> {
    for (const made of this.#making.values()) await made.forget()
    for (const steady of this.#reading.values()) await steady.close()
    for (const letGo of this.#locks) await letGo()
    await this.#scratch.clear()
  }

  async #unchanged(...but: readonly string[]): Promise<void> {
    for (const [file, steady] of this.#reading) {
      if (but.includes(file) || OUTPUTS.includes(file)) continue
      await steady.unchanged().catch((error: unknown) => {
        throw new FileError(file, reason(error).message)
      })
    }
  }

  async #isItsOwn(file: string): Promise<void> {
    const name = this.#paths[file]
    if (name === undefined) return
    for (const [other, otherName] of Object.entries(this.#paths)) {
      if (other === file || !(await isOne(file, name, otherName))) continue
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

  async #taken(file: string, name: string): Promise<void> {
    const { real, isWhole } = await placed(name)
    if (!isWhole) throw new Error('this is no regular file, and cannot be rewritten')
    this.#locks.push(await locked(real))
    await removeUnfinished(path.dirname(real))
    const found = await stat(real).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (found === undefined) return
    await mayBeRewritten(real, found.mode)
    if (found.nlink < 2) return
    if (this.#uses.erases.includes(file) && !this.#uses.leavesLinks) {
      throw new Error(
        'it has another name (a hard link), which would keep what is erased here; remove that first (find / -samefile HOME finds it), or give --leave-links',
      )
    }
    this.#links.set(file, found.nlink - 1)
  }

  async #opened(file: string): Promise<Steady | undefined> {
    const known = this.#reading.get(file)
    if (known !== undefined) return known
    const name = this.#path(file)
    const isRewritten = this.#uses.rewrites.includes(file)
    try {
      const steady = await Steady.opened(
        isRewritten || OUTPUTS.includes(file) ? name : await this.#scratch.readable(name),
      )
      this.#reading.set(file, steady)
      if (isRewritten) this.#is(file, steady.seen)
      return steady
    } catch (error) {
      if (this.#uses.mayMiss.includes(file) && (error as NodeJS.ErrnoException).code === 'ENOENT') {
        if (isRewritten) this.#is(file, 'missing')
        return undefined
      }
      throw reason(error)
    }
  }

  /** A home that this command wrote is read again as it wrote it. */
  #is(file: string, seen: Seen): void {
    const before = this.#seen.get(file)
    if (before !== undefined && !isSame(before, seen)) {
      throw new Error('another program changed it meanwhile; this command has to be begun again')
    }
    this.#seen.set(file, seen)
  }

  #ending(file: string): Ending {
    if (this.#uses.rewrites.includes(file)) return { becomes: 'the next', seen: this.#seen.get(file) ?? 'missing' }
    if (this.#uses.overwrites === 'asked for') return { becomes: 'the only one' }
    const another = this.#uses.another[file]
    return { becomes: 'new', ...(another !== undefined && { another }) }
  }

  async #begun(file: string): Promise<Made> {
    if (file.startsWith('scratch:')) {
      return Made.begun({ name: await this.#scratch.name(), zips: false, straight: 'w+', folder: this.#scratch.shown })
    }
    const zips = this.#uses.zips.includes(file)
    const { real, isWhole } = await named(placed(this.#path(file)))
    return Made.begun({ name: real, zips, ...(!isWhole && { straight: 'w' }) })
  }

  #path(file: string): string {
    const name = this.#paths[file]
    if (name === undefined) throw new Error('no such file was given')
    return name
  }
}

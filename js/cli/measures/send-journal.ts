// Records the outcome of each measure of a file in a journal beside it, so that a second `dacc send` sends
// none twice and an interrupted one continues.

import { createHash } from 'node:crypto'
import { type FileHandle, open, realpath } from 'node:fs/promises'
import path from 'node:path'
import { explainError } from '../../hosts/files/file-error.ts'
import { lockFile } from '../../hosts/files/file-lock.ts'
import { UsageError } from '../terminal/errors.ts'
import type { SendOutcome } from './delivery.ts'

/** The recorded outcome of a measure. */
export type KnownMeasure = Exclude<SendOutcome, 'not-sent' | 'held'>

/** A line: a measure is about to be sent, or what came of it. */
interface Entry {
  to: string
  key: string
  state: State
}

type State = 'sending' | SendOutcome

const STATES: readonly string[] = ['sending', 'held', 'sent', 'refused', 'not-sent', 'unknown'] satisfies State[]

/** More than a million measures take; beyond it something else was taken for a journal. */
const MAX_BYTES = 512 * 2 ** 20

/** The default path of a file's journal. */
export function journalPath(file: string): string {
  return `${file}.sent`
}

export class SendJournal {
  readonly name: string
  readonly #to: string
  readonly #file: FileHandle
  readonly #release: () => Promise<void>
  readonly #known = new Map<string, State>()
  readonly #seen = new Map<string, number>()

  private constructor(name: string, to: string, file: FileHandle, release: () => Promise<void>) {
    this.name = name
    this.#to = to
    this.#file = file
    this.#release = release
  }

  /** Opens or begins it; another `send` that has it is waited for by nobody. */
  static async open(name: string, to: URL): Promise<SendJournal> {
    try {
      // By another name it is the same file.
      const real = await realpath(name).catch(async () =>
        path.join(await realpath(path.dirname(name)), path.basename(name)),
      )
      const release = await lockFile(real)
      try {
        const file = await open(real, 'a+', 0o600)
        const journal = new SendJournal(name, `${to.origin}${to.pathname}`, file, release)
        await journal.#read()
        return journal
      } catch (error) {
        await release()
        throw error
      }
    } catch (error) {
      if (error instanceof UsageError) throw error
      throw new UsageError(
        `${name}: ${explainError(error).message}; what was sent is kept there, --journal FILE says where else`,
      )
    }
  }

  /**
   * The key of a measure: its cell, and of how many such ones in this file it
   * is. `home` is whose it is in a file of many.
   */
  keyOf(cell: string, home: string | undefined): string {
    const whose = `${home ?? ''}\n${cell}`
    const number = (this.#seen.get(whose) ?? 0) + 1
    this.#seen.set(whose, number)
    return createHash('sha256').update(`${whose}\n${number}`).digest('hex').slice(0, 32)
  }

  /** What became of it before; undefined if it may be sent. */
  before(key: string): KnownMeasure | undefined {
    const state = this.#known.get(key)
    // What was cut off in the middle may have arrived.
    if (state === 'sending') return 'unknown'
    return state === 'not-sent' || state === 'held' ? undefined : state
  }

  /** Notes, for good, that it is about to leave. */
  async sending(key: string): Promise<void> {
    await this.#add({ to: this.#to, key, state: 'sending' })
    await this.#file.datasync()
  }

  /** Notes what came of it. Where this is lost, it is of unknown fate. */
  async ended(key: string, state: State, line: number, status: number | undefined): Promise<void> {
    await this.#add(
      { to: this.#to, key, state },
      { line, ...(status !== undefined && { status }), at: new Date().toISOString() },
    )
  }

  async close(): Promise<void> {
    await this.#file.close()
    await this.#release()
  }

  async #add(entry: Entry, more: object = {}): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify({ ...entry, ...more })}\n`).catch((error: unknown) => {
      throw new UsageError(`${this.name}: ${explainError(error).message}; nothing more is sent that is not noted there`)
    })
    this.#known.set(entry.key, entry.state)
  }

  async #read(): Promise<void> {
    const { size } = await this.#file.stat()
    if (size > MAX_BYTES) throw this.#isNone(1)
    if (size === 0) return
    const lines = (await this.#file.readFile('utf8')).split('\n')
    const last = lines.pop() ?? ''
    for (const [at, line] of lines.entries()) {
      const entry = entryOf(line)
      if (entry === undefined) throw this.#isNone(at + 1)
      if (entry.to === this.#to) this.#known.set(entry.key, entry.state)
    }
    if (last === '') return
    if (!last.startsWith('{"to":"'.slice(0, last.length))) throw this.#isNone(lines.length + 1)
    // A crash cut it off: before the request that it is about, or after its outcome, which is then unknown.
    await this.#file.truncate(size - Buffer.byteLength(last))
  }

  #isNone(line: number): UsageError {
    return new UsageError(
      `${this.name}: line ${line} is none of a journal of dacc send; --journal FILE names another file`,
    )
  }
}

function entryOf(line: string): Entry | undefined {
  try {
    const { to, key, state } = JSON.parse(line) as Partial<Entry>
    return typeof to === 'string' && typeof key === 'string' && STATES.includes(state ?? '')
      ? { to, key, state: state! }
      : undefined
  } catch {
    return undefined
  }
}

// Writes to stdout, for a terminal, a file or a pipe.

import { once } from 'node:events'
import picocolors from 'picocolors'
import { explainError } from '../../hosts/files/file-error.ts'
import { EXIT, sentenceOf, UsageError } from './errors.ts'

type Colours = ReturnType<typeof picocolors.createColors>

/** Text is collected to pieces of this size before it is written. */
const PIECE = 1 << 16

/** The width of a terminal that does not report one. */
const DEFAULT_COLUMNS = 80

/** The colours for a stream: none unless it is a terminal that supports them. */
export function coloursOf(stream: NodeJS.WriteStream): Colours {
  const { NO_COLOR, TERM } = process.env
  return picocolors.createColors(stream.isTTY === true && !NO_COLOR && TERM !== 'dumb')
}

/** The width of lines; unlimited for files and pipes unless COLUMNS sets one. */
export function columnsOf(stream: NodeJS.WriteStream): number | undefined {
  if (stream.isTTY) return stream.columns || DEFAULT_COLUMNS
  const asked = Number(process.env['COLUMNS'])
  return Number.isInteger(asked) && asked > 0 ? asked : undefined
}

let isActing = false
let isStdoutGone = false

/** From now on the program changes a server or a home, so it continues even if stdout is closed. */
export function continueWithoutReader(): void {
  isActing = true
}

/** Ends without an error if the reader closes the pipe (`| head`). A full disk is a usage error, not a bug. */
export function endQuietlyOnBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (isActing) return goneWhileActing(stream, error)
      if (error.code === 'EPIPE') process.exit(EXIT.done)
      // No stream is left for a message.
      if (stream === process.stderr) process.exit(EXIT.badUsage)
      throw new UsageError(`stdout: ${explainError(error).message}`)
    })
  }
}

function goneWhileActing(stream: NodeJS.WriteStream, error: NodeJS.ErrnoException): void {
  if (stream === process.stderr || isStdoutGone) return
  isStdoutGone = true
  if (error.code === 'EPIPE') return
  process.exitCode = EXIT.badUsage
  process.stderr.write(`dacc: stdout: ${explainError(error).message}; what was begun goes on untold\n`)
}

/** Ends a JSON document after an error, so that it can still be parsed. */
export function jsonErrorEnd(error: unknown): string {
  return `],"error":${JSON.stringify(sentenceOf(error))}}`
}

/** Standard output: writes large pieces, and waits while the reader is slower. */
export class Output {
  #pending: string[] = []
  #length = 0
  readonly #before: () => void

  /** `before` is called before each write to a terminal. */
  constructor(before: () => void = () => {}) {
    this.#before = before
  }

  async line(text: string): Promise<void> {
    this.#pending.push(text, '\n')
    this.#length += text.length + 1
    if (this.#length >= PIECE) await this.flush()
  }

  async flush(): Promise<void> {
    if (this.#length === 0) return
    const piece = this.#pending.join('')
    this.#pending = []
    this.#length = 0
    if (isStdoutGone) return
    if (process.stdout.isTTY) this.#before()
    // If the stream breaks meanwhile, the error handler has reported it.
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain').catch(() => {})
  }
}

import { once } from 'node:events'
import picocolors from 'picocolors'
import { explainError } from '../../hosts/files/file-error.ts'
import { EXIT, sentenceOf, UsageError } from './errors.ts'

type Colours = ReturnType<typeof picocolors.createColors>

/** Text is gathered to pieces of this size before it is written. */
const PIECE = 1 << 16

/** The width where a terminal does not tell its own. */
const DEFAULT_COLUMNS = 80

/** The colours of a stream: none unless it is a terminal that wants them. */
export function coloursOf(stream: NodeJS.WriteStream): Colours {
  const { NO_COLOR, TERM } = process.env
  return picocolors.createColors(stream.isTTY === true && !NO_COLOR && TERM !== 'dumb')
}

/** How many columns lines may have; no bound for files and pipes, unless COLUMNS sets one. */
export function columnsOf(stream: NodeJS.WriteStream): number | undefined {
  if (stream.isTTY) return stream.columns || DEFAULT_COLUMNS
  const asked = Number(process.env['COLUMNS'])
  return Number.isInteger(asked) && asked > 0 ? asked : undefined
}

let isActing = false
let isStdoutGone = false

/** From here on something is done to a server or a home: it is ended, whoever reads of it. */
export function continueWithoutReader(): void {
  isActing = true
}

/** A reader that has seen enough (`| head`) is no error; a full disk is one of the person's, not of dacc. */
export function endQuietlyOnBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (isActing) return goneWhileActing(stream, error)
      if (error.code === 'EPIPE') process.exit(EXIT.done)
      // There is nowhere left to tell it.
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

/** The end of a JSON document that is written as it comes: whole, also where an error ends it. */
export function jsonErrorEnd(error: unknown): string {
  return `],"error":${JSON.stringify(sentenceOf(error))}}`
}

/** Standard output, in large pieces, no faster than it is read. */
export class Output {
  #pending: string[] = []
  #length = 0
  readonly #before: () => void

  /** `before` is called each time before something is written to a terminal. */
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
    // Where the stream breaks instead, that was told already.
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain').catch(() => {})
  }
}

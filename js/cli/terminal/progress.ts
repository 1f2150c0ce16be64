// Shows how far long work has come.

import { coloursOf } from './output.ts'

/** Work shorter than this needs no progress. */
const QUIET_MILLIS = 500

const INTERVAL_MILLIS = 100

const BAR = 24

/** One line on stderr that tells how far long work has come; on a terminal only. */
export class Progress {
  readonly #total: number | undefined
  readonly #interrupted = () => {
    this.clear()
    // Who else listens lets the work under way end.
    if (process.listenerCount('SIGINT') === 0) process.kill(process.pid, 'SIGINT')
  }

  #next = performance.now() + QUIET_MILLIS
  #isShown = false

  /** `total`: how much there is to do, where that is known. */
  constructor(total: number | undefined) {
    this.#total = total
  }

  /** Tells how much is done, and what a person wants to know of it. */
  update(done: number, what: string): void {
    if (!process.stderr.isTTY || performance.now() < this.#next) return
    this.#next = performance.now() + INTERVAL_MILLIS
    // The terminal is left without a half-written line.
    if (!this.#isShown) process.once('SIGINT', this.#interrupted)
    this.#isShown = true
    process.stderr.write(`\r\x1b[K${this.#bar(done)}${what}`)
  }

  /** Takes the line away, so that something else can be printed. */
  clear(): void {
    if (!this.#isShown) return
    process.stderr.write('\r\x1b[K')
    process.off('SIGINT', this.#interrupted)
    this.#isShown = false
  }

  #bar(done: number): string {
    if (this.#total === undefined || this.#total === 0) return ''
    const part = Math.min(1, done / this.#total)
    const full = Math.round(part * BAR)
    const { cyan, dim } = coloursOf(process.stderr)
    const percent = String(Math.floor(part * 100)).padStart(3)
    return `${cyan('━'.repeat(full))}${dim('─'.repeat(BAR - full))} ${percent} %  `
  }
}

/** `3 homes`, `1 home`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** Bytes for a person: `1.2 MB`. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

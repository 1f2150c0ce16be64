// Shows how far long work has come.

import { coloursOf } from './output.ts'

/** Shorter work shows no progress. */
const QUIET_MILLIS = 500

const INTERVAL_MILLIS = 100

const BAR = 24

/** One line on stderr that shows the progress; only on a terminal. */
export class Progress {
  readonly #total: number | undefined
  readonly #interrupted = () => {
    this.clear()
    // Another listener lets the work end first.
    if (process.listenerCount('SIGINT') === 0) process.kill(process.pid, 'SIGINT')
  }

  #next = performance.now() + QUIET_MILLIS
  #isShown = false

  /** `total`: the amount of work, if known. */
  constructor(total: number | undefined) {
    this.#total = total
  }

  /** Shows how much is done, with a note. */
  update(done: number, what: string): void {
    if (!process.stderr.isTTY || performance.now() < this.#next) return
    this.#next = performance.now() + INTERVAL_MILLIS
    // Clears the line on a signal.
    if (!this.#isShown) process.once('SIGINT', this.#interrupted)
    this.#isShown = true
    process.stderr.write(`\r\x1b[K${this.#bar(done)}${what}`)
  }

  /** Clears the line before other output. */
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

/** Work shorter than this needs no progress. */
const QUIET_MILLIS = 500

const INTERVAL_MILLIS = 100

/** One line on stderr that tells how far long work has come; on a terminal only. */
export class Progress {
  readonly #size: number | undefined
  #next = performance.now() + QUIET_MILLIS
  #isShown = false

  /** `size`: the bytes of the input, where they are known. */
  constructor(size: number | undefined) {
    this.#size = size
  }

  /** Tells what is done so far. */
  update(homes: number, bytes: number): void {
    if (!process.stderr.isTTY || performance.now() < this.#next) return
    this.#next = performance.now() + INTERVAL_MILLIS
    this.#isShown = true
    const of = this.#size === undefined ? '' : ` of ${megabytes(this.#size)}`
    process.stderr.write(`\r\x1b[K${homes} ${homes === 1 ? 'home' : 'homes'}, ${megabytes(bytes)}${of} MB`)
  }

  /** Takes the line away, so that something else can be printed. */
  clear(): void {
    if (this.#isShown) process.stderr.write('\r\x1b[K')
    this.#isShown = false
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}

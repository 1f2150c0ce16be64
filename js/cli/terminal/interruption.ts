// Stops work on Ctrl-C.

import { setTimeout } from 'node:timers/promises'
import { takeCtrlCForAWish } from '../../hosts/files/cleanup.ts'

/** Ctrl-C, taken as a wish to stop at the next good moment; a second one ends the program at once. */
export class Interruption {
  readonly #wish = new AbortController()
  readonly #heard = () => {
    if (!this.isWished) return this.#wish.abort()
    this.end()
    process.kill(process.pid, 'SIGINT')
  }

  constructor() {
    process.on('SIGINT', this.#heard)
    takeCtrlCForAWish(true)
  }

  get isWished(): boolean {
    return this.#wish.signal.aborted
  }

  /** Waits, but no longer than until somebody wishes to stop. */
  async wait(millis: number): Promise<void> {
    // All that a wait fails of is the wish.
    await setTimeout(millis, undefined, { signal: this.#wish.signal }).catch(() => {})
  }

  /** Ctrl-C means what it always does. */
  end(): void {
    process.off('SIGINT', this.#heard)
    takeCtrlCForAWish(false)
  }
}

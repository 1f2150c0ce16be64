// Stops work on Ctrl-C.

import { setTimeout } from 'node:timers/promises'
import { takeCtrlCForAWish } from '../../hosts/files/cleanup.ts'

/** Takes the first Ctrl-C as a request to stop; a second one ends the program at once. */
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

  /** Waits until the time is over or Ctrl-C is pressed. */
  async wait(millis: number): Promise<void> {
    // The wait rejects only because of Ctrl-C.
    await setTimeout(millis, undefined, { signal: this.#wish.signal }).catch(() => {})
  }

  /** Gives Ctrl-C its usual effect again. */
  end(): void {
    process.off('SIGINT', this.#heard)
    takeCtrlCForAWish(false)
  }
}

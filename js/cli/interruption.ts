/** Ctrl-C, taken as a wish to stop at the next good moment; a second one ends the program at once. */
export class Interruption {
  #isWished = false
  readonly #wish = () => { this.#isWished = true }

  constructor() {
    process.once('SIGINT', this.#wish)
  }

  get isWished(): boolean {
    return this.#isWished
  }

  /** Ctrl-C means what it always does. */
  end(): void {
    process.off('SIGINT', this.#wish)
  }
}

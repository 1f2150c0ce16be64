// A random generator with a seed.

/** Choices with their weights. */
export type Weighted<T> = readonly (readonly [choice: T, weight: number])[]

/** The smallest and the largest integer. */
export type IntegerRange = readonly [least: number, most: number]

/**
 * Numbers that look random and depend on the seed alone: sfc32 (Chris
 * Doty-Humphrey's "small fast counter", of the PractRand suite). Nothing here
 * uses a logarithm or a cosine, whose last digit differs between engines: one
 * seed gives the same numbers everywhere.
 */
export class Random {
  readonly #seed: string
  readonly #state: [number, number, number, number]

  constructor(seed: string) {
    this.#seed = seed
    this.#state = hash(seed)
    // A seed's first numbers still show its hash.
    for (let round = 0; round < 12; round += 1) this.#next()
  }

  /**
   * A source of its own for a part of what is made, so that a change of one
   * part leaves the others as they were.
   */
  fork(part: string): Random {
    return new Random(`${this.#seed}/${part}`)
  }

  /** At least 0, less than 1. */
  fraction(): number {
    return this.#next() / 0x1_0000_0000
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  integer([least, most]: IntegerRange): number {
    return least + Math.floor(this.fraction() * (most - least + 1))
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[Math.floor(this.fraction() * choices.length)] ?? choices[0]
  }

  weighted<T>(choices: Weighted<T>): T {
    const total = choices.reduce((sum, [, weight]) => sum + weight, 0)
    let rest = this.fraction() * total
    for (const [choice, weight] of choices) {
      rest -= weight
      if (rest < 0) return choice
    }
    throw new RangeError('a weighted choice needs a weight above 0')
  }

  /** How many of so many trials succeed, where `mean` of them do on average. */
  count(mean: number, trials: number): number {
    let count = 0
    for (let trial = 0; trial < trials; trial += 1) if (this.chance(mean / trials)) count += 1
    return count
  }

  /** 1 on average and rarely further from it than `spread`: a rough bell. */
  around(spread: number): number {
    return 1 + spread * (this.fraction() + this.fraction() + this.fraction() - 1.5)
  }

  hex(digits: number): string {
    let text = ''
    while (text.length < digits) text += this.#next().toString(16).padStart(8, '0')
    return text.slice(0, digits)
  }

  #next(): number {
    const state = this.#state
    const sum = (state[0] + state[1] + state[3]) | 0
    state[3] = (state[3] + 1) | 0
    state[0] = state[1] ^ (state[1] >>> 9)
    state[1] = (state[2] + (state[2] << 3)) | 0
    state[2] = (((state[2] << 21) | (state[2] >>> 11)) + sum) | 0
    return sum >>> 0
  }
}

/** FNV-1a over the text's code units, four times with another beginning. */
function hash(text: string): [number, number, number, number] {
  const begun = (start: number) => {
    let value = (0x811c9dc5 ^ start) | 0
    for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
    return value
  }
  return [begun(0), begun(0x9e3779b9), begun(0x7f4a7c15), 1]
}

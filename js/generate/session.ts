// One use of the app, from the connection on.

import { SECOND, type Wall } from './calendar.ts'
import type { Details, EventType, Happening } from './events.ts'
import type { Random, Range } from './random.ts'

/** Seconds until something else is done. */
const PAUSE: Range = [3, 55]

/** Writes down what happens, on a clock of its own. */
export class Session {
  readonly happenings: Happening[] = []
  #now: Wall

  constructor(
    readonly random: Random,
    start: Wall,
  ) {
    this.#now = start
  }

  get now(): Wall {
    return this.#now
  }

  /** It happens now; then some seconds pass. */
  record(type: EventType, details: Details = {}): void {
    this.happenings.push({ type, at: this.#now, ...details })
    this.pass(PAUSE)
  }

  /** Lets so many seconds pass, and a part of one. */
  pass(seconds: Range): void {
    this.#now += this.random.integer(seconds) * SECOND + this.random.integer([1, 999])
  }
}

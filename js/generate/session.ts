// One session of the app.

import { SECOND, type WallTime } from './calendar.ts'
import type { Details, EventType, Occurrence } from './events.ts'
import type { IntegerRange, Random } from './random.ts'

/** Seconds between two events. */
const PAUSE: IntegerRange = [3, 55]

/** Records what happens, with its own clock. */
export class Session {
  readonly occurrences: Occurrence[] = []
  #now: WallTime

  constructor(
    readonly random: Random,
    start: WallTime,
  ) {
    this.#now = start
  }

  get now(): WallTime {
    return this.#now
  }

  /** Records an event now; then some seconds pass. */
  record(type: EventType, details: Details = {}): void {
    this.occurrences.push({ type, at: this.#now, ...details })
    this.pass(PAUSE)
  }

  /** Lets so many seconds pass, and a part of one. */
  pass(seconds: IntegerRange): void {
    this.#now += this.random.integer(seconds) * SECOND + this.random.integer([1, 999])
  }
}

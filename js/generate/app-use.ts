// Generates how a home uses the app: the sessions of each day, and what happens in them.

import type { Day } from '../types/index.d.ts'
import { ACTIVITIES, type Visitor } from './activities.ts'
import { DAY, dayKindOf, daysThrough, HOUR, SECOND, startOf, type WallTime, weekdayOf } from './calendar.ts'
import { ChallengeProgress } from './challenge-progress.ts'
import type { Occurrence } from './events.ts'
import { CONNECTIONS } from './fluids.ts'
import type { Habit } from './habits.ts'
import { Konnectors } from './konnectors.ts'
import type { Random } from './random.ts'
import { Session } from './session.ts'
import { DESKTOP_BROWSERS, MOBILE_BROWSERS } from './user-agents.ts'

export interface Traits {
  readonly habit: Habit
  readonly joined: Day
  /** Whether it joined on a day whose events are generated. */
  readonly isNew: boolean
  /** The day of the month of the summary mail; undefined for a home that does not want it. */
  readonly mailDay: number | undefined
}

/** The most sessions in a day. */
const MAX_SESSIONS = 3

/** The least time between two sessions. */
const REST = 20 * 60 * SECOND

/** A mail is read so many days after it arrives. */
const MAIL_IS_READ_WITHIN = [0, 2] as const

export class AppUse {
  readonly konnectors: Konnectors
  readonly #random: Random
  readonly #traits: Traits
  readonly #visitor: Visitor
  readonly #browsers: { readonly desktop: string; readonly mobile: string }
  readonly #ownWeekday: number
  #firstConnection: WallTime

  constructor(random: Random, traits: Traits) {
    this.#random = random
    this.#traits = traits
    this.konnectors = new Konnectors(random.weighted(CONNECTIONS), !traits.isNew)
    this.#visitor = { konnectors: this.konnectors, challenges: new ChallengeProgress() }
    this.#browsers = { desktop: random.pick(DESKTOP_BROWSERS), mobile: random.pick(MOBILE_BROWSERS) }
    this.#ownWeekday = random.integer([0, 6])
    this.#firstConnection = startOf(traits.joined) + this.#timeOfDay(random)
  }

  /** The moment of the first connection, also if its event is not generated. */
  get firstConnection(): WallTime {
    return this.#firstConnection
  }

  /** When the profile was last set, if it was. */
  get profileSet(): WallTime | undefined {
    return this.#visitor.profileSet
  }

  /** What happens from the first day to the end of the last, in order. More days do not change the earlier ones. */
  occurrencesBetween(from: Day, to: Day): Occurrence[] {
    const end = startOf(to) + DAY
    const happenings = daysThrough(from, to).flatMap((day) => this.#day(day))
    return happenings.filter(({ at }) => at < end).sort((a, b) => a.at - b.at)
  }

  #day(day: Day): Occurrence[] {
    const { joined } = this.#traits
    if (day < joined) return []
    const random = this.#random.fork(day)
    const isFirstDay = day === joined
    const isMailRead = this.#isMailRead(day)
    const most = random.count(this.#mean(day), MAX_SESSIONS)
    const count = Math.max(most, isFirstDay || isMailRead ? 1 : 0)
    const starts = Array.from({ length: count }, () => startOf(day) + this.#timeOfDay(random)).sort((a, b) => a - b)
    if (isFirstDay) starts[0] = this.#firstConnection
    const happenings: Occurrence[] = []
    let rested = -Infinity
    for (const [at, planned] of starts.entries()) {
      const session = new Session(random, Math.max(planned, rested))
      this.#visit(session, isFirstDay && at === 0, isMailRead && at === 0)
      happenings.push(...session.occurrences)
      rested = session.now + REST
    }
    return happenings
  }

  /** How many sessions the day has, on average over such days. */
  #mean(day: Day): number {
    const { habit, joined } = this.#traits
    const usual = habit.sessions[dayKindOf(day)]
    const mean = weekdayOf(day) === this.#ownWeekday ? (habit.ownDay ?? usual) : usual
    if (habit.fadesAfter === undefined) return mean
    const elapsed = (startOf(day) - startOf(joined)) / DAY / habit.fadesAfter
    return mean / (1 + elapsed * elapsed)
  }

  #isMailRead(day: Day): boolean {
    const { mailDay, habit, joined } = this.#traits
    if (mailDay === undefined || joined.slice(0, 7) === day.slice(0, 7)) return false
    const random = this.#random.fork(`mail of ${day.slice(0, 7)}`)
    return random.chance(habit.followsMail) && Number(day.slice(8)) === mailDay + random.integer(MAIL_IS_READ_WITHIN)
  }

  #timeOfDay(random: Random): number {
    const hour = random.weighted(this.#traits.habit.hours.map((weight, at) => [at, weight] as const))
    return hour * HOUR + random.integer([0, HOUR - 1])
  }

  #visit(session: Session, isFirst: boolean, comesFromMail: boolean): void {
    const { random } = session
    const { habit } = this.#traits
    const context = random.chance(habit.mobile) ? this.#browsers.mobile : this.#browsers.desktop
    if (isFirst) this.#firstConnection = session.now
    session.record('ConnectionEvent', isFirst ? { context, result: 'firstConnection' } : { context })
    if (comesFromMail) {
      session.record('ReportFromEvent', { context: 'analysis', result: 1 })
      ACTIVITIES.analysis(session, this.#visitor)
    }
    this.konnectors.connect(session)
    const count = random.integer(habit.activities)
    for (let activity = 0; activity < count; activity += 1) {
      ACTIVITIES[random.weighted(habit.interests)](session, this.#visitor)
    }
  }
}

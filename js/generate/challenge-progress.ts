// The progress through the challenges, one step at a time over many sessions.

import { DAY, type WallTime } from './calendar.ts'
import { ACTION_DAYS, CHALLENGES, type Challenge, DUEL_DAYS, DUEL_WON, STARS } from './challenges.ts'
import type { Session } from './session.ts'

/** The challenge that has begun. */
interface Current {
  readonly challenge: Challenge
  readonly start: WallTime
  /** The chosen action. */
  action?: { readonly id: string; readonly start: WallTime }
}

/** Executes a step; returns the moment from which the next one is possible. */
type Step = (session: Session, current: Current) => WallTime

const STEPS: readonly Step[] = [
  function quiz(session, { challenge }) {
    const startDate = session.now
    session.pass([40, 260])
    const result = session.random.weighted(STARS)
    session.record('QuizEndEvent', { target: challenge.quiz, context: challenge.id, result, startDate })
    return session.now
  },
  function exploration(session, { challenge }) {
    const startDate = session.now
    session.pass([15, 180])
    session.record('ExplorationEndEvent', { target: challenge.exploration, context: challenge.id, startDate })
    return session.now
  },
  function actionChosen(session, current) {
    const { challenge } = current
    let action = session.random.pick(challenge.actions)
    session.record('ActionChangeEvent', { target: action, context: challenge.id })
    if (session.random.chance(0.3)) {
      action = session.random.pick(challenge.actions)
      session.record('ActionChangeEvent', { target: action, context: challenge.id })
    }
    current.action = { id: action, start: session.now }
    return session.now + session.random.integer(ACTION_DAYS) * DAY
  },
  function actionEnded(session, { challenge, action }) {
    if (action) session.record('ActionEndEvent', { target: action.id, context: challenge.id, startDate: action.start })
    return session.now
  },
  function duelLaunched(session, { challenge }) {
    session.record('DuelLaunchEvent', { target: challenge.duel, context: challenge.id })
    return session.now + DUEL_DAYS * DAY
  },
  function duelEnded(session, { challenge, start }) {
    const result = session.random.chance(DUEL_WON) ? 'win' : 'loss'
    // The app writes the challenge's start here, not the duel's.
    session.record('DuelEndEvent', { target: challenge.duel, result, startDate: start })
    session.record('ChallengeEndEvent', { target: challenge.id, startDate: start })
    return session.now
  },
]

export class ChallengeProgress {
  #left = CHALLENGES
  #current: Current | undefined
  #step = 0
  #ready: WallTime = -Infinity

  /** Executes the next step, if one is possible. */
  advance(session: Session): void {
    if (session.now < this.#ready) return
    if (!this.#current) {
      const [challenge, ...others] = this.#left
      if (!challenge) return
      this.#left = others
      this.#current = { challenge, start: session.now }
      this.#step = 0
      session.record('ChallengeLaunchEvent', { target: challenge.id })
      return
    }
    const step = STEPS[this.#step]
    if (step) this.#ready = step(session, this.#current)
    this.#step += 1
    if (this.#step === STEPS.length) this.#current = undefined
  }
}

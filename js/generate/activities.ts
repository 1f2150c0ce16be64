// The activities of a session.

import type { Fluid } from '../types/index.d.ts'
import type { ChallengeProgress } from './challenge-progress.ts'
import type { Activity } from './habits.ts'
import type { Konnectors } from './konnectors.ts'
import type { Weighted } from './random.ts'
import type { Session } from './session.ts'

/** The state of a person that lasts from session to session. */
export interface Visitor {
  readonly konnectors: Konnectors
  readonly challenges: ChallengeProgress
  /** When the profile was last set. */
  profileSet?: number | undefined
}

const TIME_STEPS: Weighted<string> = [
  ['halfhour', 2],
  ['hour', 1],
  ['day', 5],
  ['week', 3],
  ['month', 5],
  ['year', 3],
]

const HELP_PAGES: Weighted<string> = [
  ['faq', 4],
  ['legalNotice', 1],
]

const CHANGES_TIME_STEP = 0.6
const COMPARES = 0.35
const SETS_PROFILE = { first: 0.5, later: 0.05 }

/** The activities; each begins with a visit of its page. */
export const ACTIVITIES: Readonly<Record<Activity, (session: Session, visitor: Visitor) => void>> = {
  consumption(session, { konnectors }) {
    const { random } = session
    const { withData } = konnectors
    const fluid = random.weighted<Fluid | 'multifluid'>([
      ['multifluid', 1],
      ...withData.map((one) => [one, 2] as const),
    ])
    session.record('NavigationEvent', { target: random.chance(0.4) ? 'consumption' : fluid })
    while (random.chance(CHANGES_TIME_STEP)) {
      session.record('ConsumptionChangeTimeStepEvent', { target: random.weighted(TIME_STEPS), context: fluid })
    }
    if (random.chance(COMPARES)) {
      session.record('ConsumptionCompareEvent', { target: random.weighted(TIME_STEPS), context: fluid })
    }
  },
  challenges(session, { challenges }) {
    session.record('NavigationEvent', { target: 'challenges' })
    challenges.advance(session)
    if (session.random.chance(0.5)) challenges.advance(session)
  },
  ecogestures(session) {
    session.record('NavigationEvent', { target: 'ecogestures' })
    session.pass([5, 120])
  },
  analysis(session) {
    session.record('NavigationEvent', { target: 'analysis' })
    session.pass([10, 150])
  },
  options(session, visitor) {
    session.record('NavigationEvent', { target: 'options' })
    visitor.konnectors.refresh(session)
    if (!session.random.chance(visitor.profileSet === undefined ? SETS_PROFILE.first : SETS_PROFILE.later)) return
    session.pass([60, 300])
    visitor.profileSet = session.now
    session.record('ProfileSetEvent')
  },
  help(session) {
    session.record('NavigationEvent', { target: session.random.weighted(HELP_PAGES) })
  },
}

// The habits of people who use the app.

import type { DayKind } from './calendar.ts'
import type { IntegerRange, Weighted } from './random.ts'

/** An activity in a session. */
export type Activity = 'consumption' | 'challenges' | 'ecogestures' | 'analysis' | 'options' | 'help'

export interface Habit {
  /** How common it is among homes. */
  readonly share: number
  /** Sessions in a day, on average; 3 at most. */
  readonly sessions: Readonly<Record<DayKind, number>>
  /** Sessions on the one day of the week that is the home's own. */
  readonly ownDay?: number
  /** After so many days the sessions have become half as many, and they become fewer. */
  readonly fadesAfter?: number
  /** When sessions begin; the weight of each hour from 0. */
  readonly hours: readonly number[]
  /** How likely a session is one on a phone. */
  readonly mobile: number
  /** How many activities a session has. */
  readonly activities: IntegerRange
  readonly interests: Weighted<Activity>
  /** How likely the mail with the month's summary is followed. */
  readonly followsMail: number
}

export type HabitName = 'devoted' | 'evening' | 'weekly' | 'weekend' | 'mobile' | 'report' | 'lapsed'

/** The weight of each hour of the day, from 0 to 23. */
const HOURS = {
  allDay: [1, 0, 0, 0, 0, 0, 2, 6, 8, 7, 6, 5, 8, 7, 5, 5, 6, 8, 9, 9, 8, 6, 4, 2],
  evening: [2, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 1, 3, 7, 10, 14, 14, 9, 5],
  onTheWay: [1, 0, 0, 0, 0, 0, 3, 12, 12, 3, 2, 2, 6, 5, 2, 2, 4, 12, 12, 6, 4, 4, 3, 2],
  lateMorning: [0, 0, 0, 0, 0, 0, 0, 1, 4, 10, 14, 12, 5, 3, 5, 6, 5, 4, 3, 3, 3, 2, 1, 0],
} as const

const MOSTLY_CONSUMPTION: Weighted<Activity> = [
  ['consumption', 10],
  ['challenges', 2],
  ['ecogestures', 2],
  ['analysis', 1.5],
  ['options', 1],
  ['help', 0.4],
]

const MOSTLY_CHALLENGES: Weighted<Activity> = [
  ['consumption', 5],
  ['challenges', 8],
  ['ecogestures', 3],
  ['analysis', 1],
  ['options', 0.7],
  ['help', 0.2],
]

const A_LITTLE_OF_ALL: Weighted<Activity> = [
  ['consumption', 5],
  ['challenges', 3],
  ['ecogestures', 3],
  ['analysis', 3],
  ['options', 2],
  ['help', 1],
]

export const HABITS: Readonly<Record<HabitName, Habit>> = {
  devoted: {
    share: 2,
    sessions: { weekday: 1.0, weekend: 1.4, holiday: 0.7 },
    hours: HOURS.allDay,
    mobile: 0.35,
    activities: [2, 5],
    interests: MOSTLY_CHALLENGES,
    followsMail: 0.7,
  },
  evening: {
    share: 3,
    sessions: { weekday: 0.6, weekend: 0.5, holiday: 0.3 },
    hours: HOURS.evening,
    mobile: 0.5,
    activities: [1, 4],
    interests: MOSTLY_CONSUMPTION,
    followsMail: 0.4,
  },
  weekly: {
    share: 4,
    sessions: { weekday: 0.04, weekend: 0.04, holiday: 0.02 },
    ownDay: 0.95,
    hours: HOURS.lateMorning,
    mobile: 0.15,
    activities: [2, 5],
    interests: A_LITTLE_OF_ALL,
    followsMail: 0.5,
  },
  weekend: {
    share: 3,
    sessions: { weekday: 0.05, weekend: 0.7, holiday: 0.3 },
    hours: HOURS.lateMorning,
    mobile: 0.4,
    activities: [1, 4],
    interests: MOSTLY_CONSUMPTION,
    followsMail: 0.3,
  },
  mobile: {
    share: 4,
    sessions: { weekday: 0.7, weekend: 0.4, holiday: 0.4 },
    hours: HOURS.onTheWay,
    mobile: 1,
    activities: [1, 3],
    interests: MOSTLY_CONSUMPTION,
    followsMail: 0.2,
  },
  report: {
    share: 3,
    sessions: { weekday: 0.02, weekend: 0.03, holiday: 0.01 },
    hours: HOURS.lateMorning,
    mobile: 0.3,
    activities: [1, 2],
    interests: MOSTLY_CONSUMPTION,
    followsMail: 0.95,
  },
  lapsed: {
    share: 5,
    sessions: { weekday: 0.9, weekend: 0.9, holiday: 0.5 },
    fadesAfter: 6,
    hours: HOURS.evening,
    mobile: 0.4,
    activities: [1, 4],
    interests: A_LITTLE_OF_ALL,
    followsMail: 0.05,
  },
}

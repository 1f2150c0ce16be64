// Generates a home from a seed: documents like those of a real one.

import type { Day } from '../types/index.d.ts'
import { AppUse } from './app-use.ts'
import { addDays, formatWallTime, startOf, type WallTime } from './calendar.ts'
import { createDocument, createUsageEvent, type Document, type UsageEvent } from './events.ts'
import { HABITS, type HabitName } from './habits.ts'
import type { Account, Trigger } from './konnectors.ts'
import { type HalfHourLoad, type Housing, halfHourLoads, type MonthlyLoad, monthlyLoads } from './loads.ts'
import { Random, type Weighted } from './random.ts'

/** Whether the terms with the clause on measures were accepted. */
export type Consent = 'given' | 'refused' | 'withdrawn'

/** The properties of a home; those that are left out are drawn from the seed. */
export interface HomeOptions {
  readonly seed: number | string
  /** The first day with events, and the last. */
  readonly from: Day
  readonly to: Day
  /** Homes of one seed differ by it. */
  readonly name: string
  readonly habit?: HabitName | undefined
  readonly consent?: Consent | undefined
  /** The day of the first connection. Before `from`: its events are long gone. */
  readonly joined?: Day | undefined
}

interface Terms extends Document {
  readonly accepted: boolean
  readonly version: string
  readonly date: string
  readonly revokedAt?: string
}

interface Profile extends Document {
  readonly monthlyAnalysisDate: string
  readonly sendAnalysisNotification: boolean
  readonly firstConnectionDate: string
}

/** A fluid as a profile type writes it: its number, or null for something else, as wood. */
type FluidNumber = 0 | 2 | null

interface ProfileType extends Document {
  readonly housingType: Housing
  readonly warmingFluid: FluidNumber
  readonly hotWaterFluid: FluidNumber
  readonly cookingFluid: FluidNumber
  readonly updateDate: string
}

/** A home file: nothing but doctypes, so that the Cozy tool ACH imports it as it is. */
export interface Home {
  readonly 'com.grandlyon.ecolyo.usageevents': readonly UsageEvent[]
  readonly 'com.grandlyon.ecolyo.term': readonly Terms[]
  readonly 'com.grandlyon.ecolyo.profile': readonly Profile[]
  readonly 'com.grandlyon.ecolyo.profiletype': readonly ProfileType[]
  readonly 'com.grandlyon.enedis.month': readonly MonthlyLoad[]
  readonly 'com.grandlyon.egl.month': readonly MonthlyLoad[]
  readonly 'com.grandlyon.grdf.month': readonly MonthlyLoad[]
  readonly 'com.grandlyon.enedis.minute': readonly HalfHourLoad[]
  readonly 'io.cozy.accounts': readonly Account[]
  readonly 'io.cozy.triggers': readonly Trigger[]
}

const HABIT_SHARES: Weighted<HabitName> = Object.entries(HABITS).map(([name, { share }]) => [name as HabitName, share])

const CONSENTS: Weighted<Consent> = [
  ['given', 17],
  ['refused', 2],
  ['withdrawn', 1],
]

const HOUSINGS: Weighted<Housing> = [
  ['apartment', 3],
  ['individual_house', 2],
]

const WARMING: Weighted<FluidNumber> = [
  [2, 5],
  [0, 4],
  [null, 1],
]

/** How likely water is heated, and meals are cooked, with what the home is heated with. */
const WATER_AS_WARMING = 0.7
const COOKS_AS_WARMING = 0.5

/** The day of the month on which the monthly summary is due. */
const ANALYSIS_DAYS: Weighted<number> = [
  [3, 8],
  [1, 1],
  [2, 1],
]

const VERSION_WITH_CLAUSE = '1.0.0'

/** How likely a home was there before the first day asked for, and since how many days. */
const JOINED_EARLIER = 0.7
const DAYS_EARLIER = [30, 1_000] as const

/** Who joins later does so in these first days, and may withdraw in those. */
const JOINS_WITHIN = [0, 20] as const
const WITHDRAWS_AFTER = [5, 25] as const

const WANTS_SUMMARY = 0.8
const HAS_PROFILE_TYPE = 0.8
const HAS_HALF_HOURS = 0.6

/**
 * Makes a home. Equal options give an equal home, on every machine and in every
 * engine; neither a clock nor any other chance comes in.
 *
 * @throws RangeError if a day is not one, or the last is before the first.
 */
export function generateHome(options: HomeOptions): Home {
  const { from, to, name } = options
  if (startOf(to) < startOf(from)) throw new RangeError(`to: ${to} is before from (${from})`)
  const random = new Random(`${options.seed}/${name}`)

  // Every trait has a source of its own: one that is given leaves the others as they are.
  const joined = options.joined ?? joinedOn(random.fork('joined'), from)
  const housing = random.fork('housing').weighted(HOUSINGS)
  const wantsSummary = random.fork('summary').chance(WANTS_SUMMARY)
  const analysisDay = random.fork('analysis').weighted(ANALYSIS_DAYS)
  const life = new AppUse(random.fork('life'), {
    habit: HABITS[options.habit ?? random.fork('habit').weighted(HABIT_SHARES)],
    joined,
    isNew: joined >= from,
    mailDay: wantsSummary ? analysisDay : undefined,
  })

  const events = life
    .occurrencesBetween(from, to)
    .map((happening, at) => createUsageEvent(random.fork(`event ${at}`), happening))
  const { firstConnection, profileSet } = life
  const { accounts, triggers } = life.konnectors.documents(random.fork('accounts'))
  const consent = options.consent ?? random.fork('consent').weighted(CONSENTS)
  const hasProfileType = joined < from && random.fork('profile type').chance(HAS_PROFILE_TYPE)
  const profileTypeSet = profileSet ?? (hasProfileType ? firstConnection : undefined)
  const papers = random.fork('papers')
  const profile = createDocument(papers, {
    monthlyAnalysisDate: `${to.slice(0, 7)}-0${analysisDay}T00:00:00.000Z`,
    sendAnalysisNotification: wantsSummary,
    firstConnectionDate: formatWallTime(firstConnection),
  })
  const profileTypes =
    profileTypeSet === undefined
      ? []
      : [
          createDocument(papers, {
            housingType: housing,
            ...uses(random.fork('uses')),
            updateDate: formatWallTime(profileTypeSet),
          }),
        ]
  const loads = (fluid: 'electricity' | 'water' | 'gas') =>
    life.konnectors.withData.includes(fluid) ? monthlyLoads(random.fork(fluid), fluid, housing, from, to) : []
  const hasHalfHours = life.konnectors.withData.includes('electricity') && random.fork('grain').chance(HAS_HALF_HOURS)
  return {
    'com.grandlyon.ecolyo.usageevents': events,
    'com.grandlyon.ecolyo.term': [terms(random.fork('terms'), consent, firstConnection, from, to)],
    'com.grandlyon.ecolyo.profile': [profile],
    'com.grandlyon.ecolyo.profiletype': profileTypes,
    'com.grandlyon.enedis.month': loads('electricity'),
    'com.grandlyon.egl.month': loads('water'),
    'com.grandlyon.grdf.month': loads('gas'),
    'com.grandlyon.enedis.minute': hasHalfHours ? halfHourLoads(random.fork('half-hours'), from, to) : [],
    'io.cozy.accounts': accounts,
    'io.cozy.triggers': triggers,
  }
}

/** What the home uses a fluid for. */
function uses(random: Random): Pick<ProfileType, 'warmingFluid' | 'hotWaterFluid' | 'cookingFluid'> {
  const warmingFluid = random.weighted(WARMING)
  const hotWaterFluid = random.chance(WATER_AS_WARMING) ? warmingFluid : 0
  const cookingFluid = random.chance(COOKS_AS_WARMING) ? warmingFluid : 0
  return { warmingFluid, hotWaterFluid, cookingFluid }
}

function joinedOn(random: Random, from: Day): Day {
  if (random.chance(JOINED_EARLIER)) return addDays(from, -random.integer(DAYS_EARLIER))
  return addDays(from, random.integer(JOINS_WITHIN))
}

/** The terms are asked for at the first connection. */
function terms(random: Random, consent: Consent, at: WallTime, from: Day, to: Day): Terms {
  const content = { accepted: consent !== 'refused', version: VERSION_WITH_CLAUSE, date: formatWallTime(at) }
  // Withdrawn after `to` would be news from the future.
  const withdrawal = addDays(from, random.integer(WITHDRAWS_AFTER))
  const isWithdrawn = consent === 'withdrawn' && withdrawal <= to
  return createDocument(random, isWithdrawn ? { ...content, revokedAt: `${withdrawal}T18:30:00.000Z` } : content)
}

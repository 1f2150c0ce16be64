// Creates the documents of usage events.

import { formatWallTime, type WallTime } from './calendar.ts'
import type { Random } from './random.ts'

export type EventType =
  | 'ConnectionEvent'
  | 'NavigationEvent'
  | 'KonnectorConnectEvent'
  | 'KonnectorRefreshEvent'
  | 'KonnectorAttemptEvent'
  | 'ConsumptionCompareEvent'
  | 'ConsumptionChangeTimeStepEvent'
  | 'ChallengeLaunchEvent'
  | 'ChallengeEndEvent'
  | 'DuelLaunchEvent'
  | 'DuelEndEvent'
  | 'QuizEndEvent'
  | 'ExplorationEndEvent'
  | 'ActionChangeEvent'
  | 'ActionEndEvent'
  | 'ProfileSetEvent'
  | 'ReportFromEvent'

/** The fields of an event beside its type and time. */
export interface Details {
  readonly target?: string
  readonly context?: string
  readonly result?: string | number
  readonly startDate?: WallTime
}

/** Something that happened, before it becomes a document. */
export interface Occurrence extends Details {
  readonly type: EventType
  readonly at: WallTime
}

/** The fields of every document of a Cozy. */
export interface Document {
  readonly _id: string
  readonly cozyMetadata: object
}

export interface UsageEvent extends Document {
  readonly type: EventType
  readonly target: string | null
  readonly context: string | null
  readonly result: string | number | null
  readonly startDate: string | null
  readonly eventDate: string
  readonly aggregated: boolean
}

/** Written by the app in its first version of the doctype. */
const METADATA = { doctypeVersion: 1, metadataVersion: 1, createdByApp: 'ecolyo', updatedByApps: [{ slug: 'ecolyo' }] }

/**
 * A document around its content. It has no revision: a Cozy gives one to each document that is put
 * into it, and takes none with a revision that it does not know.
 */
export function createDocument<Content extends object>(random: Random, content: Content): Document & Content {
  return { _id: random.hex(32), ...content, cozyMetadata: METADATA }
}

/** The event's document. */
export function createUsageEvent(
  random: Random,
  { type, at, target, context, result, startDate }: Occurrence,
): UsageEvent {
  return createDocument(random, {
    type,
    target: target ?? null,
    context: context ?? null,
    result: result ?? null,
    startDate: startDate === undefined ? null : formatWallTime(startDate),
    eventDate: formatWallTime(at),
    aggregated: false,
  })
}

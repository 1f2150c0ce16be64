// Reads the fields of an event that the list shows; any document gives a row.

import type { EventKind } from '../protocol/protocol.ts'

export interface Fields {
  id: string | undefined
  type: string | undefined
  kind: EventKind
  eventDate: string | undefined
  details: string
}

const KIND_OF: Readonly<Record<string, EventKind>> = {
  ConnectionEvent: 'connection',
  NavigationEvent: 'navigation',
  KonnectorConnectEvent: 'konnector',
  KonnectorRefreshEvent: 'konnector',
  KonnectorAttemptEvent: 'konnector',
  ConsumptionCompareEvent: 'consumption',
  ConsumptionChangeTimeStepEvent: 'consumption',
  ChallengeLaunchEvent: 'challenge',
  ChallengeEndEvent: 'challenge',
  DuelLaunchEvent: 'challenge',
  DuelEndEvent: 'challenge',
  QuizEndEvent: 'challenge',
  ExplorationEndEvent: 'challenge',
  ActionChangeEvent: 'challenge',
  ActionEndEvent: 'challenge',
  ProfileSetEvent: 'profile',
  ReportFromEvent: 'profile',
}

/** A user-agent string says in one word what a person wants to know of it. */
const DETAIL_LENGTH = 60

export function fieldsOf(text: string): Fields {
  const document = parsed(text)
  const string = (name: string) => {
    const value = document?.[name]
    return typeof value === 'string' ? value : undefined
  }
  const type = string('type')
  const details = ['target', 'context', 'result']
    .map((name) => document?.[name])
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .map((value) => shortened(String(value)))
  return {
    id: string('_id'),
    type,
    kind: (type !== undefined && Object.hasOwn(KIND_OF, type) ? KIND_OF[type] : undefined) ?? 'unknown',
    eventDate: string('eventDate'),
    details: document === undefined ? shortened(text) : details.join(' · '),
  }
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

function shortened(text: string): string {
  return text.length > DETAIL_LENGTH ? `${text.slice(0, DETAIL_LENGTH - 1)}…` : text
}

// What a peer of the benchmarks is.

import type { Options } from '../../js/types/index.d.ts'

/** `[measureName, startDate, the groups' values, value]` */
export type Cell = readonly [name: string, date: string, groups: readonly string[], value: number]

/** The input, in memory and as files. */
export interface Input {
  /** A JSON array. */
  readonly file: string
  /** What is in that file. */
  readonly bytes: Buffer
  /** A file of the same events, one a line; made only for a peer that reads it. */
  readonly lines: string
  readonly options: Options
}

/**
 * One way to do the work. A peer may take for granted that every id is unique
 * and every date a valid `2024-03-09T14:03:11.123Z`; ours takes nothing for
 * granted.
 */
export interface Peer<Outcome = unknown> {
  /** What is not measured: the input is in memory, programs are compiled. */
  load(input: Input): void | Promise<void>
  /** What is measured. */
  run(): Outcome | Promise<Outcome>
  /** The outcome in the form that all peers share; a peer without does not do the whole work. */
  cells?(outcome: Outcome): Cell[]
}

/** For a peer whose outcome has that form. */
export const asTheyAre = (cells: Cell[]) => cells

const PAGES = new Set([
  'electricity',
  'gas',
  'eau',
  'water',
  'multifluid',
  'faq',
  'legalNotice',
  'consumption',
  'challenges',
  'ecogestures',
  'analysis',
  'options',
])

export const page = (target: string | null | undefined) => (target != null && PAGES.has(target) ? target : 'other')

const CODE = /^[A-Z][A-Z0-9_]{0,29}$/

export const code = (target: string | null | undefined) => (target != null && CODE.test(target) ? target : 'other')

/** The start and end of the spans, by the event that ends them. */
export const SPANS: Readonly<Record<string, readonly [start: string, end: string]>> = {
  ChallengeEndEvent: ['challenge-launch', 'challenge-end'],
  QuizEndEvent: ['quiz-launch', 'quiz-end'],
  ExplorationEndEvent: ['exploration-launch', 'exploration-end'],
  ActionEndEvent: ['action-launch', 'action-end'],
}

export const LONGEST_SPAN_MILLIS = 3_660 * 86_400_000
export const GREATEST_DURATION = 9_999_999

/** A usage event, as far as the work reads it. */
export interface UsageEvent {
  readonly _id: string
  readonly type: string
  readonly target?: string | null
  readonly result?: string | number | null
  readonly startDate?: string | null
  readonly eventDate: string
}

// The questions of the page to its worker, and the answers.

import type {
  Catalog,
  Day,
  DiagnosticCode,
  Diagnostics,
  Measure,
  Month,
  Reason,
  Verdict,
  WholeCatalog,
} from '../../types/index.d.ts'

/** Where a workspace comes from. */
export type Source =
  | { from: 'file'; file: Blob; name: string }
  | { from: 'text'; text: string; name: string }
  /** The home in the local Cozy. */
  | { from: 'live'; text: string; name: string }
  | { from: 'sample'; sample: SampleName; name: string }
  /** The workspace that was open before the page was reloaded, with its changes. */
  | { from: 'kept'; kept: SavedWorkspace; name: string }

/** What is needed to open a workspace again: the file as it was read, and the changes. */
export interface SavedWorkspace {
  name: string
  isLive: boolean
  /** The text, as gzip in base64. */
  packed: string
  /** The index of the home in a file of several. */
  at: number
  edits: Edit[]
}

/** The new text of an event; `null` if it was removed. */
export type Edit = [index: number, text: string | null]

export const SAMPLES = ['mistakes', 'devoted', 'withdrawn', 'large'] as const
export type SampleName = (typeof SAMPLES)[number]

/** What the page knows of the open file. */
export interface Workspace {
  /** A home has terms, a profile and loads beside its events. */
  kind: 'home' | 'events'
  name: string
  /** Whether it is the local Cozy's home and follows its changes. */
  isLive: boolean
  /** Identifies the file, whatever is changed in it; the local stack remembers by it what was sent. */
  key: string
  /** The position among several homes in one file. */
  among: { at: number; count: number } | undefined
  /** The events that the last update from the Cozy added, by their index in the file. */
  newEvents: number[]
  /** A number that every change and every opened file makes new. */
  generation: number
  events: number
  /** The number of documents of each other doctype. */
  others: Record<string, number>
  /** The number of changes that can be undone. */
  changes: number
}

export type ConsentRule = 'terms' | 'always' | 'never' | 'days'

/** The settings of the computation that a person can change on the page. */
export interface Rules {
  consent: ConsentRule
  /** For `days`: the first day, and the first day without consent or an empty text. */
  consentFrom: Day
  consentTo: Day
  clock: 'wall' | 'instant'
  zone: string
  /** If empty, the night after the last event. */
  now: string
  /** If undefined, the built-in catalog. */
  catalog: Catalog | undefined
}

/** The kinds of events, each with a colour on the timeline. */
export const KINDS = [
  'connection',
  'navigation',
  'konnector',
  'consumption',
  'challenge',
  'profile',
  'unknown',
] as const
export type EventKind = (typeof KINDS)[number]

/** A day on the timeline. */
export interface DayView {
  day: Day
  /** Events, in the order of `KINDS`. */
  counts: number[]
  consented: boolean
}

export interface Computation {
  measures: Measure[]
  diagnostics: Diagnostics
  catalog: WholeCatalog
  months: Month[]
  now: string
  millis: number
}

/** A summary of what became of the events. It takes longer than the measures, so it comes after them. */
export interface EventSummary {
  /** Whether consent was withdrawn, so that nothing is counted. */
  withdrawn: boolean
  days: DayView[]
  /** The number of events without a date, or with one far from all others. */
  notDrawn: number
  counted: number
  /** The number of events that are not counted, by reason. */
  notCounted: Partial<Record<NotCountedReason, number>>
  millis: number
}

/** The most useful reason why an event is not counted; `unread` if no indicator reads it. */
export type NotCountedReason = Reason | 'read-before' | 'unread'

/** What one indicator did with an event. */
export interface IndicatorOutcome {
  measureName: string
  measures: Measure[]
  reason: Reason | undefined
  noticed: DiagnosticCode[]
}

/** What became of one event. */
export interface EventOutcome {
  verdict: Verdict
  parts: IndicatorOutcome[]
}

/** A line of the list of events. */
export interface EventRow {
  /** Which event of the file, from 0. */
  index: number
  id: string | undefined
  type: string | undefined
  kind: EventKind
  details: string
  day: Day | undefined
  /** `HH:MM:SS` on the wall of the person. */
  time: string | undefined
  firstOfDay: boolean
  edited: boolean
  verdict: Verdict | undefined
  /** The indicators that count it, or else why none does. */
  countedBy: string[]
  why: NotCountedReason | undefined
}

/** A filter of the list: by verdict, or by the reason why an event is not counted. */
export type EventFilter = 'all' | 'counted' | 'not-counted' | NotCountedReason

export interface RowQuery {
  day: Day | undefined
  words: string
  only: EventFilter
  /** Whether the list begins with the latest event. */
  latestFirst: boolean
  start: number
  count: number
}

export interface EventRows {
  total: number
  rows: EventRow[]
}

/** Every question, with its argument and answer. */
export interface Calls {
  open: { argument: Source; answer: Workspace }
  /** The same home with new events; undefined if the workspace has another generation by now. */
  news: { argument: { text: string; generation: number }; answer: Workspace | undefined }
  compute: { argument: Rules; answer: Computation }
  explain: { argument: Rules; answer: EventSummary }
  rows: { argument: RowQuery; answer: EventRows }
  /** The rows of these events. */
  some: { argument: { indexes: number[] }; answer: EventRow[] }
  story: { argument: { index: number }; answer: EventOutcome | undefined }
  /** The events that made a measure. */
  madeOf: { argument: { measure: Measure }; answer: EventRow[] }
  /** The event's own text. */
  text: { argument: { index: number }; answer: string }
  edit: { argument: { index: number; text: string }; answer: Workspace }
  add: { argument: { text: string }; answer: { workspace: Workspace; index: number } }
  remove: { argument: { index: number }; answer: Workspace }
  /** Undoes the last change; the answer names its event. */
  undo: { argument: undefined; answer: { workspace: Workspace; index: number | undefined } }
  /** Another home of the same file. */
  turn: { argument: { at: number }; answer: Workspace }
  /** What is needed to open this workspace again. */
  keep: { argument: undefined; answer: SavedWorkspace }
  /** The whole file as it is now. */
  save: { argument: undefined; answer: { file: Blob; workspace: Workspace } }
}

export type CallName = keyof Calls

export type ToWorker = { [Name in CallName]: { id: number; call: Name; argument: Calls[Name]['argument'] } }[CallName]

export type FromWorker =
  | { id: number; answer: unknown }
  | { id: number; error: string }
  | { id: number; progress: number }

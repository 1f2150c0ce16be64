// What the page asks its worker, and what it gets.

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

/** Where a book comes from. */
export type Source =
  | { from: 'file'; file: Blob; name: string }
  | { from: 'text'; text: string; name: string }
  /** What the local Cozy holds. */
  | { from: 'live'; text: string; name: string }
  | { from: 'sample'; sample: SampleName; name: string }
  /** What lay open before the page was loaded again, with every change. */
  | { from: 'kept'; kept: Kept; name: string }

/** All that it takes to open a book again: the file as it was read, and what was done since. */
export interface Kept {
  name: string
  isLive: boolean
  /** The text, as gzip in base64. */
  packed: string
  /** Which home of several. */
  at: number
  edits: Edit[]
}

/** Which event became what; `null`: it was removed. */
export type Edit = [index: number, text: string | null]

export const SAMPLES = ['mistakes', 'devoted', 'withdrawn', 'large'] as const
export type SampleName = (typeof SAMPLES)[number]

/** What is known of what was opened. */
export interface Book {
  /** A home has terms, a profile and loads beside its events. */
  kind: 'home' | 'events'
  name: string
  /** It is the local Cozy's home, and follows it. */
  isLive: boolean
  /** The same for the same file, whatever is changed in it: what was sent of it is known by that. */
  key: string
  /** Which of several homes in one file. */
  among: { at: number; count: number } | undefined
  /** The events that were not there before the last news, by their places in the file. */
  news: number[]
  /** Another one with every change, and with every other book. */
  generation: number
  events: number
  /** How many documents of every other doctype. */
  others: Record<string, number>
  /** How many changes can be taken back. */
  changes: number
}

export type ConsentRule = 'terms' | 'always' | 'never' | 'days'

/** What a person sets on the page. */
export interface Rules {
  consent: ConsentRule
  /** For `days`: from the first to before the second, if there is one. */
  consentFrom: Day
  consentTo: Day
  clock: 'wall' | 'instant'
  zone: string
  /** Empty: the night after the last event. */
  now: string
  /** Undefined: the built-in one. */
  catalog: Catalog | undefined
}

/** What the colours of the timeline stand for. */
export const KINDS = [
  'connection',
  'navigation',
  'konnector',
  'consumption',
  'challenge',
  'profile',
  'unknown',
] as const
export type Kind = (typeof KINDS)[number]

/** A day on the timeline. */
export interface DayView {
  day: Day
  /** Events, in the order of `KINDS`. */
  counts: number[]
  consented: boolean
}

export interface Computed {
  measures: Measure[]
  diagnostics: Diagnostics
  catalog: WholeCatalog
  months: Month[]
  now: string
  millis: number
}

/** What became of the events, after the measures: it takes longer. */
export interface Told {
  /** Consent stood on some days, and does no longer: nothing is counted. */
  withdrawn: boolean
  days: DayView[]
  /** Events without a date, or one far from all others. */
  notDrawn: number
  counted: number
  /** How many events are not counted, by the reason. */
  notCounted: Partial<Record<Why, number>>
  millis: number
}

/** Why an event is not counted: the reason most worth telling, or that nobody reads it, not tonight or never. */
export type Why = Reason | 'read-before' | 'unread'

/** What one indicator made of an event. */
export interface Part {
  measureName: string
  measures: Measure[]
  reason: Reason | undefined
  noticed: DiagnosticCode[]
}

/** What became of one event. */
export interface Story {
  verdict: Verdict
  parts: Part[]
}

/** A line of the list of events. */
export interface Row {
  /** Which event of the file, from 0. */
  index: number
  id: string | undefined
  type: string | undefined
  kind: Kind
  details: string
  day: Day | undefined
  /** `HH:MM:SS` on the wall of the person. */
  time: string | undefined
  firstOfDay: boolean
  edited: boolean
  verdict: Verdict | undefined
  /** The indicators that count it, or else why none does. */
  countedBy: string[]
  why: Why | undefined
}

/** Which events are listed: by their verdict, or those not counted for one reason. */
export type Only = 'all' | 'counted' | 'not-counted' | Why

export interface RowQuery {
  day: Day | undefined
  words: string
  only: Only
  /** The latest first: what has just happened is where reading begins. */
  latestFirst: boolean
  start: number
  count: number
}

export interface Rows {
  total: number
  rows: Row[]
}

/** Every question with its argument and its answer. */
export interface Calls {
  open: { argument: Source; answer: Book }
  /** The same home with news in it; nothing, where the book is no longer of that generation. */
  news: { argument: { text: string; generation: number }; answer: Book | undefined }
  compute: { argument: Rules; answer: Computed }
  explain: { argument: Rules; answer: Told }
  rows: { argument: RowQuery; answer: Rows }
  /** These events, as lines. */
  some: { argument: { indexes: number[] }; answer: Row[] }
  story: { argument: { index: number }; answer: Story | undefined }
  /** The events that made a measure. */
  madeOf: { argument: { measure: Measure }; answer: Row[] }
  /** The event's own text. */
  text: { argument: { index: number }; answer: string }
  edit: { argument: { index: number; text: string }; answer: Book }
  add: { argument: { text: string }; answer: { book: Book; index: number } }
  remove: { argument: { index: number }; answer: Book }
  /** Takes the last change back, and says which event it concerned. */
  undo: { argument: undefined; answer: { book: Book; index: number | undefined } }
  /** Another home of the same file. */
  turn: { argument: { at: number }; answer: Book }
  /** What it takes to open this book again. */
  keep: { argument: undefined; answer: Kept }
  /** All of it as it stands now, and which book that is. */
  save: { argument: undefined; answer: { file: Blob; book: Book } }
}

export type CallName = keyof Calls

export type ToWorker = { [Name in CallName]: { id: number; call: Name; argument: Calls[Name]['argument'] } }[CallName]

export type FromWorker =
  | { id: number; answer: unknown }
  | { id: number; error: string }
  | { id: number; progress: number }

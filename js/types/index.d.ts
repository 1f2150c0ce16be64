// What a user of the package sees.

import type {
  Catalog,
  Definitions,
  DiagnosticCode,
  Explanation,
  Level,
  Options,
  Outcome,
  ProcessingRecord,
  Report,
  RightsTask,
  Unusable,
  WholeCatalog,
} from '../../src/wasm/types.d.ts'

export type {
  Catalog,
  Day,
  Definitions,
  Delivery,
  DiagnosticCode,
  Diagnostics,
  Doctypes,
  EventField,
  EventType,
  ExplainedCell,
  ExplainedEvent,
  Explanation,
  Fluid,
  Group,
  Indicator,
  IndicatorChange,
  IndicatorCondition,
  IndicatorGroup,
  IndicatorJoin,
  IndicatorSeen,
  IndicatorSelector,
  IndicatorSource,
  IndicatorStart,
  IndicatorValue,
  IndicatorWhen,
  Interval,
  Level,
  Measure,
  Memory,
  Month,
  Options,
  Outcome,
  ProcessingRecord,
  Reading,
  Reason,
  Report,
  RightsTask,
  Rule,
  Transition,
  Unusable,
  Verdict,
  WholeCatalog,
} from '../../src/wasm/types.d.ts'

export interface Connection {
  /** The address of the person's Cozy. */
  cozyUrl: string
  /** The app's token. */
  token: string
  /** Given each line of the log; it never holds an event's content. */
  log?: ((line: { level: Level; message: string }) => void) | undefined
}

/** Bytes, or the text that they are. */
export type Bytes = Uint8Array | ArrayBuffer | string

/** Bytes in chunks of any size, as they come: also a stream of Node's, the body of a `fetch`. */
export type Stream = Iterable<Bytes> | AsyncIterable<Bytes> | ReadableStream<Bytes>

/** An event as an app records it; whatever else it holds is passed over. */
export interface UsageEvent {
  _id?: string
  type: string
  /** RFC 3339; a `Date` is written so. */
  eventDate: string | Date
  target?: string | null
  context?: string | null
  result?: string | number | null
  startDate?: string | Date | null
}

/** Events as objects, an array of them or as they come. */
export type Events = Iterable<UsageEvent> | AsyncIterable<UsageEvent> | ReadableStream<UsageEvent>

/** What is thrown where something that was given cannot be used. */
export interface DaccError extends Error {
  code: 'input' | 'option' | 'catalog'
  /** `events`, `home`, `consent[0].from`, `catalog.my-indicator`. */
  path: string
  /** Where in a text, from 1. */
  line?: number
  column?: number
  byte?: number
}

/** What performs the effects of a command over what is kept. */
export interface RightsHost {
  files: RightsFiles
  /**
   * Asks the Cozy that is this home; undefined if no answer came, and the reason
   * where the next would be no better.
   */
  request(
    home: 'home' | 'former',
    request: { method: string; url: string; body?: string },
  ): Promise<RightsAnswer | { unusable: Unusable } | undefined>
  wait(millis: number): Promise<unknown>
}

/** An answer of a Cozy. */
export interface RightsAnswer {
  status: number
  contentType: string
  /** The `Retry-After` header, if it is a number of seconds. */
  retryAfter: number | undefined
  body: Uint8Array
}

/**
 * Files by their names: `home`, `former`, `input:0` …, `output`, `backup`, and
 * `scratch:…`. What is appended shows only after a commit, but for scratch
 * files; where none comes, nothing stays of it.
 */
export interface RightsFiles {
  /** So many bytes from this place on; fewer only at the end. */
  read(file: string, at: number, length: number): Promise<Uint8Array>
  append(file: string, bytes: Uint8Array): Promise<void>
  commit(file: string): Promise<void>
  discard(file: string): Promise<void>
}

/** A host whose Cozys are asked with `fetch`. */
export function fetchHost(
  files: RightsFiles,
  cozies?: { home?: { cozyUrl: string; token: string }; former?: { cozyUrl: string; token: string } },
): RightsHost

/** Files in memory, as blobs. */
export class MemoryFiles implements RightsFiles {
  constructor(given?: Readonly<Record<string, Blob | Uint8Array | string>>)
  /** A file as it is now; undefined if it is none. */
  get(file: string): Blob | undefined
  read(file: string, at: number, length: number): Promise<Uint8Array>
  append(file: string, bytes: Uint8Array): Promise<void>
  commit(file: string): Promise<void>
  discard(file: string): Promise<void>
}

/** What every module can. */
export interface Aggregating {
  /** The indicators of events alone: a JSON array, a `_find` answer or NDJSON. */
  aggregate(source: Bytes, options?: Options): Outcome
  /**
   * The same of events that come chunk by chunk or as objects, one by one, which
   * are never held all at once. Where something goes wrong, or the signal is aborted,
   * the stream is closed.
   */
  aggregate(source: Stream | Events, options?: Options, signal?: AbortSignal): Promise<Outcome>
}

/** What the module of the package's root can. */
export interface Dacc extends Aggregating {
  /** The indicators of a whole home file. */
  aggregateHome(bytes: Bytes, options?: Options): Outcome
  /** The `home` field of a home file: its name in a file of many. */
  homeName(bytes: Bytes): string | undefined
  /** Which events made each measure of `aggregate`, and why others made none. */
  explain(bytes: Bytes, options?: Options): Explanation
  /** Which events made each measure of `aggregateHome`, and why others made none. */
  explainHome(bytes: Bytes, options?: Options): Explanation
  /**
   * The built-in catalog; or, of a catalog, every indicator that it comes to,
   * those that it extends and changes among them.
   */
  catalog(catalog?: Catalog): WholeCatalog
  /** The definitions file that the DACC server imports. */
  definitions(options?: { org?: string; createdBy?: string; catalog?: Catalog }): Definitions
  /** One sentence for each diagnostic code. */
  diagnosticCodes(): Record<DiagnosticCode, string>
  /**
   * A command of the person's rights over what is kept: export, import, purge,
   * …; gives its outcome, or rejects with one sentence why not.
   */
  rights(task: RightsTask, options: Options, host: RightsHost): Promise<unknown>
  /** The record of processing activities (GDPR, article 30). */
  processingRecord(options?: Options): ProcessingRecord
  /** The nightly run, in this page or worker. */
  run(options: Options, connection: Connection): Promise<Report>
}

/** Loads the module, once; `source` stands for the file of the package. */
export function load(source?: BufferSource | WebAssembly.Module | Response | URL): Promise<Dacc>

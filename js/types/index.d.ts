// The public types of the package.

import type {
  AppDescription,
  Catalog,
  Definitions,
  DiagnosticCode,
  Explanation,
  Indicator,
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
  AppDescription,
  AppField,
  AppFieldKind,
  AppSource,
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
  /** Called with each line of the log. A line never contains the content of an event. */
  log?: ((line: { level: Level; message: string }) => void) | undefined
}

/** Bytes, or their text. */
export type Bytes = Uint8Array | ArrayBuffer | string

/** Bytes in chunks of any size, for example a stream of Node or the body of a `fetch`. */
export type Stream = Iterable<Bytes> | AsyncIterable<Bytes> | ReadableStream<Bytes>

/** An event as an app records it; other fields are ignored. */
export interface UsageEvent {
  _id?: string
  type: string
  /** RFC 3339, or a `Date`. */
  eventDate: string | Date
  target?: string | null
  context?: string | null
  result?: string | number | null
  startDate?: string | Date | null
}

/** Events as objects: an array, an iterable or a stream. */
export type Events = Iterable<UsageEvent> | AsyncIterable<UsageEvent> | ReadableStream<UsageEvent>

/** The error that is thrown if an argument cannot be used. */
export interface DaccError extends Error {
  code: 'input' | 'option' | 'catalog'
  /** `events`, `home`, `consent[0].from`, `catalog.my-indicator`. */
  path: string
  /** The position in a text; line and column start at 1. */
  line?: number
  column?: number
  byte?: number
}

/** Performs the effects of a rights command. */
export interface RightsHost {
  files: RightsFiles
  /**
   * Sends a request to the Cozy of a home. Resolves to undefined if no response came, and to the reason if
   * another try would not help.
   */
  request(
    home: 'home' | 'former',
    request: { method: string; url: string; body?: string },
  ): Promise<RightsAnswer | { unusable: Unusable } | undefined>
  wait(millis: number): Promise<unknown>
}

/** A response of a Cozy. */
export interface RightsAnswer {
  status: number
  contentType: string
  /** The `Retry-After` header, if it is a number of seconds. */
  retryAfter: number | undefined
  body: Uint8Array
}

/**
 * Files by their names: `home`, `former`, `input:0` …, `output`, `backup`, and `scratch:…`. What is appended
 * becomes visible with `commit`; without a commit nothing of it stays. Scratch files are visible at once.
 */
export interface RightsFiles {
  /** Reads `length` bytes from `at` on; fewer only at the end of the file. */
  read(file: string, at: number, length: number): Promise<Uint8Array>
  append(file: string, bytes: Uint8Array): Promise<void>
  commit(file: string): Promise<void>
  discard(file: string): Promise<void>
}

/** Creates a host that sends its requests with `fetch`. */
export function fetchHost(
  files: RightsFiles,
  cozies?: { home?: { cozyUrl: string; token: string }; former?: { cozyUrl: string; token: string } },
): RightsHost

/** Files in memory, as blobs. */
export class MemoryFiles implements RightsFiles {
  constructor(given?: Readonly<Record<string, Blob | Uint8Array | string>>)
  /** The present content of a file; undefined if there is no such file. */
  get(file: string): Blob | undefined
  read(file: string, at: number, length: number): Promise<Uint8Array>
  append(file: string, bytes: Uint8Array): Promise<void>
  commit(file: string): Promise<void>
  discard(file: string): Promise<void>
}

/** The functions of every module. */
export interface Aggregating {
  /** Computes the indicators of events alone: a JSON array, a `_find` response or NDJSON. */
  aggregate(source: Bytes, options?: Options): Outcome
  /**
   * Computes the indicators of events that come in chunks or as objects; they are never all in memory. An
   * error or an aborted signal closes the stream.
   */
  aggregate(source: Stream | Events, options?: Options, signal?: AbortSignal): Promise<Outcome>
}

/** The functions of the full module. */
export interface Dacc extends Aggregating {
  /** Computes the indicators of a home file. */
  aggregateHome(bytes: Bytes, options?: Options): Outcome
  /** Reads the `home` field of a home file: its name in a file of several. */
  homeName(bytes: Bytes): string | undefined
  /** Explains `aggregate`: which events each measure counts, and why other events are not counted. */
  explain(bytes: Bytes, options?: Options): Explanation
  /** Explains `aggregateHome`: which events each measure counts, and why other events are not counted. */
  explainHome(bytes: Bytes, options?: Options): Explanation
  /** The built-in catalog; or all indicators that a catalog results in, with those that it extends and changes. */
  catalog(catalog?: Catalog): WholeCatalog
  /** Creates the definitions file that the DACC server imports. */
  definitions(options?: { org?: string; createdBy?: string; catalog?: Catalog }): Definitions
  /** One sentence for each diagnostic code. */
  diagnosticCodes(): Record<DiagnosticCode, string>
  /**
   * Executes a command of the person's rights: export, import, purge, … Resolves to its outcome, or rejects
   * with one sentence.
   */
  rights(task: RightsTask, options: Options, host: RightsHost): Promise<unknown>
  /** The record of processing activities (GDPR, article 30). */
  processingRecord(options?: Options): ProcessingRecord
  /** Executes the nightly run, in this page or worker. */
  run(options: Options, connection: Connection): Promise<Report>
}

/** What stands for the module's file in the package. */
export type ModuleSource = BufferSource | WebAssembly.Module | Response | URL

/**
 * Gives a description back as it is, and has the compiler check it: indicators name types and fields of its
 * own source alone.
 */
export function defineApp<const Type extends string, const Field extends string = never>(
  app: Omit<AppDescription<Type, Field>, 'indicators'> & {
    /** The indicators, in the order their measures come out. */
    indicators: readonly Indicator<NoInfer<Type>, NoInfer<Field>>[]
  },
): AppDescription<Type, Field>

/** The app that is computed, where it is not the built-in one, and the module, where it is not the package's. */
export interface LoadOptions {
  app?: AppDescription | undefined
  module?: ModuleSource | undefined
}

/**
 * Loads the module once. A process computes one app: a call with another one is refused, one without any gets what
 * is loaded, and the first without any loads the built-in one.
 */
export function load(source?: ModuleSource | LoadOptions): Promise<Dacc>

/** A civil day, `YYYY-MM-DD`. */
export type Day = string;
/** A civil month, `YYYY-MM`. */
export type Month = string;

export type Fluid = "electricity" | "water" | "gas";

/** From an instant on, the zone's offset; both in seconds. */
export interface Transition {
  /** Since 1970-01-01T00:00:00Z; absent on the first entry. */
  at?: number;
  /** East of UTC. */
  offset: number;
}

/** Days with consent: from the first to the last before `to`. */
export interface Interval {
  from: Day;
  to?: Day | undefined;
}

/** The doctypes that are read. */
export interface Doctypes {
  events?: string;
  terms?: string;
  profile?: string;
  profileType?: string;
  accounts?: string;
  triggers?: string;
  monthlyLoads?: Partial<Record<Fluid, string>>;
  halfHourLoads?: Partial<Record<Fluid, string>>;
  /** The ledger: a document for each contribution. */
  measures?: string;
  /** What a run remembers for the next. */
  memory?: string;
  /** What was imported, and counts for nothing. */
  history?: string;
  /** The stack's own log of what was sent. */
  requests?: string;
}

/** What earlier runs remembered. */
export interface Memory {
  firstDay?: Day;
  /** Everything up to this day is history: its events count for nothing. */
  closedUntil?: Day;
  /** On which day each day still open was first computed. */
  days?: Record<Day, Day>;
  /** The months computed. */
  months?: Month[];
  /** The date-time of the first event, by type. */
  firsts?: Record<string, string>;
  /** The date-times of events that a span may start at, by type and target. */
  starts?: Record<string, Record<string, string[]>>;
  /** Events counted until something was reached: by measure, group values and month. */
  counts?: Record<string, Record<string, Record<Month, { count: number; reached: boolean }>>>;
}

/** Everything passed in beside the documents; each has a default. */
export interface Options {
  /** The time of the computation: with an offset an instant, without one wall time in the zone. */
  now?: string | undefined;
  /** The first day asked for; alone, up to yesterday. */
  from?: Day | undefined;
  /** The last day asked for, included; alone, only this day. */
  to?: Day | undefined;
  /** The months asked for; given alone, no days are. */
  months?: Month[] | undefined;
  /** How date-times are read; default `wall`: as the digits are written. */
  clock?: "wall" | "instant" | undefined;
  /** The users' zone, an IANA name; default `Europe/Paris`. */
  zone?: string | undefined;
  /** The zone's offsets; default: those that `Intl` knows. */
  transitions?: Transition[] | undefined;
  /** The app; default: that of `load({ app })`, or the built-in one. Of another than that, only events alone are computed so far. */
  app?: AppDescription | undefined;
  /** The catalog; default: all indicators of the app. */
  catalog?: Catalog | undefined;
  /** Days with consent, in place of the home's terms. */
  consent?: Interval[] | undefined;
  memory?: Memory | undefined;
  /** Default `ecolyo`. */
  createdBy?: string | undefined;
  /** The date of a monthly measure; default `month`: its first day. */
  monthlyStartDate?: "month" | "run-date" | undefined;
  /** The first version of the terms with the clause; default `1.0.0`. */
  consentVersion?: string | undefined;
  /** The first day to compute, for the change-over from an older service. */
  firstDay?: Day | undefined;
  /** Which fluid the accounts of a konnector connect, by `account_type`. */
  konnectors?: Record<string, Fluid> | undefined;
  doctypes?: Doctypes | undefined;
  /** Where a run sends measures: a remote doctype, or a local server's address. */
  remote?: string | undefined;
  /** Whether a run sends again what may have been stored already; default no. */
  resendUnknown?: boolean | undefined;
  /** Whether a run marks the events of planned days as aggregated; default yes. */
  flagAggregated?: boolean | undefined;
  /**
   * How long a run keeps events, in days; default: for ever. `age`: older ones
   * go; `inactivity`: after so many days without an event all go. `ledger`:
   * older entries of what was sent, or never will be, go. None goes while a run
   * can still compute something of its day or month.
   */
  retention?: { age?: number; inactivity?: number; ledger?: number } | undefined;
  /** The app's slug and the service's name, for a job that goes on. */
  slug?: string | undefined;
  service?: string | undefined;
}

/** One group of a measure: one key and its value. Measures share their groups, which are frozen. */
export type Group = Readonly<Record<string, string>>;

/** An anonymous measure, as it is sent. */
export interface Measure {
  createdBy: string;
  measureName: string;
  startDate: Day;
  value: number;
  group1?: Group;
  group2?: Group;
  group3?: Group;
}

export type DiagnosticCode =
  | "cell-lost"
  | "cell-taken"
  | "consent-missing"
  | "document-malformed"
  | "document-not-the-apps"
  | "event-date-invalid"
  | "event-duplicate"
  | "event-in-future"
  | "event-malformed"
  | "event-outside-consent"
  | "event-type-unknown"
  | "group-other"
  | "late-cell-kept"
  | "period-open"
  | "period-settled"
  | "result-invalid"
  | "settings-of-home"
  | "span-negative"
  | "span-start-missing"
  | "span-too-long"
  | "terms-malformed"
  | "value-clipped"
  | "value-out-of-range";

/** How often each thing was noticed; what never was is absent. */
export type Diagnostics = Partial<Record<DiagnosticCode, number>>;

export interface Outcome {
  measures: Measure[];
  diagnostics: Diagnostics;
}

/**
 * An outcome as it leaves the module: a JSON text with the names, the groups,
 * the dates and the diagnostics; for each series the places of its two names
 * and of its groups, of which -1 is none; and for each measure the places of its
 * series and of its date, and the hundredths of its value.
 */
export type Table = [text: string, series: Int32Array, rows: Int32Array];

/** Every event and what became of it, every cell and what it is made of. */
export interface Explanation {
  /** The events, as read. */
  events: ExplainedEvent[];
  /** The cells: those of the periods computed, then those that only wait in the ledger. */
  cells: ExplainedCell[];
  /** The catalog's rules, in its order. */
  rules: Rule[];
  /** A sentence for each verdict, reason and notice that occurs. */
  sentences: Partial<Record<Verdict | Reason, string>>;
  /** The days on which consent stood, also of one that was withdrawn since: nothing is counted then. */
  consent: Interval[];
  /** As the computation itself gives them. */
  diagnostics: Diagnostics;
}

/** One event document, and what became of it. */
export interface ExplainedEvent {
  /** How many events were read before it: its place in `events`. */
  index: number;
  id?: string;
  type?: string;
  /** Absent if its date cannot be read. */
  day?: Day;
  /** Its date and time on the user's wall, `YYYY-MM-DDTHH:MM:SS`, without an offset. */
  moment?: string;
  verdict: Verdict;
  /** One for each indicator that reads it, in the catalog's order. */
  readings: Reading[];
}

/** In at least one cell; valid and in none, for the reasons of its readings; before all that tonight's run reads; or what left it out whole. */
export type Verdict = "counted" | "not-counted" | "read-before" | DiagnosticCode;

/** Why an event is in no cell of an indicator that reads it. */
export type Reason =
  | "already-reached"
  | "condition-not-met"
  | "context-only"
  | "not-first"
  | "nothing-seen"
  | "period-not-computed"
  | "period-not-over"
  | DiagnosticCode;

/** What one indicator made of one event: the cells it is in, or the reason why it is in none. */
export interface Reading {
  measureName: string;
  /** Places in `cells`. */
  cells?: number[];
  reason?: Reason;
  /** What was noticed where it counted, as a group's value that became `other`. */
  noticed?: DiagnosticCode[];
}

/** One cell, and the events that made it. */
export interface ExplainedCell {
  /** What is to be sent, or what was planned for the cell. */
  measure: Measure;
  /** The day or month measured. */
  period: Day | Month;
  /** Places in `events`, in the order of time; a snapshot also has what stands beside the events. */
  events: number[];
  /** What became of it, where the home's ledger knows it; without one it is yet to be planned. */
  state?: "planned" | "sending" | "sent" | "refused" | "unknown" | "cancelled" | "held";
  /** Events came late: they would give another measure now. */
  late?: true;
  /** A part of it is remembered of events that are not there any more. */
  remembered?: true;
}

/** An indicator's rule, in sentences. */
export interface Rule {
  measureName: string;
  period: "day" | "month";
  /** What is measured, as the catalog says it. */
  description: string;
  /** How the value is made. */
  value: string;
  /** The types of the events it reads. */
  events: string[];
  /** The keys of its groups. */
  groups: string[];
}

// What a catalog and an app are: made of their schemas by js/schema-types.mjs.

export interface Catalog<Type extends string = EventType, Field extends string = EventField> {
  /** Where an editor finds this schema; not read. */
  $schema?: string | undefined;
  /** Whether the built-in indicators come first, and these are added to them. */
  extends?: boolean | undefined;
  /** What is changed of the built-in indicators, by their names; only with extends. {"konnector-attempts-monthly": {"keys": {"slug": "fluid_type"}}} Refused: a name that is not built in, and any without extends. */
  override?: Record<string, IndicatorChange> | undefined;
  /** The indicators, in the order their measures come out. Only what extends the built-in ones can leave them out. */
  indicators?: readonly Indicator<Type, Field>[] | undefined;
}

/** What is changed of a built-in indicator, whose rule stays. */
export interface IndicatorChange {
  /** Another name: for the server another measure. */
  name?: string | undefined;
  /** Another row of the server. */
  id?: IndicatorId | undefined;
  /** Another threshold. */
  aggregationThreshold?: IndicatorThreshold | undefined;
  /** Another description. */
  description?: string | undefined;
  /** Another purpose. */
  purpose?: string | undefined;
  /** The keys of its groups that have another name, each with that name: {"slug": "fluid_type"}. All change at once. Refused: a key that no group has, and two of one name. */
  keys?: Record<string, string> | undefined;
  /** Whether it is left out; then nothing else is changed. Refused: with any other change. */
  omit?: boolean | undefined;
}

/** One indicator. */
export interface Indicator<Type extends string = EventType, Field extends string = EventField> {
  /** The measure's name; no two indicators have the same. The server has to know it. Refused: an empty one, more than 100 bytes, a control character. */
  name: string;
  /** The row in which the server keeps the definition. An import overwrites the row of that number, whatever it holds: take one that is free. Without it the definition is in no file that the server imports. Refused: that of another indicator. */
  id?: IndicatorId | undefined;
  /** How many homes a group needs before the server publishes it. Refused: fewer than 5, by which people could be known. */
  aggregationThreshold?: IndicatorThreshold | undefined;
  /** What one measure spans: a civil day or month. */
  period: "day" | "month";
  /** One sentence: what is measured. Refused: an empty one. */
  description: string;
  /** One sentence: what it is measured for. Refused: an empty one. */
  purpose: string;
  /** The events it reads; the first selector that fits an event decides. Every kind of value but a snapshot needs one. */
  events?: readonly IndicatorSelector<Type, Field>[] | undefined;
  /** How the value is made. */
  value: IndicatorValue<Field>;
  /** The groups of its measures, from group1 on. Refused: more than three, and two with one key. */
  groups?: readonly IndicatorGroup<Type, Field>[] | undefined;
  /** The keys of the groups that identify a contribution: with the same values in these it is never sent again. Without this, all groups do. Refused: a key that no group has, leaving out a group that an event decides, and naming what is inside a session. */
  identity?: readonly string[] | undefined;
  /** What becomes of several sessions, spans or observations in one cell: their mean as one measure, so that the server's threshold counts homes, or one measure for each. Refused: each of what is no session, span or observation. */
  contribution?: "mean" | "each" | undefined;
}

/** Which events are read, and what is taken from them. */
export interface IndicatorSelector<Type extends string = EventType, Field extends string = EventField> {
  /** The event's type. */
  type: Type;
  /** Only events of which this holds. */
  where?: IndicatorCondition<Field> | undefined;
  /** For a span: only the first such event that the home ever had. Refused: with where. */
  first?: boolean | undefined;
  /** For a span, and needed there: where it starts that the event ends. Refused: without a span. */
  start?: IndicatorStart<Type, Field> | undefined;
  /** Sources that stand for the groups' own, by the group's key. Refused: a key that no group has, and a text that does not fit the group's list or pattern. */
  groups?: Record<string, IndicatorSource<Type, Field>> | undefined;
}

/** A field of the event that has exactly this text. */
export interface IndicatorCondition<Field extends string = EventField> {
  /** The field looked at. */
  field: Field;
  /** The text it must have. */
  is: string;
}

/** For a span, and needed there: where it starts that the event ends. */
export type IndicatorStart<Type extends string = EventType, Field extends string = EventField> = IndicatorStartField<Field> | IndicatorStartFirst<Type> | IndicatorStartLatest<Type>;

export interface IndicatorStartField<Field extends string = EventField> {
  /** At the date in this field of the event. */
  field: Field;
}

export interface IndicatorStartFirst<Type extends string = EventType> {
  /** At the home's first event of this type; for connections the profile's firstConnectionDate goes before. */
  first: Type;
}

export interface IndicatorStartLatest<Type extends string = EventType> {
  /** At the latest event of this type before, with the same target. */
  latest: Type;
}

/** How the value is made. */
export type IndicatorValue<Field extends string = EventField> = IndicatorCount<Field> | IndicatorDistinctDays | IndicatorSession | IndicatorSpan | IndicatorObservation<Field> | IndicatorSnapshot;

/** How many events. */
export interface IndicatorCount<Field extends string = EventField> {
  /** Which kind of value it is. */
  kind: "count";
  /** For a month: counts from the first event ever to the end of the month, up to the month in which this first held. Refused: for a day. */
  until?: IndicatorCondition<Field> | undefined;
}

/** On how many days there was an event. */
export interface IndicatorDistinctDays {
  /** Which kind of value it is. */
  kind: "distinct-days";
  /** Whether 0 is a measure too; only without groups. Refused: with groups. */
  zero?: boolean | undefined;
}

/** Seconds from an event to the last event of any type before the next such event or the end of the day. */
export interface IndicatorSession {
  /** Which kind of value it is. */
  kind: "session";
}

/** Seconds from the selector's start to the event. */
export interface IndicatorSpan {
  /** Which kind of value it is. */
  kind: "span";
}

/** A number that the event holds. */
export interface IndicatorObservation<Field extends string = EventField> {
  /** Which kind of value it is. */
  kind: "observation";
  /** The field with the number. */
  of: Field;
  /** Only whole numbers from the first to the second, also as a string of one digit. Without this, any number. Refused: from a larger to a smaller. */
  integers?: readonly [number, number] | undefined;
}

/** Something of the home as it stands; each is made in the program, not here. */
export interface IndicatorSnapshot {
  /** Which kind of value it is. */
  kind: "snapshot";
  /** What is looked at. */
  of: "connected-fluids" | "consumption-variation" | "summary-subscription" | "half-hour-data";
}

/** One group: its one key, and where its value is from. */
export interface IndicatorGroup<Type extends string = EventType, Field extends string = EventField> {
  /** The group's key, as the server knows it. */
  key: string;
  /** Where its value is from, and which values it may have. */
  source: IndicatorSource<Type, Field>;
}

/** Where a group's value is from (at most one of constant, field, device, when, join, seen, reached, snapshot, inside) and which values it may have (values or pattern). A group whose every selector names a source of its own needs no origin. */
export interface IndicatorSource<Type extends string = EventType, Field extends string = EventField> {
  /** Origin: always this text. */
  constant?: string | undefined;
  /** Origin: a field of the event; needs values or a pattern. Refused: without one of them, for text of an event never leaves as it is. */
  field?: Field | undefined;
  /** Compare the field with its ASCII letters in lower case. */
  lowercase?: boolean | undefined;
  /** Origin: desktop or mobile, from the browser in this field. */
  device?: Field | undefined;
  /** Origin: one of two texts, by what a field is. */
  when?: IndicatorWhen<Field> | undefined;
  /** Origin: several sources joined to one text. */
  join?: IndicatorJoin<Type, Field> | undefined;
  /** Origin, for a snapshot: one of two texts, by whether the period has a selected event. */
  seen?: IndicatorSeen | undefined;
  /** Origin, for a count with until: true if it was reached, else false. Refused: in a selector, and without until. */
  reached?: boolean | undefined;
  /** Origin, for a snapshot: the one fluid it is about, all connected fluids, whole months since the first connection, or what the profile type uses the fluid for (heating, hot_water and cooking joined by a colon, or none; nothing without a profile type). */
  snapshot?: "fluid" | "fluids" | "seniority" | "fluid-usage" | undefined;
  /** Origin, for a session: how many events of this type it holds after the one that it begins with; of several sessions in one cell the mean, rounded half up. Needs buckets, and does not identify. Refused: in a selector, and of what is no session. */
  inside?: Type | undefined;
  /** The least number of each bucket: the first is 0, and they rise. values has one text for each, in the same order: [0, 1, 3] with ["0", "1-2", "3+"]. Refused: others, and without inside. */
  buckets?: readonly number[] | undefined;
  /** The closed list of values. Refused: an empty one, and with pattern. */
  values?: readonly string[] | undefined;
  /** The pattern of the values, for the whole text: ASCII characters and classes such as [a-z0-9_-], each with nothing, ?, *, + or {least,most}. Refused: anything else, as a|b, groups in brackets, a point for any character. */
  pattern?: string | undefined;
  /** What stands for anything else; without it such an event is left out of the indicator. */
  other?: string | undefined;
}

/** Origin: one of two texts, by what a field is. */
export interface IndicatorWhen<Field extends string = EventField> {
  /** The field looked at. */
  field: Field;
  /** The text it is compared with. */
  is: string;
  /** The value if it is. */
  then: string;
  /** The value if it is not. */
  else: string;
}

/** Origin: several sources joined to one text. */
export interface IndicatorJoin<Type extends string = EventType, Field extends string = EventField> {
  /** What is joined; each part has its own values or pattern. Refused: none, and a part without an origin. */
  parts: readonly IndicatorSource<Type, Field>[];
  /** What stands between the parts. */
  with: string;
}

/** Origin, for a snapshot: one of two texts, by whether the period has a selected event. */
export interface IndicatorSeen {
  /** The value if there is one. */
  then: string;
  /** The value if there is none. */
  else: string;
}

/** The number of a row. */
export type IndicatorId = number;

/** A number of homes. */
export type IndicatorThreshold = number;

/** A field of an event. */
export type EventField = "target" | "context" | "result" | "startDate";

/** A type of usage events. */
export type EventType = "ConnectionEvent" | "NavigationEvent" | "KonnectorConnectEvent" | "KonnectorRefreshEvent" | "KonnectorAttemptEvent" | "ConsumptionCompareEvent" | "ConsumptionChangeTimeStepEvent" | "ChallengeLaunchEvent" | "ChallengeEndEvent" | "DuelLaunchEvent" | "DuelEndEvent" | "QuizEndEvent" | "ExplorationEndEvent" | "ActionChangeEvent" | "ActionEndEvent" | "ProfileSetEvent" | "ReportFromEvent";

/** An app as data: where its events are, and what is measured of them. */
export interface AppDescription<Type extends string = string, Field extends string = string> {
  /** Where an editor finds this schema; not read. */
  $schema?: string | undefined;
  /** The app's slug, which is createdBy of its measures. Refused: an empty one, more than 100 bytes, a control character. */
  app: string;
  /** Where events are found: one source so far. Refused: none, and more than one. */
  sources: readonly AppSource<Type, Field>[];
  /** The indicators, in the order their measures come out. Refused: two with one name or one id, a type or a field that no source names, and whatever breaks a rule of its kind. */
  indicators: readonly Indicator<Type, Field>[];
}

/** A doctype in which events are found, and how a document becomes one. */
export interface AppSource<Type extends string = string, Field extends string = string> {
  /** The source's name: what an error calls it. Refused: an empty one. */
  name: string;
  /** The doctype of the documents. Refused: an empty one. */
  doctype: string;
  /** Whether the documents are the app's own: only such are ever marked, deleted or written. */
  owned?: boolean | undefined;
  /** The path of the field that says of which type an event is. Absent where there is one type: then every document is of it. Refused: several types without it. */
  typeField?: string | undefined;
  /** The types that events can be of. Refused: none, more than 64, one twice, a name that is empty or has more than 100 bytes. */
  types: readonly Type[];
  /** The path of the event's date-time, written as RFC 3339 has it. An event without one is counted as event-date-invalid. */
  date: string;
  /** The key of the mark that a run sets on what it counted. Refused: of documents that are not owned, a path of several keys, one that begins with _, and one where something else is read. */
  flag?: string | undefined;
  /** The fields of events, which indicators name. Refused: more than 32, and one name twice. */
  fields?: readonly AppField<Field>[] | undefined;
}

/** A field of events: its name, where it stands in a document, and what it holds. */
export interface AppField<Field extends string = string> {
  /** The field's name, by which indicators know it. */
  name: Field;
  /** Where it stands in a document: keys joined by dots, of which one that holds a dot stands in quotes. Its name where this is absent. Refused: more than six keys, and so far [] and ^. */
  path?: string | undefined;
  /** What it holds. Anything else is as if it were not there, which is never an error. What a field serves as follows from it: a group, a condition and the target of spans need a text (no number), an observation a number (number, scalar, text), the start of a span a date (date, text); another kind is refused. */
  kind: AppFieldKind;
}

/** A text is a string; a number is one, also in a string; a scalar is a string or a number; a date is a string that is a date-time as RFC 3339 has it; a boolean is true or false, which decides as that text. */
export type AppFieldKind = "text" | "number" | "scalar" | "date" | "boolean";

// End of what a catalog and an app are.

/** Every indicator that a catalog comes to. */
export interface WholeCatalog extends Catalog {
  indicators: Indicator[];
}

/** The file that the DACC server imports. */
export interface Definitions {
  definitions: {
    /** Absent where the catalog names none: such a definition cannot be imported. */
    id?: number;
    name: string;
    org: string;
    createdBy: string;
    group1Key?: string;
    group2Key?: string;
    group3Key?: string;
    description: string;
    aggregationPeriod: "day" | "month";
    executionFrequency: "day" | "month";
    aggregationThreshold: number;
    accessApp: boolean;
    accessPublic: boolean;
  }[];
}

/**
 * Why a host cannot use an answer: it is longer than any that a Cozy gives, and
 * was not read on; or the server's certificate is not trusted, and nothing was sent.
 */
export type Unusable = "too-large" | "certificate";

/** What became of a measure that was sent to a DACC. */
export interface Delivery {
  /**
   * `not-yet` and `not-now` surely did not arrive, and of the second nothing else would now;
   * `unknown` may have been stored; `held` waits for the server's definition.
   */
  outcome: "sent" | "refused" | "not-yet" | "not-now" | "unknown" | "held";
  /** Whether it may never be sent again. */
  isFinal: boolean;
  /** Why. */
  reason: string;
  /** The server's own sentence, if it answered one. */
  said?: string;
}

export type Level = "info" | "warn" | "error" | "critical";

/** What a host knows of the run's place in the world. */
export interface Circumstances {
  /** The stack's job: its immediate second try has the same. */
  job?: string | undefined;
  /** The seconds after which the run may be killed. */
  timeLimit?: number | undefined;
  /** A whole number that the run's randomness comes from. */
  seed?: number;
  /** The id of a home that has none yet: 32 hexadecimal digits from a secure source. */
  home?: string;
}

/** What a host performs for a run. */
export type Effect =
  | {
      effect: "request";
      method: "GET" | "POST" | "PUT";
      /** Begins with `/` for the Cozy, which alone gets the token; else a whole address. */
      url: string;
      body?: string;
      /** A good answer (status 200) may be given piece by piece, as it comes. */
      inPieces?: true;
    }
  | { effect: "wait"; millis: number }
  | { effect: "log"; level: Level; message: string }
  | ({ effect: "done" } & Report);

/** What a run did, in numbers. */
export interface Report {
  end: "complete" | "no-consent" | "busy" | "out-of-time" | "stopped";
  planned: number;
  sent: number;
  refused: number;
  unknown: number;
  cancelled: number;
  left: number;
  /** Measures that wait for a definition which the server does not have yet; they are among those left. */
  held: number;
  /** Whether it may be begun again at once: it stopped before it sent anything. */
  retry: boolean;
  /** Whether the stack took a further job, which goes on where the time ended. */
  continues: boolean;
  diagnostics: Diagnostics;
}

/** A command of the person's rights, and where the homes are. */
export interface RightsTask {
  home: "file" | "cozy";
  /** For a merge. */
  former?: "file" | "cozy";
  command:
    | { export: { from?: Day; to?: Day; collections?: string[] } }
    | { backup: {} }
    | { import: { dryRun?: boolean; onConflict?: "fail" | "skip" | "replace" } }
    | { purge: { before?: Day; state?: boolean; backup?: boolean; undated?: boolean; dryRun?: boolean } }
    | { merge: { backup?: boolean; dryRun?: boolean; sameHome?: boolean } }
    | { recover: { files: number; sameHome?: boolean } }
    | { receipts: {} }
    | { report: {} }
    | { status: {} }
    | { settings: { clock?: "wall" | "instant"; zone?: string; createdBy?: string; monthlyStartDate?: "month" | "run-date" } };
}

/**
 * What a host performs for a command. Files have names: `home` and `former`
 * are home files, `input:0` … are read, `output` and `backup` are made,
 * `scratch:…` are for the command alone. What is appended shows only after
 * `commit`, but for scratch files.
 */
export type RightsEffect =
  | { effect: "request"; home: "home" | "former"; method: "GET" | "POST" | "PUT"; url: string; body?: string }
  | { effect: "wait"; millis: number }
  | { effect: "read"; file: string; at: number; length: number }
  | { effect: "append"; file: string; bytes: Uint8Array }
  | { effect: "commit"; file: string }
  | { effect: "discard"; file: string }
  | { effect: "done"; outcome: unknown }
  | { effect: "failed"; why: string };

/** The record of processing activities (GDPR, article 30). */
export interface ProcessingRecord {
  createdBy: string;
  dataSubjects: string;
  whereProcessed: string;
  legalBasis: string;
  recipient: string;
  transfers: string;
  indicators: { name: string; period: "day" | "month"; description: string; purpose: string; groups: string[] }[];
  collections: {
    name: string;
    doctype: string | null;
    purpose: string;
    kept: string;
    /** What each command does with it. */
    commands: [command: string, does: string][];
  }[];
  security: string[];
}

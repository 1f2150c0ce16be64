// What a user of `dacc-aggregator/aggregate` sees.

import type { Aggregating } from './index.d.ts'

export type {
  Aggregating,
  Bytes,
  Catalog,
  DaccError,
  Day,
  DiagnosticCode,
  Diagnostics,
  Doctypes,
  Events,
  Fluid,
  Group,
  Indicator,
  Interval,
  Measure,
  Memory,
  Month,
  Options,
  Outcome,
  Stream,
  Transition,
  UsageEvent,
} from './index.d.ts'

/** Loads the module, once; `source` stands for the file of the package. */
export function load(source?: BufferSource | WebAssembly.Module | Response | URL): Promise<Aggregating>

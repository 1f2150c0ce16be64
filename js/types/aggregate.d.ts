// The public types of `dacc-aggregator/aggregate`.

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

/** Loads the module once; `source` replaces the file in the package. */
export function load(source?: BufferSource | WebAssembly.Module | Response | URL): Promise<Aggregating>

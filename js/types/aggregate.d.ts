// The public types of `dacc-aggregator/aggregate`.

import type { Aggregating, LoadOptions, ModuleSource } from './index.d.ts'

export type {
  Aggregating,
  AppDescription,
  AppField,
  AppFieldKind,
  AppSource,
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
  LoadOptions,
  Measure,
  Memory,
  ModuleSource,
  Month,
  Options,
  Outcome,
  Stream,
  Transition,
  UsageEvent,
} from './index.d.ts'

export { defineApp } from './index.d.ts'

/**
 * Loads the module once. A process computes one app: a call with another one is refused, one without any gets what
 * is loaded, and the first without any loads the built-in one.
 */
export function load(source?: ModuleSource | LoadOptions): Promise<Aggregating>

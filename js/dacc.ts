// The face of the module, the same in Node and in browsers.

import * as wasm from '../pkg/wasm/dacc_aggregator.js'
import type { Dacc, Options } from './index.d.ts'

/** The face of a module that is initialised. */
export const dacc: Dacc = {
  aggregate: (bytes, options) => wasm.aggregate(checked(bytes), timed(options)),
  aggregateHome: (bytes, options) => wasm.aggregateHome(checked(bytes), timed(options)),
  explain: (bytes, options) => wasm.explain(checked(bytes), timed(options)),
  explainHome: (bytes, options) => wasm.explainHome(checked(bytes), timed(options)),
  homeName: (bytes) => wasm.homeName(checked(bytes)),
  catalog: () => wasm.catalog(),
  definitions: (options = {}) => wasm.definitions(options),
  diagnosticCodes: () => wasm.diagnosticCodes(),
  run: (options, { cozyUrl, token, log }) => wasm.run(timed(options), cozyUrl, token, log),
}

/** A host reads the clock, the library never does. */
export function timed(options: Options = {}): Options {
  return { ...options, now: options.now ?? new Date().toISOString() }
}

function checked(bytes: Uint8Array): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes
  throw new TypeError('bytes: a Uint8Array is needed (new TextEncoder().encode(text) makes one of a string)')
}

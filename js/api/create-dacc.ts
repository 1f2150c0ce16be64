// Creates the functions of the full module, the same in Node and in browsers.

import * as wasm from '../../pkg/wasm/dacc_aggregator.js'
import { withNow } from '../base/clock.ts'
import { executeCommand } from '../hosts/rights.ts'
import type { Dacc } from '../types/index.d.ts'
import { requireBytes } from './bytes.ts'
import { createAggregate } from './create-aggregate.ts'
import { withErrorCode, withErrorCodeLater } from './error-code.ts'
import { outcomeOf } from './outcome.ts'

/** The functions of the full module, once it is initialised, for its memory; `app` is JSON. */
export function createDacc(memory: WebAssembly.Memory, app?: string): Dacc {
  return {
    ...createAggregate(wasm, memory, app),
    aggregateHome: (bytes, options) =>
      withErrorCode(() => outcomeOf(wasm.aggregateHome(requireBytes(bytes), withNow(options)))),
    homeName: (bytes) => withErrorCode(() => wasm.homeName(requireBytes(bytes))),
    explain: (bytes, options) => withErrorCode(() => wasm.explain(requireBytes(bytes), withNow(options))),
    explainHome: (bytes, options) => withErrorCode(() => wasm.explainHome(requireBytes(bytes), withNow(options))),
    catalog: (catalog) => withErrorCode(() => wasm.catalog({ ...(catalog !== undefined && { catalog }) })),
    definitions: (options = {}) => withErrorCode(() => wasm.definitions(options)),
    diagnosticCodes: () => wasm.diagnosticCodes(),
    rights: (task, options, host) => executeCommand(task, options, host),
    processingRecord: (options) => withErrorCode(() => wasm.processingRecord(withNow(options))),
    run: (options, { cozyUrl, token, log }) => withErrorCodeLater(wasm.run(withNow(options), cozyUrl, token, log)),
  }
}

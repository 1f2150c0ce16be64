// The face of the module that can everything, the same in Node and in browsers.

import * as wasm from '../../pkg/wasm/dacc_aggregator.js'
import { timed } from '../base/clock.ts'
import { carryOut } from '../hosts/rights.ts'
import type { Dacc } from '../types/index.d.ts'
import { checked } from './bytes.ts'
import { aggregating } from './create-aggregate.ts'
import { refusing, refusingLater } from './error-code.ts'
import { outcomeOf } from './outcome.ts'

/** The face of the module once it is initialised, with its memory. */
export function dacc(memory: WebAssembly.Memory): Dacc {
  return {
    ...aggregating(wasm, memory),
    aggregateHome: (bytes, options) => refusing(() => outcomeOf(wasm.aggregateHome(checked(bytes), timed(options)))),
    homeName: (bytes) => refusing(() => wasm.homeName(checked(bytes))),
    explain: (bytes, options) => refusing(() => wasm.explain(checked(bytes), timed(options))),
    explainHome: (bytes, options) => refusing(() => wasm.explainHome(checked(bytes), timed(options))),
    catalog: (catalog) => refusing(() => wasm.catalog({ ...(catalog !== undefined && { catalog }) })),
    definitions: (options = {}) => refusing(() => wasm.definitions(options)),
    diagnosticCodes: () => wasm.diagnosticCodes(),
    rights: (task, options, host) => carryOut(task, options, host),
    processingRecord: (options) => refusing(() => wasm.processingRecord(timed(options))),
    run: (options, { cozyUrl, token, log }) => refusingLater(wasm.run(timed(options), cozyUrl, token, log)),
  }
}

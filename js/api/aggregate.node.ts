// The library that only aggregates, in Node.

import ecolyo from '../../apps/ecolyo/app.json'
import * as wasm from '../../pkg/wasm/aggregate/dacc_aggregator.js'
import { createAggregate } from './create-aggregate.ts'
import { loadOnce } from './load-once.ts'
import { resolveModule } from './module-source.node.ts'
import { hasVectors } from './simd.ts'

export { defineApp } from './define-app.ts'

/** Loads the module once, for the app given or the built-in one. */
export const load = loadOnce(async (source, app = JSON.stringify(ecolyo)) =>
  createAggregate(wasm, wasm.initSync({ module: await resolveModule(source, file) }).memory, app),
)

/** The module file for this engine. */
const file = () =>
  hasVectors()
    ? new URL('../../pkg/wasm/aggregate/dacc_aggregator_bg.simd.wasm', import.meta.url)
    : new URL('../../pkg/wasm/aggregate/dacc_aggregator_bg.wasm', import.meta.url)

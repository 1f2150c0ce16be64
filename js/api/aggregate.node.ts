// The library that only aggregates, in Node.

import * as wasm from '../../pkg/wasm/aggregate/dacc_aggregator.js'
import { createAggregate } from './create-aggregate.ts'
import { resolveModule } from './module-source.node.ts'
import type { ModuleSource } from './module-source.ts'
import { once } from './once.ts'
import { hasVectors } from './simd.ts'

/** Loads the module once; `source` replaces the file in the package. */
export const load = once(async (source?: ModuleSource) =>
  createAggregate(wasm, wasm.initSync({ module: await resolveModule(source, file) }).memory),
)

/** The module file for this engine. */
const file = () =>
  hasVectors()
    ? new URL('../../pkg/wasm/aggregate/dacc_aggregator_bg.simd.wasm', import.meta.url)
    : new URL('../../pkg/wasm/aggregate/dacc_aggregator_bg.wasm', import.meta.url)

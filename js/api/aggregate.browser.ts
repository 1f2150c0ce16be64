import init, * as wasm from '../../pkg/wasm/aggregate/dacc_aggregator.js'
import { aggregating } from './create-aggregate.ts'
import { fetched, type Source } from './module-source.ts'
import { once } from './once.ts'
import { hasVectors } from './simd.ts'

/** Loads the module, once; `source` stands for the file of the package. */
export const load = once(async (source?: Source) =>
  aggregating(wasm, (await init({ module_or_path: await fetched(source, file) })).memory),
)

/** The one for this engine. */
const file = () =>
  hasVectors()
    ? new URL('../../pkg/wasm/aggregate/dacc_aggregator_bg.simd.wasm', import.meta.url)
    : new URL('../../pkg/wasm/aggregate/dacc_aggregator_bg.wasm', import.meta.url)

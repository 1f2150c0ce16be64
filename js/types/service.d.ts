// The public types of `dacc-aggregator/service`.

import type { Options, Report } from '../../src/wasm/types.d.ts'

/**
 * Executes the nightly service once, in the environment that the stack provides.
 *
 * `configuration` overrides `COZY_FIELDS`, which overrides the defaults. Resolves to the report, or to
 * undefined if the run could not begin; the log has the reason.
 */
export function service(configuration?: Options): Promise<Report | undefined>

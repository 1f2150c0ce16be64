/// <reference lib="esnext.disposable" />
import type { Options, Report } from '../../pkg/wasm/dacc_aggregator.js'

/**
 * Runs the nightly service once, in the environment that the stack gives it.
 *
 * `configuration` is laid over `COZY_FIELDS`, which is laid over the defaults.
 * Gives the report, or nothing if the run could not begin; the reason is in
 * the log.
 */
export function service(configuration?: Options): Promise<Report | undefined>

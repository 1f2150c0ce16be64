import type { Options, Report } from '../../src/wasm/types.d.ts'

/**
 * Runs the nightly service once, in the environment that the stack gives it.
 *
 * `configuration` is laid over `COZY_FIELDS`, which is laid over the defaults.
 * Gives the report, or nothing if the run could not begin; the reason is in
 * the log.
 */
export function service(configuration?: Options): Promise<Report | undefined>

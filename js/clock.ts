import type { Options } from './index.d.ts'

/** A host reads the clock, the library never does. */
export function timed(options: Options = {}): Options {
  return { ...options, now: options.now ?? new Date().toISOString() }
}

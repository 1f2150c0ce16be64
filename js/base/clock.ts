import type { Options } from '../types/index.d.ts'

/** A host reads the clock, the library never does. */
export function timed(options: Options = {}): Options {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new Error('options: an object is needed')
  }
  return { ...options, now: options.now ?? new Date().toISOString() }
}

// The clock of the hosts. The core never reads one: it gets the time as an option.

import type { Options } from '../types/index.d.ts'

/** The options, with the present time as `now` if they have none. */
export function withNow(options: Options = {}): Options {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new Error('options: an object is needed')
  }
  return { ...options, now: options.now ?? new Date().toISOString() }
}

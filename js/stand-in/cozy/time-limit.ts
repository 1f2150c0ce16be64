// Stops synchronous work that takes too long.

import { createContext, Script } from 'node:vm'

/** Work that took longer than it may. */
export class TimeLimitExceeded extends Error {}

const place: { work?: () => unknown } = {}
const context = createContext(place)
const script = new Script('work()')

/**
 * Does work that does not wait, and ends it where it takes too long: nothing else can be done
 * meanwhile, and a regular expression may take longer than anybody lives.
 * @throws TooLong
 */
export function withTimeLimit<T>(millis: number, work: () => T): T {
  place.work = work
  try {
    return script.runInContext(context, { timeout: millis }) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      throw new TimeLimitExceeded(`it took longer than ${millis} ms`)
    throw error
  } finally {
    delete place.work
  }
}

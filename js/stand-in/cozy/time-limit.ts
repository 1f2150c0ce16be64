// Stops synchronous work that takes too long.

import { createContext, Script } from 'node:vm'

/** Synchronous work exceeded its time limit. */
export class TimeLimitExceeded extends Error {}

const place: { work?: () => unknown } = {}
const context = createContext(place)
const script = new Script('work()')

/**
 * Executes synchronous work and stops it after the limit. Nothing else runs meanwhile, and a regular
 * expression may run almost for ever.
 * @throws TimeLimitExceeded
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

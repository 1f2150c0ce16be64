// Reads a configuration file.

import type { Dacc, Options } from '../../types/index.d.ts'
import { readWhole } from '../input/input.ts'
import { isRefusal, UsageError } from '../terminal/errors.ts'

/** Any home, and any events: with them the module says what it thinks of options alone. */
const EMPTY_HOME = '{}'
const NO_EVENTS = '[]'

/** Reads the options of a configuration file. */
export async function readConfig(file: string, dacc: Dacc): Promise<Options> {
  const bytes = await readWhole(file)
  try {
    // The module names line and column of what is not JSON, and not its text.
    dacc.homeName(bytes)
  } catch (error) {
    if (!isRefusal(error)) throw error
    throw new UsageError(`${file}: ${error.message.replace(/^the home: /, '')}; a JSON object of options is needed`)
  }
  const config = JSON.parse(new TextDecoder().decode(bytes)) as Options
  // By themselves first: what is refused now is the file's.
  const refusal = optionsError(dacc, { now: '2024-03-10T02:00:00', ...config })
  if (refusal !== undefined) throw new UsageError(`${file}: ${refusal}`)
  return config
}

/** Why the module refuses these options; undefined if it accepts them. */
export function optionsError(dacc: Dacc, options: Options): string | undefined {
  try {
    // Of an app that is not built in, events alone are computed.
    if (options.app === undefined) dacc.aggregateHome(EMPTY_HOME, options)
    else dacc.aggregate(NO_EVENTS, options)
    return undefined
  } catch (error) {
    if (!isRefusal(error)) throw error
    return error.message.replace(/^options: /, '')
  }
}

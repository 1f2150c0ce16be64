// Adds a code and a path to the module's errors, so that programs can tell them apart.

import type { DaccError } from '../types/index.d.ts'

const PLACE = / at line (\d+), column (\d+) \(byte (\d+)\)$/

/** Calls the function; an error of the module gets its code, path and place. */
export function withErrorCode<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw coded(error)
  }
}

/** The same for a promise. */
export async function withErrorCodeLater<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw coded(error)
  }
}

/** An error of the module, with code, path and place; any other error unchanged. */
function coded(error: unknown): unknown {
  // Traps and bugs have other names; an error that has a code is complete.
  if (!(error instanceof Error) || error.name !== 'Error' || 'code' in error) return error
  const message = error.message.replace(/^options: /, '')
  const [, line, column, byte] = PLACE.exec(message) ?? []
  const place = line === undefined ? {} : { line: Number(line), column: Number(column), byte: Number(byte) }
  return Object.assign(error, { code: codeOf(message), path: pathOf(message), ...place } satisfies Partial<DaccError>)
}

function codeOf(message: string): DaccError['code'] {
  if (/^the (?:events|home|_find answer)\b/.test(message)) return 'input'
  return /^(?:the )?catalog\b/.test(message) ? 'catalog' : 'option'
}

/** The option, as `consent[0].from` or `catalog.my-indicator`; or the input, as `events`. */
function pathOf(message: string): string {
  const [, what] = /^the (events|home|_find answer|catalog)\b/.exec(message) ?? []
  if (what !== undefined) return what === '_find answer' ? 'events' : what
  const [, indicator] = /^catalog: ([\w-]+): /.exec(message) ?? []
  if (indicator !== undefined) return `catalog.${indicator}`
  return (
    /^([A-Za-z_][\w.[\]-]*): /.exec(message)?.[1]
    ?? /^(?:unknown|missing) field `([^`]+)`/.exec(message)?.[1]
    ?? 'options'
  )
}

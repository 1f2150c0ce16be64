// What the module refuses, told to programs too.

import type { DaccError } from '../types/index.d.ts'

const PLACE = / at line (\d+), column (\d+) \(byte (\d+)\)$/

/** Does it; an error of the module's own gets its code, and says where. */
export function refusing<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw coded(error)
  }
}

/** The same of what comes later. */
export async function refusingLater<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw coded(error)
  }
}

/** An error of the module's own with its code, and where it is; any other as it is. */
function coded(error: unknown): unknown {
  // A trap, or a bug here, has another name; what has a code is told already.
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

/** `consent[0].from`, `catalog.my-indicator`; of what was read, what it is. */
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

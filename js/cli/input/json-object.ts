// Reads a small file with one JSON object.

import { UsageError } from '../terminal/errors.ts'
import { readWhole } from './input.ts'
import { findJsonError, shiftPosition } from './measure-file.ts'

/** A small file that holds one JSON object. */
export async function readObject(file: string): Promise<Record<string, unknown>> {
  return parseObject(file, await readWhole(file))
}

/** The JSON object that the bytes of a file are. */
export function parseObject(file: string, bytes: Uint8Array): Record<string, unknown> {
  if (bytes.length === 0) throw new UsageError(`${file}: it is empty; a JSON object is needed`)
  const text = new TextDecoder().decode(bytes)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    // Node's own message would quote the text.
    const { line, column } = shiftPosition(text, findJsonError(text)?.at ?? 0, { line: 1, column: 1 })
    throw new UsageError(`${file}: this is not JSON at line ${line}, column ${column}; a JSON object is needed`)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new UsageError(`${file}: this is not a JSON object; write it in braces`)
}

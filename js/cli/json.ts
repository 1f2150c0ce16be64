import { UsageError } from './errors.ts'
import { readWhole } from './input.ts'

/** A small file that holds one JSON object. */
export async function readObject(file: string): Promise<Record<string, unknown>> {
  const bytes = await readWhole(file)
  if (bytes.length === 0) throw new UsageError(`${file}: it is empty; a JSON object is needed`)
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(bytes))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new UsageError(`${file}: this is not JSON; a JSON object is needed`)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new UsageError(`${file}: this is not a JSON object; write it in braces`)
}

// The definitions file that a DACC imports.

import { isObject } from '../http/json.ts'

/** A measure definition, in the form that the DACC imports. */
export interface Definition {
  readonly id?: number
  readonly name: string
  readonly org?: string
  readonly createdBy?: string
  readonly group1Key?: string | null
  readonly group2Key?: string | null
  readonly group3Key?: string | null
  readonly description?: string
  readonly aggregationPeriod?: string
  readonly executionFrequency?: string
  readonly aggregationThreshold?: number
  /** Whether apps may request the aggregates. */
  readonly accessApp?: boolean
  readonly accessPublic?: boolean
  readonly withQuartiles?: boolean
  readonly maxDaysToUpdateQuartile?: number
}

/** The definitions file. */
export interface Definitions {
  readonly definitions: readonly Definition[]
}

/** The default threshold: how many measures a group needs before its aggregate is published. */
export const DEFAULT_THRESHOLD = 5

/** Names and keys are columns of a hundred characters. */
const MAX_NAME_LENGTH = 100

/** The names of a measure's group fields. */
export const GROUPS = ['group1', 'group2', 'group3'] as const

/** The key that a definition names for a group. */
export function groupKey(definition: Definition, group: (typeof GROUPS)[number]): string | undefined {
  return definition[`${group}Key`] ?? undefined
}

/** The definition's threshold. */
export function thresholdOf(definition: Definition): number {
  return definition.aggregationThreshold ?? DEFAULT_THRESHOLD
}

/** The DACC could not import the definitions file; the message is one sentence. */
export class DefinitionsError extends Error {
  override name = 'DefinitionsError'
}

/**
 * Reads the definitions, by name.
 * @throws DefinitionsError when the file is not one that the DACC could import.
 */
export function readDefinitions(file: Definitions): ReadonlyMap<string, Definition> {
  if (!isObject(file) || !Array.isArray(file.definitions)) {
    throw new DefinitionsError('The definitions file must be an object with a list "definitions".')
  }
  const byName = new Map<string, Definition>()
  file.definitions.forEach((definition, at) => {
    const fault = faultOf(definition, byName)
    if (fault !== undefined) throw new DefinitionsError(`Definition ${at + 1} of the definitions file: ${fault}.`)
    byName.set(definition.name, definition)
  })
  return byName
}

function faultOf(definition: unknown, earlier: ReadonlyMap<string, Definition>): string | undefined {
  if (!isObject(definition)) return 'it is not an object'
  const { name } = definition
  if (typeof name !== 'string' || name === '') return 'it has no name'
  if (earlier.has(name)) return `the name ${name} is taken`
  const keys = [name, ...GROUPS.map((group) => definition[`${group}Key`] ?? '')]
  if (!keys.every((key) => typeof key === 'string')) return 'a group key is not a string'
  if (keys.some((key) => [...(key as string)].length > MAX_NAME_LENGTH))
    return `a name or key is longer than ${MAX_NAME_LENGTH} characters`
  const threshold = definition['aggregationThreshold'] ?? DEFAULT_THRESHOLD
  return Number.isInteger(threshold) ? undefined : 'aggregationThreshold is not a whole number'
}

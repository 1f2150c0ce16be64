// Finds faults that the real server answers with 201, and then loses the measure or counts it wrongly.

import { type Definition, GROUPS } from './definitions.ts'
import { canonical, JsonNumber, type JsonObject, type JsonValue, LONE_SURROGATE } from './python-json.ts'
import { isDay } from './start-date.ts'

/** The largest value: sums of larger ones over all homes would not fit into the server's column. */
const MAX_VALUE = 9_999_999

/** The longest group value and createdBy; far longer ones break the server's index. */
const MAX_TEXT_BYTES = 100

/** The fields of a measure. */
const FIELDS: ReadonlySet<string> = new Set(['createdBy', 'measureName', 'startDate', 'value', ...GROUPS])

/** A fault in one field. */
export interface Fault {
  /** The field, and in a group its key. */
  readonly path: readonly string[]
  /** One sentence. */
  readonly sentence: string
}

/**
 * The fault of a measure that the real server answers with 201: one sentence, or `undefined`. The groups must
 * have the definition's keys.
 */
export function strictFault(measure: JsonObject, definition: Definition): string | undefined {
  return strictFaults(measure, definition)[0]?.sentence
}

/** All faults of a measure, except for groups with other keys than the definition's. */
export function strictFaults(measure: JsonObject, definition: Definition): Fault[] {
  const plain = [
    at(['value'], faultOfValue(measure.get('value'))),
    at(['startDate'], faultOfStartDate(measure.get('startDate'))),
    at(['createdBy'], faultOfCreatedBy(measure.get('createdBy'))),
  ]
  return [...plain, ...faultsOfGroups(measure, definition), ...faultsOfFields(measure)].filter(
    (fault) => fault !== undefined,
  )
}

function at(path: readonly string[], sentence: string | undefined): Fault | undefined {
  return sentence === undefined ? undefined : { path, sentence }
}

function faultOfValue(value: JsonValue | undefined): string | undefined {
  if (value === undefined) return 'value is missing; it must be a JSON number.'
  if (typeof value === 'boolean')
    return `value is the boolean ${value}, which the server accepts and then loses; it must be a number.`
  if (typeof value === 'string') return `value is the string ${JSON.stringify(value)}; it must be a JSON number.`
  if (!(value instanceof JsonNumber)) return 'value must be a JSON number.'
  if (Number.isNaN(value.value))
    return 'value is NaN, which blocks the aggregation of this measure; it must be a finite number.'
  if (!Number.isFinite(value.value))
    return `value is ${value.text}, which the server accepts and then loses; it must be a finite number.`
  if (Math.abs(value.value) > MAX_VALUE)
    return `value ${value.text} is out of range; it must lie between -${MAX_VALUE} and ${MAX_VALUE}.`
  return undefined
}

function faultOfStartDate(startDate: JsonValue | undefined): string | undefined {
  if (startDate === undefined) return 'startDate is missing; it must be a day written YYYY-MM-DD.'
  if (typeof startDate === 'string' && isDay(startDate)) return undefined
  return `startDate is ${canonical(startDate)}; it must be a day written YYYY-MM-DD, without time or offset, or the measure is lost or counted in a group of its own.`
}

function faultOfCreatedBy(createdBy: JsonValue | undefined): string | undefined {
  if (createdBy === undefined || createdBy === null)
    return 'createdBy is missing; it must name the app that made the measure.'
  if (typeof createdBy !== 'string') return 'createdBy must be a string.'
  const fault = faultOfText(createdBy)
  return fault === undefined ? undefined : `createdBy ${fault}.`
}

function faultsOfGroups(measure: JsonObject, definition: Definition): (Fault | undefined)[] {
  return GROUPS.map((name) => {
    const group = measure.get(name)
    if (!(group instanceof Map)) return undefined
    const [key = ''] = group.keys()
    if (group.size !== 1) {
      return at(
        [name],
        `${name} has ${group.size} keys, and each of them makes another group; ${definition.name} takes ${JSON.stringify(key)} alone.`,
      )
    }
    const value = group.get(key)
    if (typeof value !== 'string') {
      return at(
        [name, key],
        `${name}.${key} is not a string, and 1, 1.0 and "1" are different groups; it must be a string.`,
      )
    }
    const fault = faultOfText(value)
    return fault === undefined ? undefined : at([name, key], `${name}.${key} ${fault}.`)
  })
}

function faultOfText(text: string): string | undefined {
  if (text === '') return 'is empty; it must have 1 byte at least'
  if (text.includes('\0')) return 'holds U+0000, which the database refuses: the measure would be lost'
  if (LONE_SURROGATE.test(text)) return 'holds a lone surrogate, which the database refuses: the measure would be lost'
  if (/[\u0001-\u001f\u007f-\u009f]/.test(text)) return 'holds a control character'
  const bytes = Buffer.byteLength(text)
  return bytes > MAX_TEXT_BYTES ? `is too long: ${bytes} bytes of UTF-8; it may have ${MAX_TEXT_BYTES}` : undefined
}

function faultsOfFields(measure: JsonObject): Fault[] {
  const unknown = [...measure.keys()].filter((field) => !FIELDS.has(field))
  return unknown.map((field) => ({
    path: [field],
    sentence: `The field ${JSON.stringify(field)} is not part of a measure; leave it out.`,
  }))
}

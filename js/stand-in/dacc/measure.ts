// Judges a measure as the real server does.

import { type Definition, GROUPS, groupKey } from './definitions.ts'
import { hundredthsOf, toNumber } from './hundredths.ts'
import { canonical, JsonNumber, type JsonObject, type JsonValue, LONE_SURROGATE, toPlain } from './python-json.ts'
import { readStartDate, withAsciiDigits } from './start-date.ts'

/** A measure as the DACC has stored it. */
export interface StoredMeasure {
  readonly measureName: string
  /** Rounded to 2 decimals; may be NaN on the faithful server. */
  readonly value: number
  /** The value in whole hundredths; `undefined` for NaN. */
  readonly hundredths: bigint | undefined
  /** `YYYY-MM-DDThh:mm:ss`, with microseconds if there are any. */
  readonly startDate: string
  readonly createdBy: string | null
  readonly group1?: unknown
  readonly group2?: unknown
  readonly group3?: unknown
  /** group1 … group3 as JSON, equal for equal groups; `null` where there is none. */
  readonly groupTexts: readonly (string | null)[]
  /** Why every later aggregation of its measureName fails; undefined if it does not. */
  readonly poison?: string
  /** The body as it was received. */
  readonly sent: string
}

/** What the real server does with a measure. */
export type Verdict =
  | { readonly kind: 'refused'; readonly status: 400 | 500; readonly error: string }
  /** It answers 201 and loses the measure. */
  | { readonly kind: 'lost'; readonly error: string }
  | { readonly kind: 'stored'; readonly measure: StoredMeasure }

/** A value that the database's index cannot hold: the aggregation fails on it. */
export const MAX_GROUP_BYTES = 2600

/** `createdBy` is a column of a hundred characters. */
export const MAX_CREATED_BY_LENGTH = 100

/** Judges a measure as the real server does, case by case. */
export function judge(sent: string, body: JsonValue, definitions: ReadonlyMap<string, Definition>): Verdict {
  if (!(body instanceof Map)) return refused(500, 'the measure is not an object')
  const name = body.get('measureName')
  if (name === undefined) return refused(500, "'measureName'")
  if (name !== null && typeof name !== 'string') return refused(500, 'measureName is not a string')
  const definition = definitions.get(name ?? '')
  if (definition === undefined) return refused(400, `No measure definition found for: ${name ?? 'None'}`)

  const value = readValue(body.get('value'))
  if (value.kind === 'refused') return value
  const startDate = body.get('startDate')
  if (startDate === undefined) return refused(400, 'startDate must be given')
  if (typeof startDate !== 'string') return refused(500, 'startDate is not a string')
  const date = readStartDate(startDate)
  if (date.kind === 'not-a-date') return refused(400, 'startDate type is incorrect, it must be a date')
  const groupFault = faultOfGroups(body, definition)
  if (groupFault !== undefined) return refused(400, groupFault)

  if (value.kind === 'lost') return value
  if (date.kind === 'lost') return lost(`startDate ${startDate} is not a full date for PostgreSQL`)
  const groups = GROUPS.map((group) => body.get(group))
  if (groups.some(isUnstorable))
    return lost('PostgreSQL cannot hold a group with U+0000, a lone surrogate, NaN or Infinity')
  const createdBy = readCreatedBy(body.get('createdBy'))
  if (createdBy === undefined) return lost(`createdBy does not fit into ${MAX_CREATED_BY_LENGTH} characters`)

  const groupTexts = groups.map((group) => (group === undefined ? null : canonical(group)))
  const large = groupTexts.some((text) => text !== null && Buffer.byteLength(text) > MAX_GROUP_BYTES)
  const poison = large
    ? 'a group is too large for the index'
    : value.hundredths === undefined
      ? 'the value is NaN'
      : undefined
  const plain = GROUPS.flatMap((group, at) => (groups[at] === undefined ? [] : [[group, toPlain(groups[at])]]))
  return {
    kind: 'stored',
    measure: {
      measureName: definition.name,
      value: value.hundredths === undefined ? Number.NaN : toNumber(value.hundredths),
      hundredths: value.hundredths,
      startDate: date.timestamp,
      createdBy,
      ...(Object.fromEntries(plain) as Pick<StoredMeasure, (typeof GROUPS)[number]>),
      groupTexts,
      ...(poison !== undefined && { poison }),
      sent,
    },
  }
}

function refused(status: 400 | 500, error: string): Extract<Verdict, { kind: 'refused' }> {
  return { kind: 'refused', status, error }
}

function lost(error: string): Extract<Verdict, { kind: 'lost' }> {
  return { kind: 'lost', error }
}

type ReadValue =
  | { readonly kind: 'number'; readonly hundredths: bigint | undefined }
  | Exclude<Verdict, { kind: 'stored' }>

function readValue(value: JsonValue | undefined): ReadValue {
  if (value === undefined) return refused(400, 'A value must be given')
  if (value === null || Array.isArray(value) || value instanceof Map) return refused(500, 'value is not a number')
  if (typeof value === 'boolean') return lost('the value is a boolean')
  const written = typeof value === 'string' ? value.trim() : numberText(value)
  // Python accepts digits of any script and `_` between digits; PostgreSQL accepts neither.
  const text = written === undefined ? undefined : withAsciiDigits(written).replace(/(?<=\d)_(?=\d)/g, '')
  if (text === undefined) return refused(500, 'int too large to convert to float')
  if (/^[+-]?nan$/i.test(text)) return { kind: 'number', hundredths: undefined }
  if (/^[+-]?inf(inity)?$/i.test(text)) return lost('the value is infinite')
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text))
    return refused(400, 'value type is incorrect, it must be a number')
  if (text !== written) return lost(`PostgreSQL does not read the number ${written}`)
  const hundredths = hundredthsOf(text)
  return hundredths === undefined ? lost('the value is out of range') : { kind: 'number', hundredths }
}

/** A number's digits as Python passes them on: integers as written, floats as the shortest text of the double. */
function numberText(number: JsonNumber): string | undefined {
  if (!number.isInteger) return String(number.value)
  return Number.isFinite(number.value) ? number.text : undefined
}

function faultOfGroups(body: JsonObject, definition: Definition): string | undefined {
  const keys: (string | undefined)[] = []
  for (const name of GROUPS) {
    const group = body.get(name)
    if (group !== undefined && (!(group instanceof Map) || group.size === 0)) return 'groups format is incorrect'
    keys.push(group instanceof Map ? [...group.keys()][0] : undefined)
  }
  const wrong = GROUPS.findIndex((name, at) => keys[at] !== groupKey(definition, name))
  return wrong < 0 ? undefined : `Group${wrong + 1} key does not match measure definition: ${keys[wrong] ?? 'None'}`
}

function isUnstorable(value: JsonValue | undefined): boolean {
  if (typeof value === 'string') return value.includes('\0') || LONE_SURROGATE.test(value)
  if (value instanceof JsonNumber) return !Number.isFinite(value.value)
  if (Array.isArray(value)) return value.some(isUnstorable)
  return value instanceof Map && [...value].some(([key, inner]) => isUnstorable(key) || isUnstorable(inner))
}

/** `null` when there is none, `undefined` when the column cannot hold it. */
function readCreatedBy(value: JsonValue | undefined): string | null | undefined {
  if (value === undefined || value === null) return null
  if (Array.isArray(value) || value instanceof Map) return undefined
  const text = value instanceof JsonNumber ? value.text : String(value)
  return isUnstorable(text) || [...text].length > MAX_CREATED_BY_LENGTH ? undefined : text
}

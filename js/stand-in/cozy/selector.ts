// Compiles Mango selectors, as CouchDB understands them.

import { isObject } from '../http/json.ts'
import { collate } from './collation.ts'
import { CouchError } from './errors.ts'

/** A Mango selector. */
export type Selector = Readonly<Record<string, unknown>>

/** Whether a value, or a missing one, matches. */
type Test = (value: unknown) => boolean

type Order = (left: unknown, right: unknown) => number

/** The largest selector: it is evaluated for each document, and no app needs a larger one. */
const MAX_CONDITIONS = 10_000
const MAX_DEPTH = 100

/** The error about a refused argument. */
const MAX_SHOWN = 200

const TYPES: readonly unknown[] = ['null', 'boolean', 'number', 'string', 'array', 'object']

const isAnything = (): boolean => true
const areSelectors = (argument: unknown): boolean => Array.isArray(argument) && argument.every(isObject)

interface Operator {
  /** Whether CouchDB accepts the argument. */
  readonly takes: (argument: unknown) => boolean
  /** Tests a value that is not missing. */
  // biome-ignore lint/suspicious/noExplicitAny: `takes` has looked at it, and each operator says what it takes
  readonly test: (argument: any, order: Order) => Test
}

const compares = (holds: (order: number) => boolean): Operator => ({
  takes: isAnything,
  test: (argument, order) => (value) => holds(order(value, argument)),
})

const someOf = (order: Order, values: readonly unknown[], wanted: unknown): boolean =>
  values.some((value) => order(value, wanted) === 0)

const isIn = (value: unknown, wanted: readonly unknown[], order: Order): boolean =>
  wanted.some((one) => (Array.isArray(value) ? someOf(order, value, one) : order(value, one) === 0))

/** The operators that look at one value. */
const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  Object.entries<Operator>({
    $eq: compares((order) => order === 0),
    $ne: compares((order) => order !== 0),
    $gt: compares((order) => order > 0),
    $gte: compares((order) => order >= 0),
    $lt: compares((order) => order < 0),
    $lte: compares((order) => order <= 0),
    $exists: { takes: (argument) => typeof argument === 'boolean', test: (argument) => () => argument },
    $type: { takes: (argument) => TYPES.includes(argument), test: (argument) => (value) => typeOf(value) === argument },
    $in: { takes: Array.isArray, test: (argument, order) => (value) => isIn(value, argument, order) },
    $nin: { takes: Array.isArray, test: (argument, order) => (value) => !isIn(value, argument, order) },
    $all: {
      takes: Array.isArray,
      test: (argument: unknown[], order) => (value) =>
        Array.isArray(value) && argument.length > 0 && argument.every((one) => someOf(order, value, one)),
    },
    $size: {
      takes: (argument) => Number.isInteger(argument) && Number(argument) >= 0,
      test: (argument) => (value) => Array.isArray(value) && value.length === argument,
    },
    $mod: {
      takes: (argument) =>
        Array.isArray(argument) && argument.length === 2 && argument.every(Number.isInteger) && argument[0] !== 0,
      test:
        ([divisor, rest]) =>
        (value) =>
          Number.isInteger(value) && Number(value) % divisor === rest,
    },
    $regex: {
      takes: isRegex,
      test: (argument) => {
        const pattern = new RegExp(argument)
        return (value) => typeof value === 'string' && pattern.test(value)
      },
    },
    $elemMatch: {
      takes: isObject,
      test: (argument, order) => matchOfElements(argument, order, (values, test) => values.some(test)),
    },
    $allMatch: {
      takes: isObject,
      test: (argument, order) =>
        matchOfElements(argument, order, (values, test) => values.length > 0 && values.every(test)),
    },
  }),
)

/**
 * Compiles a selector to a function that tests documents, as CouchDB does: a missing field matches only
 * `$exists: false`, also if its condition is negated.
 * @throws CouchError 400 if it is no selector.
 */
export function matcher(selector: Selector): (document: object) => boolean {
  bound(selector)
  return all(selector, false, collate)
}

/** The value of a field: own properties only, and array elements by index. */
export function valueAt(document: unknown, path: readonly string[]): unknown {
  let value = document
  for (const name of path) {
    if (Array.isArray(value)) value = /^\d+$/.test(name) ? value[Number(name)] : undefined
    else value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
  }
  return value
}

/** The path of a field; a dot in a name is escaped by a backslash. */
export function pathOf(field: string): string[] {
  return field.split(/(?<!\\)\./).map((name) => name.replaceAll('\\.', '.'))
}

/** @throws CouchError 400 for a selector that is too large, before any of it is evaluated. */
function bound(selector: Selector): void {
  const open: [value: unknown, depth: number][] = [[selector, 0]]
  let count = 0
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [value, depth] = next
    if (typeof value !== 'object' || value === null) continue
    const parts = Object.values(value)
    count += parts.length
    if (depth > MAX_DEPTH) throw invalid(`it is nested deeper than ${MAX_DEPTH} levels`)
    if (count > MAX_CONDITIONS) throw invalid(`it has more than ${MAX_CONDITIONS} conditions`)
    for (const part of parts) open.push([part, depth + 1])
  }
}

/** All parts of a selector hold; negated, one does not. */
function all(selector: Selector, isNegated: boolean, order: Order): Test {
  const tests = Object.entries(selector).map(([name, condition]) => {
    if (name.startsWith('$')) return operator(name, condition, isNegated, order)
    return field(
      name,
      isObject(condition) && Object.keys(condition).length > 0 ? condition : { $eq: condition },
      isNegated,
    )
  })
  return joined(tests, isNegated ? 'some' : 'every')
}

function joined(tests: readonly Test[], how: 'some' | 'every'): Test {
  const [only] = tests
  if (only !== undefined && tests.length === 1) return only
  return how === 'some' ? (value) => tests.some((test) => test(value)) : (value) => tests.every((test) => test(value))
}

function field(name: string, condition: Selector, isNegated: boolean): Test {
  const path = pathOf(name)
  // Ids are compared by their bytes.
  const test = all(condition, isNegated, name === '_id' ? byUnits : collate)
  return (document) => test(valueAt(document, path))
}

function operator(name: string, argument: unknown, isNegated: boolean, order: Order): Test {
  if (name === '$and' || name === '$or' || name === '$nor' || name === '$not') {
    if (!(name === '$not' ? isObject(argument) : areSelectors(argument))) throw badArgument(name, argument)
    const inner = (isNot: boolean): Test[] => (argument as Selector[]).map((part) => all(part, isNot, order))
    if (name === '$not') return all(argument as Selector, !isNegated, order)
    if (name !== '$nor') return joined(inner(isNegated), (name === '$and') === isNegated ? 'some' : 'every')
    const any = joined(inner(false), 'some')
    return isNegated ? any : (value) => !any(value)
  }
  const known = OPERATORS.get(name)
  if (known === undefined) throw new CouchError(400, 'invalid_operator', `Invalid operator: ${shown(name)}`)
  if (!known.takes(argument)) throw badArgument(name, argument)
  const isWanted = name === '$exists' && argument !== isNegated
  if (name === '$exists') return (value) => (value !== undefined) === isWanted
  const test = known.test(argument, order)
  return (value) => value !== undefined && test(value) !== isNegated
}

function matchOfElements(
  selector: Selector,
  order: Order,
  how: (values: readonly unknown[], test: Test) => boolean,
): Test {
  const test = all(selector, false, order)
  return (value) => Array.isArray(value) && how(value, test)
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function byUnits(left: unknown, right: unknown): number {
  if (typeof left !== 'string' || typeof right !== 'string') return collate(left, right)
  return left < right ? -1 : Number(left > right)
}

function isRegex(argument: unknown): boolean {
  if (typeof argument !== 'string') return false
  try {
    new RegExp(argument)
    return true
  } catch {
    return false
  }
}

function badArgument(operator: string, argument: unknown): CouchError {
  return new CouchError(400, 'bad_arg', `Bad argument for operator ${operator}: ${shown(JSON.stringify(argument))}`)
}

function invalid(why: string): CouchError {
  return new CouchError(400, 'invalid_selector_json', `Invalid selector: ${why}`)
}

function shown(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
}

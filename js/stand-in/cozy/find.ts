// Answers Mango queries, as CouchDB does.

import { createHash } from 'node:crypto'
import { isObject } from '../http/json.ts'
import { collate } from './collation.ts'
import { type Database, type Document, type Index, isDesign } from './database.ts'
import { CouchError } from './errors.ts'
import { matcher, pathOf, type Selector, valueAt } from './selector.ts'
import { TimeLimitExceeded, withTimeLimit } from './time-limit.ts'

/** The size of a page if the request gives none or too large a one. */
export const DEFAULT_LIMIT = 100

/** The largest page; a larger limit becomes {@link DEFAULT_LIMIT}. */
export const MAX_LIMIT = 1000

/** The time limit of a query: it blocks all other requests. */
const QUERY_MILLIS = 5_000

/** CouchDB's bookmark of an empty page. */
export const NO_BOOKMARK = 'nil'

/** The response of `_find`. */
export interface Page {
  readonly docs: readonly unknown[]
  readonly bookmark: string
  readonly limit: number
  /** A full page: there may be more (an exact multiple of the limit costs one empty page). */
  readonly next: boolean
}

/**
 * Reads the body of `_index`.
 * @throws CouchError 400 when it is not an index.
 */
export function readIndex(body: unknown): Index {
  const definition = isObject(body) ? body['index'] : undefined
  if (!isObject(body) || !isObject(definition)) throw badRequest('missing_required_key', 'Missing required key: index')
  const fields = Array.isArray(definition['fields']) ? definition['fields'].map(fieldName) : []
  if (fields.length === 0 || !fields.every((field) => field !== undefined)) {
    throw badRequest('invalid_index_json', 'Invalid index: fields must be a list of field names.')
  }
  const partial = definition['partial_filter_selector']
  if (isObject(partial)) matcher(partial)
  const hash = createHash('sha1').update(JSON.stringify(definition)).digest('hex')
  const design = typeof body['ddoc'] === 'string' ? body['ddoc'] : hash
  return {
    id: isDesign(design) ? design : `_design/${design}`,
    name: typeof body['name'] === 'string' ? body['name'] : hash,
    fields,
    ...(isObject(partial) && { partial }),
  }
}

/**
 * Answers a Mango query from an index; never by a full scan.
 * @throws CouchError 400 when no index fits or the query is malformed, 500 when it takes too long.
 */
export function find(database: Database, query: unknown): Page {
  try {
    return withTimeLimit(QUERY_MILLIS, () => answer(database, query))
  } catch (error) {
    if (!(error instanceof TimeLimitExceeded)) throw error
    throw new CouchError(500, 'timeout', 'The request could not be processed in a reasonable amount of time.')
  }
}

function answer(database: Database, query: unknown): Page {
  if (!isObject(query)) throw badRequest('bad_request', 'The query must be a JSON object.')
  const selector = query['selector']
  if (!isObject(selector)) throw badRequest('missing_required_key', 'Missing required key: selector')
  const limit = readLimit(query['limit'])
  const sort = readSort(query['sort'])
  const index = chooseIndex(database, selector, sort.fields, query['use_index'])
  const start = readBookmark(query['bookmark'], index)
  const skip = typeof query['skip'] === 'number' ? Math.max(0, Math.floor(query['skip'])) : 0

  const entries = page(entriesOf(database, index), matcher(selector), {
    start,
    skip,
    limit,
    descending: sort.descending,
  })
  const last = entries.at(-1)
  const fields = query['fields']
  return {
    docs: Array.isArray(fields) ? entries.map(projection(fields)) : entries.map(({ document }) => document),
    bookmark: last === undefined ? NO_BOOKMARK : writeBookmark(last),
    limit,
    next: entries.length >= limit,
  }
}

/** An index entry; the order of entries is that of their keys, then of the documents' ids. */
interface Entry {
  readonly keys: readonly unknown[]
  readonly document: Document
}

function badRequest(error: string, reason: string): CouchError {
  return new CouchError(400, error, reason)
}

function noIndex(): CouchError {
  return badRequest('no_index', 'no matching index found, create an index')
}

function fieldName(field: unknown): string | undefined {
  return typeof field === 'string' ? field : isObject(field) ? Object.keys(field)[0] : undefined
}

function readLimit(limit: unknown): number {
  if (typeof limit !== 'number' || limit > MAX_LIMIT) return DEFAULT_LIMIT
  if (limit < 0 || !Number.isInteger(limit)) {
    throw badRequest('invalid_field_value', `Invalid value for limit: ${limit}`)
  }
  return limit
}

function readSort(sort: unknown): { fields: string[]; descending: boolean } {
  if (sort === undefined || sort === null) return { fields: [], descending: false }
  const fields = Array.isArray(sort) ? sort.map(fieldName) : [undefined]
  if (!Array.isArray(sort) || !fields.every((field) => field !== undefined)) {
    throw badRequest('invalid_sort_json', 'Sort must be an array of sort specs.')
  }
  const directions = new Set(sort.map((spec) => (isObject(spec) ? Object.values(spec)[0] : 'asc')))
  if (directions.size > 1)
    throw badRequest('unsupported_mixed_sort', 'Sorts currently only support a single direction for all fields.')
  return { fields, descending: directions.has('desc') }
}

/**
 * An index fits as in CouchDB: a document that lacks one of its fields is not in it, so each field
 * must be required by the selector or the sort; and the sort must be its beginning, fields
 * that the selector holds constant left aside.
 */
function fits(index: Index, selector: Selector, sort: readonly string[]): boolean {
  const required = requiredFields(selector)
  if (!index.fields.every((field) => field === '_id' || required.has(field) || sort.includes(field))) return false
  if (!index.fields.some((field) => required.has(field))) return false
  const startsWith = (fields: readonly string[], beginning: readonly string[]): boolean =>
    beginning.every((field, at) => fields[at] === field)
  const varies = (field: string): boolean => !Object.hasOwn(selector, field) || !isConstant(selector[field])
  return startsWith(index.fields, sort) || startsWith(index.fields.filter(varies), sort.filter(varies))
}

function requiredFields(selector: Selector): Set<string> {
  const fields = new Set<string>()
  for (const [field, condition] of Object.entries(selector)) {
    if (field === '$and' && Array.isArray(condition)) {
      for (const part of condition.filter(isObject)) for (const inner of requiredFields(part)) fields.add(inner)
    } else if (!field.startsWith('$') && !(isObject(condition) && condition['$exists'] === false)) {
      fields.add(field)
    }
  }
  return fields
}

function isConstant(condition: unknown): boolean {
  return !isObject(condition) || Object.hasOwn(condition, '$eq')
}

function chooseIndex(database: Database, selector: Selector, sort: readonly string[], useIndex: unknown): Index {
  const wanted = useIndex === undefined || useIndex === null ? undefined : [useIndex].flat().map(String)
  const [design, name] = wanted ?? []
  const candidates = database.indexes.filter((index) =>
    design === undefined
      ? index.partial === undefined
      : [index.id, index.id.slice('_design/'.length)].includes(design) && (name === undefined || index.name === name),
  )
  const required = requiredFields(selector)
  const prefix = (index: Index): number => {
    const length = index.fields.findIndex((field) => !required.has(field))
    return length < 0 ? index.fields.length : length
  }
  const [best] = candidates
    .filter((index) => fits(index, selector, sort))
    .sort((a, b) => prefix(b) - prefix(a) || a.fields.length - b.fields.length || (a.id < b.id ? -1 : 1))
  if (best === undefined) throw noIndex()
  return best
}

/** The sorted entries of each index, until the database changes: else each page would sort them again. */
const sorted = new WeakMap<Database, Map<Index, { seq: number; entries: readonly Entry[] }>>()

function entriesOf(database: Database, index: Index): readonly Entry[] {
  const byIndex = sorted.get(database) ?? new Map<Index, { seq: number; entries: readonly Entry[] }>()
  sorted.set(database, byIndex)
  const known = byIndex.get(index)
  if (known?.seq === database.seq) return known.entries
  const partial = index.partial === undefined ? () => true : matcher(index.partial)
  const paths = index.fields.map(pathOf)
  const entries = database
    .documents()
    .filter((document) => !isDesign(document._id) && partial(document))
    .map((document) => ({ keys: paths.map((path) => valueAt(document, path)), document }))
    .filter(({ keys }) => keys.every((key) => key !== undefined))
    .sort(compareEntries)
  byIndex.set(index, { seq: database.seq, entries })
  return entries
}

type Position = Pick<Entry, 'keys'> & { readonly document: Pick<Document, '_id'> }

function compareEntries(a: Position, b: Position): number {
  // Equal keys stand in the order of the ids' bytes, not of their letters.
  return collate(a.keys, b.keys) || (a.document._id < b.document._id ? -1 : Number(a.document._id > b.document._id))
}

interface PageRequest {
  readonly start: Position | undefined
  readonly skip: number
  readonly limit: number
  readonly descending: boolean
}

function page(entries: readonly Entry[], matches: (document: object) => boolean, request: PageRequest): Entry[] {
  const { start, limit, descending } = request
  const step = descending ? -1 : 1
  let at = descending ? entries.length - 1 : 0
  if (start !== undefined) at = descending ? lowerBound(entries, start, 0) - 1 : lowerBound(entries, start, 1)
  let skip = request.skip
  const found: Entry[] = []
  for (; found.length < limit && at >= 0 && at < entries.length; at += step) {
    const entry = entries[at]
    if (entry === undefined || !matches(entry.document)) continue
    if (skip > 0) skip -= 1
    else found.push(entry)
  }
  return found
}

/** The first position whose entry compares to `position` as `least` or more. */
function lowerBound(entries: readonly Entry[], position: Position, least: 0 | 1): number {
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const entry = entries[middle]
    if (entry !== undefined && compareEntries(entry, position) < least) low = middle + 1
    else high = middle
  }
  return low
}

function writeBookmark({ keys, document }: Entry): string {
  return Buffer.from(JSON.stringify([keys, document._id])).toString('base64url')
}

function readBookmark(bookmark: unknown, index: Index): Position | undefined {
  if (bookmark === undefined || bookmark === null || bookmark === '' || bookmark === NO_BOOKMARK) return undefined
  try {
    const [keys, _id] = JSON.parse(Buffer.from(String(bookmark), 'base64url').toString()) as [unknown, unknown]
    if (Array.isArray(keys) && keys.length === index.fields.length && typeof _id === 'string')
      return { keys, document: { _id } }
  } catch {
    // It is not one of our bookmarks; the error follows below.
  }
  throw badRequest('invalid_bookmark', `Invalid bookmark value: ${JSON.stringify(bookmark)}`)
}

/** The requested fields of each entry. */
function projection(fields: readonly unknown[]): (entry: Entry) => object {
  const paths = fields.filter((name) => typeof name === 'string').map(pathOf)
  return ({ document }) => {
    const whole = new Projected()
    for (const path of paths) {
      const value = valueAt(document, path)
      if (value !== undefined) whole.put(path, value)
    }
    return whole.object()
  }
}

/** A part of a document. The client chooses the names, so the object must have no prototype. */
class Projected {
  readonly #parts = new Map<string, unknown>()

  put([name = '', ...inner]: readonly string[], value: unknown): void {
    const known = this.#parts.get(name)
    if (inner.length === 0) {
      this.#parts.set(name, value)
    } else if (known instanceof Projected) {
      known.put(inner, value)
    } else if (known === undefined) {
      const part = new Projected()
      part.put(inner, value)
      this.#parts.set(name, part)
    }
  }

  object(): object {
    const parts = [...this.#parts].map(([name, value]) => [name, value instanceof Projected ? value.object() : value])
    return Object.fromEntries(parts) as object
  }
}

// The documents of a Cozy, in memory.

import { createHash, randomUUID } from 'node:crypto'
import { isObject } from '../http/json.ts'
import { CouchError, conflict } from './errors.ts'

/** A document as it is stored. */
export type Document = { readonly _id: string; readonly _rev: string } & Readonly<Record<string, unknown>>

/** The fields of a document without `_id`, `_rev` and `_type`. */
export type Content = Readonly<Record<string, unknown>>

/** A Mango index, made by `_index`. */
export interface Index {
  /** `_design/…` */
  readonly id: string
  readonly name: string
  readonly fields: readonly string[]
  /** Only documents that match it are in the index. */
  readonly partial?: Readonly<Record<string, unknown>>
}

/** The last change of a document. */
export interface Change {
  readonly seq: number
  readonly document: Document
  readonly deleted: boolean
}

/**
 * The documents of one doctype. The routes use only this interface, so that another storage can replace
 * {@link MemoryDatabase}.
 */
export interface Database {
  /** Increases with every write. */
  readonly seq: number
  readonly indexes: readonly Index[]
  /** Live documents, design documents included. */
  documents(): readonly Document[]
  /** The last change of this document, also if it was deleted. */
  last(id: string): Change | undefined
  /** The last change of each document, oldest first. */
  changes(): readonly Change[]
  /**
   * Creates (without `rev`), updates or deletes a document; returns it with its new revision.
   * @throws CouchError 409 when `rev` is not the current revision.
   */
  write(id: string, rev: string | undefined, content: Content, deleted?: boolean): Document
  /** Adds an index and its design document; `exists` if there is already the same. */
  addIndex(index: Index): 'created' | 'exists'
}

/** Fields that start with `_` are CouchDB's own; it refuses any other. */
const SPECIAL_FIELDS: ReadonlySet<string> = new Set(['_id', '_rev', '_type', '_deleted', '_attachments', '_revisions'])

/**
 * The content of a document sent by a client.
 * @throws CouchError 400 for a field that CouchDB does not take.
 */
export function contentOf(document: Readonly<Record<string, unknown>>): Content {
  const special = Object.keys(document).find((field) => field.startsWith('_') && !SPECIAL_FIELDS.has(field))
  if (special !== undefined) {
    throw new CouchError(400, 'doc_validation', `Bad special document member: ${special}`)
  }
  const { _id, _rev, _type, _deleted, _revisions, ...content } = document
  return content
}

/** A new document id, as CouchDB makes them. */
export function newId(): string {
  return randomUUID().replaceAll('-', '')
}

/** Whether the id belongs to a design document. */
export function isDesign(id: string): boolean {
  return id.startsWith('_design/')
}

/** Documents in memory. */
export class MemoryDatabase implements Database {
  seq = 0
  indexes: readonly Index[] = []
  readonly #last = new Map<string, Change>()
  readonly #changed: (change: Change) => void

  /** `changed` is called after each write. */
  constructor(changed: (change: Change) => void = () => {}) {
    this.#changed = changed
  }

  documents(): readonly Document[] {
    return [...this.#last.values()].filter((change) => !change.deleted).map((change) => change.document)
  }

  last(id: string): Change | undefined {
    return this.#last.get(id)
  }

  changes(): readonly Change[] {
    return [...this.#last.values()].sort((a, b) => a.seq - b.seq)
  }

  write(id: string, rev: string | undefined, content: Content, deleted = false): Document {
    if (rev !== this.#currentRev(id)) throw conflict()
    return this.#store(id, nextRev(this.#last.get(id)?.document._rev, content, deleted), content, deleted)
  }

  /** Loads a document of a home file, with its revision. */
  load(document: Readonly<Record<string, unknown>>): 'loaded' | 'duplicate' {
    const id = typeof document['_id'] === 'string' && document['_id'] !== '' ? document['_id'] : newId()
    if (this.#last.has(id)) return 'duplicate'
    const { _id, _rev, _type, ...content } = document
    const rev =
      typeof _rev === 'string' && /^[1-9]\d{0,8}-[0-9a-f]{32}$/.test(_rev) ? _rev : nextRev(undefined, content, false)
    this.#store(id, rev, content, false)
    return 'loaded'
  }

  addIndex(index: Index): 'created' | 'exists' {
    const same = this.indexes.find(({ id, name }) => id === index.id && name === index.name)
    if (JSON.stringify(same) === JSON.stringify(index)) return 'exists'
    const others = this.indexes.filter((one) => one.id === index.id && one !== same)
    const views = [...others, index].map((one) => [one.name, viewOf(one)])
    this.write(index.id, this.#currentRev(index.id), { language: 'query', views: Object.fromEntries(views) })
    return 'created'
  }

  /** Restores a change that a journal kept. */
  restore(change: Change): void {
    this.seq = Math.max(this.seq, change.seq)
    this.#take(change)
  }

  #currentRev(id: string): string | undefined {
    const last = this.#last.get(id)
    return last === undefined || last.deleted ? undefined : last.document._rev
  }

  #store(id: string, rev: string, content: Content, deleted: boolean): Document {
    const document: Document = { ...structuredClone(content), _id: id, _rev: rev }
    this.seq += 1
    const change = { seq: this.seq, document, deleted }
    this.#take(change)
    this.#changed(change)
    return document
  }

  #take(change: Change): void {
    const { document } = change
    this.#last.set(document._id, change)
    // A deleted document has no content and so no index entry.
    if (isDesign(document._id))
      this.indexes = [...this.indexes.filter(({ id }) => id !== document._id), ...indexesOf(document)]
  }
}

/** Gets every write of a Cozy. */
export interface Journal {
  wrote(doctype: string, change: Change): void
  /** All documents were removed. */
  cleared(): void
  /** Resolves when all writes so far would survive the end of this process. */
  settled(): Promise<void>
}

/** All databases of one Cozy, by doctype. */
export class Databases {
  readonly #databases = new Map<string, MemoryDatabase>()
  readonly #journals: readonly Journal[]

  constructor(journals: readonly Journal[] = []) {
    this.#journals = journals
  }

  /** The doctypes that have a database. */
  doctypes(): string[] {
    return [...this.#databases.keys()]
  }

  /** The database of a doctype, if there is one. */
  find(doctype: string): Database | undefined {
    return this.#databases.get(doctype)
  }

  /** The database of a doctype; creates it if there is none. */
  ensure(doctype: string): MemoryDatabase {
    const known = this.#databases.get(doctype)
    if (known !== undefined) return known
    const database = new MemoryDatabase((change) => {
      for (const journal of this.#journals) journal.wrote(doctype, change)
    })
    this.#databases.set(doctype, database)
    return database
  }

  /** Removes all documents. */
  clear(): void {
    this.#databases.clear()
    for (const journal of this.#journals) journal.cleared()
  }

  /** Resolves when all journals have kept all writes so far. */
  async settled(): Promise<void> {
    await Promise.all(this.#journals.map((journal) => journal.settled()))
  }
}

/** What was left out when a home file was loaded. */
export interface LoadSummary {
  documents: number
  /** Documents that are no objects, and doctypes that are no arrays. */
  malformed: number
  /** Documents with the `_id` of an earlier one. */
  duplicates: number
}

/** Loads a home, `{ "<doctype>": [doc, …], … }`. Never throws: what cannot be a document is counted. */
export function loadHome(databases: Databases, home: unknown): LoadSummary {
  const loaded: LoadSummary = { documents: 0, malformed: 0, duplicates: 0 }
  if (!isObject(home)) return { ...loaded, malformed: 1 }
  for (const [doctype, documents] of Object.entries(home)) {
    if (!Array.isArray(documents)) {
      loaded.malformed += 1
      continue
    }
    const database = databases.ensure(doctype)
    for (const document of documents as unknown[]) {
      loaded[load(database, document)] += 1
    }
  }
  return loaded
}

/** Whether no query finds the document in CouchDB: it is deleted, or local to one machine. */
function isGone(document: Readonly<Record<string, unknown>>): boolean {
  return document['_deleted'] === true || (typeof document['_id'] === 'string' && document['_id'].startsWith('_local/'))
}

function load(database: MemoryDatabase, document: unknown): keyof LoadSummary {
  if (!isObject(document) || isGone(document)) return 'malformed'
  try {
    return database.load(document) === 'duplicate' ? 'duplicates' : 'documents'
  } catch {
    // It is nested too deep; no database would accept it either.
    return 'malformed'
  }
}

/** An index as CouchDB writes it into its design document. */
function viewOf({ fields, partial }: Index): object {
  return {
    map: {
      fields: Object.fromEntries(fields.map((field) => [field, 'asc'])),
      partial_filter_selector: partial === undefined ? {} : explicit(partial),
    },
    reduce: '_count',
    options: { def: { fields, ...(partial && { partial_filter_selector: partial }) } },
  }
}

/** A selector with CouchDB's own operators where the client left them out. */
function explicit(selector: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const parts = Object.entries(selector).map(([field, condition]) => ({
    [field]: field.startsWith('$') || isObject(condition) ? condition : { $eq: condition },
  }))
  return parts.length === 1 ? { ...parts[0] } : { $and: parts }
}

/** The indexes in a design document. */
function indexesOf(document: Document): Index[] {
  const views = isObject(document['views']) ? Object.entries(document['views']) : []
  return views.flatMap(([name, view]) => {
    const options = isObject(view) && isObject(view['options']) ? view['options'] : {}
    const { fields, partial_filter_selector: partial } = isObject(options['def']) ? options['def'] : {}
    if (!Array.isArray(fields)) return []
    return [{ id: document._id, name, fields: fields.map(String), ...(isObject(partial) && { partial }) }]
  })
}

function nextRev(previous: string | undefined, content: Content, deleted: boolean): string {
  const generation = previous === undefined ? 1 : Number.parseInt(previous, 10) + 1
  const hash = createHash('md5')
    .update(JSON.stringify([previous ?? null, deleted, content]))
    .digest('hex')
  return `${generation}-${hash}`
}

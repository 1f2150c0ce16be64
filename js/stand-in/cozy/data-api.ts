// The routes under `/data`: the documents of a Cozy, as the stack and CouchDB answer.

import type { Context } from 'hono'
import { Hono } from 'hono'
import { isObject, jsonBody } from '../http/json.ts'
import type { Env } from '../http/server.ts'
import { contentOf, type Database, type Databases, type Document, isDesign, newId } from './database.ts'
import { CouchError, conflict, dataError } from './errors.ts'
import { DEFAULT_LIMIT, find, MAX_LIMIT, NO_BOOKMARK, readIndex } from './find.ts'
import { allowsDocument, allowsWholeType, isReadable, isWritable, type Permissions } from './permissions.ts'

/** What importing tools are told of a document that has one of the two. */
const ID_AND_REV =
  'You must either provide an _id and _rev in document (update) or neither (create with or without a fixed id).'

/** The routes under `/data`. */
export function dataRoutes(databases: Databases, permissions: Permissions | undefined): Hono<Env> {
  const api = new Hono<Env>()

  const mayAll = (verb: string, doctype: string): void => {
    if (!isReadable(doctype) || !allowsWholeType(permissions, verb, doctype)) throw new Forbidden()
  }
  const mayWrite = (verb: string, doctype: string, document?: Record<string, unknown>): void => {
    if (!isWritable(doctype)) throw new Forbidden()
    if (document === undefined) mayAll(verb, doctype)
    else if (!allowsDocument(permissions, verb, doctype, document)) throw new Forbidden()
  }

  api.get('/_all_doctypes', (c) => {
    mayAll('GET', 'io.cozy.doctypes')
    return c.json(databases.doctypes())
  })

  api.post('/:doctype/_find', (c) => {
    const doctype = c.req.param('doctype')
    mayAll('GET', doctype)
    return c.json(find(existing(databases, doctype), body(c)))
  })

  api.post('/:doctype/_index', (c) => {
    const doctype = c.req.param('doctype')
    mayAll('GET', doctype)
    const index = readIndex(body(c))
    return c.json({ result: databases.ensure(doctype).addIndex(index), id: index.id, name: index.name })
  })

  api.get('/:doctype/_normal_docs', (c) => {
    const doctype = c.req.param('doctype')
    mayAll('GET', doctype)
    return c.json(normalDocs(existing(databases, doctype), c.req.query()))
  })

  api.on(['GET', 'POST'], '/:doctype/_all_docs', (c) => {
    const doctype = c.req.param('doctype')
    mayAll('GET', doctype)
    const keys = c.req.method === 'POST' ? body(c)['keys'] : undefined
    return c.json(allDocs(existing(databases, doctype), Array.isArray(keys) ? keys : undefined, c.req.query()))
  })

  api.post('/:doctype/_bulk_docs', (c) => {
    const doctype = c.req.param('doctype')
    mayWrite('POST', doctype)
    const { docs } = body(c)
    if (!Array.isArray(docs)) throw new CouchError(400, 'bad_request', 'POST body must include `docs` parameter.')
    if (!docs.every(isObject)) throw new CouchError(400, 'bad_request', 'Document must be a JSON object')
    const database = databases.ensure(doctype)
    return c.json(
      docs.map((document) => bulkWrite(database, document)),
      201,
    )
  })

  api.get('/:doctype/_design_docs', (c) => {
    const doctype = c.req.param('doctype')
    mayAll('GET', doctype)
    return c.json(designDocs(existing(databases, doctype), c.req.query('include_docs') === 'true'))
  })

  // The stack asks for GET alone: an index holds nothing that its documents do not.
  api.get('/:doctype/_design/:name', (c) => {
    const { doctype, name } = c.req.param()
    mayAll('GET', doctype)
    return c.json(live(existing(databases, doctype), `_design/${name}`))
  })

  api.post('/:doctype/_design/:name/copy', (c) => {
    const { doctype, name } = c.req.param()
    const destination = c.req.header('destination') ?? ''
    if (!isDesign(destination)) return c.json('You must set a Destination header', 400)
    mayAll('GET', doctype)
    const database = existing(databases, doctype)
    const copy = database.write(destination, undefined, contentOf(live(database, `_design/${name}`)))
    return c.json({ ok: true, id: destination, rev: copy._rev }, 201)
  })

  api.delete('/:doctype/_design/:name', (c) => {
    const { doctype, name } = c.req.param()
    mayAll('GET', doctype)
    const rev = c.req.query('rev') ?? ''
    if (rev === '') return dataError(400, 'You must pass a rev param')
    const database = existing(databases, doctype)
    const { _id } = live(database, `_design/${name}`)
    return c.json({ ok: true, id: _id, rev: database.write(_id, rev, {}, true)._rev })
  })

  api.on(['GET', 'POST'], '/:doctype/_changes', (c) => {
    const doctype = c.req.param('doctype')
    mayAll('GET', doctype)
    const ids = c.req.query('filter') === '_doc_ids' ? body(c)['doc_ids'] : undefined
    return c.json(changes(existing(databases, doctype), c.req.query(), Array.isArray(ids) ? new Set(ids) : undefined))
  })

  api.post('/:doctype/', (c) => {
    const doctype = c.req.param('doctype')
    const document = body(c)
    mayWrite('POST', doctype, document)
    if (document['_id'] !== undefined && document['_id'] !== '') {
      throw new CouchError(400, 'defined_id', 'document _id should be empty')
    }
    if (text(document['_rev']) !== '') return dataError(400, ID_AND_REV)
    return c.json(written(doctype, databases.ensure(doctype).write(newId(), undefined, contentOf(document))), 201)
  })

  api.get('/:doctype/:id', (c) => {
    const { doctype, id } = target(c)
    if (!isReadable(doctype)) throw new Forbidden()
    const document = live(existing(databases, doctype, 'wrong_doctype'), id)
    if (!allowsDocument(permissions, 'GET', doctype, document)) throw new Forbidden()
    return c.json({ ...document, _type: doctype })
  })

  api.put('/:doctype/:id', (c) => {
    const { doctype, id } = target(c)
    const document = body(c)
    const [sentId, sentRev] = [text(document['_id']), text(document['_rev'])]
    if ((sentId === '') !== (sentRev === '')) return dataError(400, ID_AND_REV)
    if (sentId !== '' && sentId !== id) return dataError(400, 'document _id doesnt match url')
    const creating = sentRev === ''
    mayWrite(creating ? 'POST' : 'PUT', doctype, { ...document, _id: id })
    const database = creating ? databases.ensure(doctype) : existing(databases, doctype, 'wrong_doctype')
    return c.json(written(doctype, database.write(id, creating ? undefined : sentRev, contentOf(document))))
  })

  api.delete('/:doctype/:id', (c) => {
    const { doctype, id } = target(c)
    const [header, query] = [c.req.header('if-match') ?? '', c.req.query('rev') ?? '']
    if (header !== '' && query !== '' && header !== query)
      return dataError(400, 'If-Match Header and rev query parameters mismatch')
    const rev = header || query
    if (rev === '') return dataError(400, 'delete without revision')
    if (!isWritable(doctype)) throw new Forbidden()
    const database = existing(databases, doctype, 'wrong_doctype')
    mayWrite('DELETE', doctype, live(database, id))
    const deleted = database.write(id, rev, {}, true)
    return c.json({ ok: true, id, rev: deleted._rev, type: doctype, deleted: true })
  })

  api.onError((error) => {
    if (error instanceof CouchError) return error.response()
    if (error instanceof Forbidden) return dataError(403, 'code=403, message=Forbidden')
    if (error instanceof BadBody) return dataError(400, error.message)
    return dataError(500, error.message)
  })
  return api
}

class Forbidden extends Error {}

class BadBody extends Error {}

type DataContext = Context<Env>

function body(c: DataContext): Record<string, unknown> {
  const parsed = jsonBody(c.env.body)
  if (!isObject(parsed)) throw new BadBody('the body is not a JSON object')
  return parsed
}

function target(c: Context<Env, '/:doctype/:id'>): { doctype: string; id: string } {
  const { doctype, id } = c.req.param()
  if (id.startsWith('_')) throw new CouchError(400, 'bad_id', `Unsuported couchdb operation ${id}`)
  return { doctype, id }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The stack passes CouchDB's own words on where it does not say `wrong_doctype` in their place. */
function existing(databases: Databases, doctype: string, reason = 'Database does not exist.'): Database {
  const database = databases.find(doctype)
  if (database === undefined) throw new CouchError(404, 'not_found', reason)
  return database
}

function live(database: Database, id: string): Document {
  const last = database.last(id)
  if (last === undefined || last.deleted)
    throw new CouchError(404, 'not_found', last === undefined ? 'missing' : 'deleted')
  return last.document
}

function written(doctype: string, document: Document): object {
  return { ok: true, id: document._id, rev: document._rev, type: doctype, data: { ...document, _type: doctype } }
}

/** `_all_docs` sorts by the bytes of the ids, not by collation. */
function byId(a: Document, b: Document): number {
  return a._id < b._id ? -1 : a._id > b._id ? 1 : 0
}

function normalDocs(database: Database, query: Readonly<Record<string, string>>): object {
  const { bookmark } = query
  const asked = Number.parseInt(query['limit'] ?? '', 10)
  const limit = asked >= 0 && asked <= MAX_LIMIT ? asked : DEFAULT_LIMIT
  const skip = Math.max(0, Number.parseInt(query['skip'] ?? '0', 10) || 0)
  const documents = database
    .documents()
    .filter(({ _id }) => !isDesign(_id))
    .sort(byId)
  const after =
    bookmark === undefined || bookmark === '' || bookmark === NO_BOOKMARK
      ? undefined
      : Buffer.from(bookmark, 'base64url').toString()
  const rows = documents.filter(({ _id }) => after === undefined || _id > after).slice(skip, skip + limit)
  const last = rows.at(-1)
  return {
    rows,
    total_rows: documents.length,
    bookmark: last === undefined ? NO_BOOKMARK : Buffer.from(last._id).toString('base64url'),
  }
}

function designDocs(database: Database, withDocs: boolean): object {
  const documents = database.documents()
  const rows = documents.filter(({ _id }) => isDesign(_id)).sort(byId)
  return {
    total_rows: documents.length,
    offset: 0,
    rows: rows.map((doc) => ({ id: doc._id, key: doc._id, value: { rev: doc._rev }, ...(withDocs && { doc }) })),
  }
}

function allDocs(
  database: Database,
  keys: readonly unknown[] | undefined,
  query: Readonly<Record<string, string>>,
): object {
  const withDocs = query['include_docs'] === 'true'
  const documents = [...database.documents()].sort(byId)
  const row = (document: Document): object => ({
    id: document._id,
    key: document._id,
    value: { rev: document._rev },
    ...(withDocs && { doc: document }),
  })
  const rowOf = (key: unknown): object => {
    const last = typeof key === 'string' ? database.last(key) : undefined
    if (last === undefined) return { key, error: 'not_found' }
    if (!last.deleted) return row(last.document)
    return { id: key, key, value: { rev: last.document._rev, deleted: true }, ...(withDocs && { doc: null }) }
  }
  const rows = keys?.map(rowOf) ?? range(documents, query).map(row)
  return { total_rows: documents.length, offset: keys === undefined ? 0 : null, rows }
}

/** The part of sorted documents that a query of `_all_docs` asks for; keys are JSON. */
function range(documents: readonly Document[], query: Readonly<Record<string, string>>): readonly Document[] {
  const isDescending = query['descending'] === 'true'
  const [start, end] = [query['startkey'] ?? query['key'], query['endkey'] ?? query['key']].map(keyOf)
  const [from, to] = isDescending ? [end, start] : [start, end]
  const inside = documents.filter(({ _id }) => (from === undefined || _id >= from) && (to === undefined || _id <= to))
  if (isDescending) inside.reverse()
  const skip = Number.parseInt(query['skip'] ?? '0', 10) || 0
  const limit = Number.parseInt(query['limit'] ?? '', 10)
  return inside.slice(skip, Number.isNaN(limit) ? undefined : skip + limit)
}

function keyOf(json: string | undefined): string | undefined {
  if (json === undefined) return undefined
  const key = jsonBody(Buffer.from(json))
  if (typeof key !== 'string')
    throw new CouchError(400, 'bad_request', 'invalid UTF-8 JSON: keys are ids, written as JSON strings')
  return key
}

function bulkWrite(database: Database, document: Record<string, unknown>): object {
  const id = text(document['_id']) || newId()
  try {
    if (id.startsWith('_') && !isDesign(id)) {
      throw new CouchError(400, 'doc_validation', 'Only reserved document ids may start with underscore.')
    }
    const rev = text(document['_rev']) || undefined
    const deleted = document['_deleted'] === true
    if (deleted && rev === undefined) throw conflict()
    return { ok: true, id, rev: database.write(id, rev, contentOf(document), deleted)._rev }
  } catch (error) {
    if (!(error instanceof CouchError)) throw error
    return { id, error: error.error, reason: error.reason }
  }
}

function changes(
  database: Database,
  query: Readonly<Record<string, string>>,
  ids: ReadonlySet<unknown> | undefined,
): object {
  const since = query['since'] === 'now' ? database.seq : Number.parseInt(query['since'] ?? '0', 10) || 0
  const limit = Number.parseInt(query['limit'] ?? '', 10)
  const all = database
    .changes()
    .filter(({ seq, document }) => seq > since && (ids === undefined || ids.has(document._id)))
  const given = limit > 0 ? all.slice(0, limit) : all
  const results = given.map(({ seq, document, deleted }) => ({
    seq: String(seq),
    id: document._id,
    changes: [{ rev: document._rev }],
    ...(deleted && { deleted: true }),
    ...(query['include_docs'] === 'true' && {
      doc: deleted ? { _id: document._id, _rev: document._rev, _deleted: true } : document,
    }),
  }))
  return {
    last_seq: results.at(-1)?.seq ?? String(Math.max(since, database.seq)),
    pending: all.length - given.length,
    results,
  }
}

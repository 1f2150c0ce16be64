// The routes under `/jobs`: the queue of jobs and the triggers.

import { Hono } from 'hono'
import { isObject, jsonBody } from '../http/json.ts'
import type { Env } from '../http/server.ts'
import { type Databases, type Document, newId } from './database.ts'
import { jsonApi, jsonApiError } from './errors.ts'
import { allowsDocument, allowsWholeType, type Permissions } from './permissions.ts'

/** How many service jobs the stack takes in an hour. */
export const SERVICE_JOBS_AN_HOUR = 200

const HOUR_MS = 3_600_000

/** The doctype of jobs. */
const JOBS = 'io.cozy.jobs'

/** The doctype of triggers. */
const TRIGGERS = 'io.cozy.triggers'

/** The workers for which an app may create jobs. */
const WORKERS: ReadonlySet<string> = new Set(['konnector', 'service'])

/**
 * The routes under `/jobs`: the queue of jobs, and the triggers of the home. The stand-in executes no job;
 * it stores jobs as documents of `io.cozy.jobs`. A real stack computes a trigger's `current_state` from its
 * jobs; here it is the value in the home's document.
 */
export function jobRoutes(databases: Databases, permissions: Permissions | undefined): Hono<Env> {
  const api = new Hono<Env>()
  const all = (): Document[] => [...(databases.find(JOBS)?.documents() ?? [])]
  const triggers = (): Trigger[] => (databases.find(TRIGGERS)?.documents() ?? []).map(trigger)

  api.post('/queue/:worker', (c) => {
    const worker = c.req.param('worker')
    const body = jsonBody(c.env.body)
    const attributes = isObject(body) && isObject(body['data']) ? body['data']['attributes'] : undefined
    if (!isObject(attributes)) return jsonApiError(400, 'the body is not a JSON:API document with attributes')
    if (!allowsDocument(permissions, 'POST', JOBS, { worker })) return jsonApiError(403, 'Forbidden')
    if (!WORKERS.has(worker)) return jsonApiError(404, 'could not find worker')

    const now = new Date()
    const anHourAgo = new Date(now.getTime() - HOUR_MS).toISOString()
    const recent = all().filter((job) => job['worker'] === worker && String(job['queued_at']) > anHourAgo)
    if (worker === 'service' && recent.length >= SERVICE_JOBS_AN_HOUR) return jsonApiError(400, 'Rate limit exceeded')
    const job = databases.ensure(JOBS).write(newId(), undefined, {
      worker,
      message: attributes['arguments'] ?? null,
      options: attributes['options'] ?? null,
      state: 'queued',
      queued_at: now.toISOString(),
    })
    return jsonApi(202, resource(job))
  })

  api.get('/queue/:worker', (c) => {
    const worker = c.req.param('worker')
    if (!allowsDocument(permissions, 'GET', JOBS, { worker })) return jsonApiError(403, 'Forbidden')
    const queued = all().filter((job) => job['worker'] === worker && job['state'] === 'queued')
    return jsonApi(200, queued.map(resource))
  })

  api.get('/triggers', (c) => {
    if (!allowsWholeType(permissions, 'GET', TRIGGERS)) return jsonApiError(403, 'Forbidden')
    const worker = c.req.query('Worker')?.split(',')
    return jsonApi(
      200,
      triggers().filter(({ attributes }) => worker?.includes(String(attributes['worker'])) ?? true),
    )
  })

  api.get('/triggers/:id', (c) => {
    const found = triggers().find(({ id }) => id === c.req.param('id'))
    const document = { ...found?.attributes, _id: c.req.param('id') }
    if (!allowsDocument(permissions, 'GET', TRIGGERS, document)) return jsonApiError(403, 'Forbidden')
    return found === undefined ? jsonApiError(404, 'Not Found') : jsonApi(200, found)
  })

  api.get('/:id', (c) => {
    const job = all().find(({ _id }) => _id === c.req.param('id'))
    if (!allowsDocument(permissions, 'GET', JOBS, job ?? {})) return jsonApiError(403, 'Forbidden')
    return job === undefined ? jsonApiError(404, 'Not Found') : jsonApi(200, resource(job))
  })
  return api
}

/** A trigger as the stack returns it. */
interface Trigger {
  readonly type: string
  readonly id: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly meta: object
  readonly links: object
}

/** Reads a trigger of a home: a document, or the form that a stack returns. */
function trigger({ _id, _rev, ...document }: Document): Trigger {
  const attributes = isObject(document['attributes']) ? document['attributes'] : document
  return { type: TRIGGERS, id: _id, attributes, meta: { rev: _rev }, links: { self: `/jobs/triggers/${_id}` } }
}

function resource({ _id, _rev, ...attributes }: Document): object {
  return {
    type: JOBS,
    id: _id,
    attributes,
    meta: { rev: _rev },
    links: { self: `/jobs/${String(attributes['worker'])}/${_id}` },
  }
}

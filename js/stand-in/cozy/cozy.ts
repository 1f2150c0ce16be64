// A Cozy: the routes of the stack that apps and services use.

import { Hono } from 'hono'
import {
  type Env,
  type Handler,
  type Intercept,
  listen,
  MANY_DOCUMENTS_BYTES,
  type RequestRecord,
  usualBytes,
} from '../http/server.ts'
import { dataRoutes } from './data-api.ts'
import { contentOf, Databases, type Document, isDesign, type LoadSummary, loadHome, newId } from './database.ts'
import { dataError, jsonApiError } from './errors.ts'
import { jobRoutes } from './jobs.ts'
import type { Permissions } from './permissions.ts'
import { remoteRoutes } from './remote.ts'

export type { Decision, Intercept, InterceptedRequest, MadeUpAnswer, RequestRecord } from '../http/server.ts'
export type { LoadSummary } from './database.ts'
export type { PermissionRule, Permissions } from './permissions.ts'

/** CouchDB takes no larger document. */
const MAX_DOCUMENT_BYTES = 8_000_000

/** The response of a healthy stack. */
const STATUS = { cache: 'healthy', couchdb: 'healthy', fs: 'healthy', status: 'OK', message: 'OK' }

/** The parts of a Cozy. */
export interface CozyParts {
  readonly databases: Databases
  /** The bearer token that the service has to send. */
  readonly token: string
  /** An expired token: the response is 400 `Expired token`. */
  readonly expiredToken?: string
  /** The permissions in the app's manifest; without them everything is allowed. */
  readonly permissions?: Permissions
  /** Where the DACC listens, without a slash at the end. */
  readonly dacc: string
  /** The token that the stack adds for the DACC. */
  readonly daccToken: string
}

/** The options of a Cozy with its own port. */
export interface CozyOptions extends Omit<CozyParts, 'databases'> {
  /** The first documents: `{ "<doctype>": [doc, …], … }`. What is no document is left out and counted. */
  readonly home: unknown
  /** 0, the default, takes a free port. */
  readonly port?: number
  readonly intercept?: Intercept
}

/** A Cozy instance that listens on 127.0.0.1. */
export interface Cozy {
  readonly url: string
  readonly token: string
  /** Every HTTP request in the order of arrival. */
  readonly requests: readonly RequestRecord[]
  /** How the home's documents were loaded. */
  readonly loaded: Readonly<LoadSummary>
  /** Decides about later requests; can be replaced at any time. */
  intercept: Intercept | undefined
  /** A copy of the live documents of a doctype, design documents left out. */
  documents(doctype: string): Document[]
  /** Creates a document, or replaces the one with its `_id`, whatever its revision. */
  put(doctype: string, document: Readonly<Record<string, unknown>>): Document
  close(): Promise<void>
}

/** The routes of a Cozy: its data API, its remote doctypes and its queue of jobs. */
export function cozyRoutes(parts: CozyParts): Handler {
  const { databases, permissions, dacc, daccToken } = parts
  const app = new Hono<Env>()
  // Tools ask for it before they have a token, with or without the last slash.
  for (const path of ['/status', '/status/']) app.get(path, (c) => c.json(STATUS))
  app.use(async (c, next) => {
    const refused = checkBearer(c.req.header('authorization'), parts)
    if (refused !== undefined) return refused
    await next()
    // Responds only when the write cannot be lost any more.
    await databases.settled()
    return undefined
  })
  app.route('/data', dataRoutes(databases, permissions))
  app.route('/remote', remoteRoutes({ databases, permissions, dacc, daccToken }))
  app.route('/jobs', jobRoutes(databases, permissions))
  app.notFound(() => jsonApiError(404, 'Not Found'))
  app.onError((error) => jsonApiError(500, error.message))
  return {
    fetch: (request, env) => app.fetch(request, env),
    bodyBytes: (request) => {
      const isAllowed =
        request.method === 'OPTIONS'
        || checkBearer(request.headers.get('authorization') ?? undefined, parts) === undefined
      return isAllowed ? bodyBytes(request) : undefined
    },
  }
}

/** How many bytes of a body are read: one document, many, or a query. */
function bodyBytes(request: Request): number {
  const [, api, , call = ''] = new URL(request.url).pathname.split('/')
  if (api !== 'data' || request.method === 'OPTIONS') return usualBytes(request)
  if (call === '_bulk_docs') return MANY_DOCUMENTS_BYTES
  return call.startsWith('_') ? usualBytes(request) : MAX_DOCUMENT_BYTES
}

/** Starts a Cozy with its own port. */
export async function startCozy(options: CozyOptions): Promise<Cozy> {
  const { token, home } = options
  const databases = new Databases()
  const loaded = loadHome(databases, home)
  const requests: RequestRecord[] = []
  const state = { intercept: options.intercept }
  const listening = await listen({
    handler: cozyRoutes({ ...options, databases }),
    port: options.port ?? 0,
    observe: (record) => void requests.push(record),
    intercept: () => state.intercept,
  })
  return {
    url: listening.url,
    token,
    requests,
    loaded,
    get intercept() {
      return state.intercept
    },
    set intercept(intercept: Intercept | undefined) {
      state.intercept = intercept
    },
    documents: (doctype) => {
      const documents = databases.find(doctype)?.documents() ?? []
      return structuredClone(documents.filter(({ _id }) => !isDesign(_id)))
    },
    put: (doctype, document) => {
      const database = databases.ensure(doctype)
      const id = typeof document['_id'] === 'string' && document['_id'] !== '' ? document['_id'] : newId()
      const last = database.last(id)
      const rev = last === undefined || last.deleted ? undefined : last.document._rev
      return structuredClone(database.write(id, rev, contentOf(document)))
    },
    close: listening.close,
  }
}

function checkBearer(header: string | undefined, { token, expiredToken }: CozyParts): Response | undefined {
  const sent = /^Bearer (.+)$/i.exec(header ?? '')?.[1]
  if (sent === token) return undefined
  if (sent !== undefined && sent === expiredToken) {
    return dataError(400, 'Expired token', {
      'www-authenticate': 'Bearer error="invalid_token" error_description="The access token expired"',
    })
  }
  return dataError(401, 'Unauthorized', { 'www-authenticate': 'Bearer error="invalid_token"' })
}

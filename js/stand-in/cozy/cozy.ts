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

/** How a stack says that all is well. */
const STATUS = { cache: 'healthy', couchdb: 'healthy', fs: 'healthy', status: 'OK', message: 'OK' }

/** What a Cozy is made of. */
export interface CozyParts {
  readonly databases: Databases
  /** The bearer token that the service has to send. */
  readonly token: string
  /** A token of yesterday: it is answered with 400 `Expired token`. */
  readonly expiredToken?: string
  /** What the manifest of the app asks for; everything is allowed when left out. */
  readonly permissions?: Permissions
  /** Where the DACC listens, without a slash at the end. */
  readonly dacc: string
  /** The token that the stack adds for the DACC. */
  readonly daccToken: string
}

/** How to start a Cozy that listens by itself. */
export interface CozyOptions extends Omit<CozyParts, 'databases'> {
  /** The documents it starts with: `{ "<doctype>": [doc, …], … }`. What cannot be a document is left out and counted. */
  readonly home: unknown
  /** 0, the default, takes a free one. */
  readonly port?: number
  readonly intercept?: Intercept
}

/** A Cozy instance that listens on 127.0.0.1. */
export interface Cozy {
  readonly url: string
  readonly token: string
  /** Every HTTP request in the order of arrival. */
  readonly requests: readonly RequestRecord[]
  /** What became of the home's documents. */
  readonly loaded: Readonly<LoadSummary>
  /** Decides about the requests to come; may be exchanged at any time. */
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
    // Nobody is told of a write that could still be lost.
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

/** What is read of a body: a document, many of them, or what asks for some. */
function bodyBytes(request: Request): number {
  const [, api, , call = ''] = new URL(request.url).pathname.split('/')
  if (api !== 'data' || request.method === 'OPTIONS') return usualBytes(request)
  if (call === '_bulk_docs') return MANY_DOCUMENTS_BYTES
  return call.startsWith('_') ? usualBytes(request) : MAX_DOCUMENT_BYTES
}

/** Starts a Cozy of its own. */
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

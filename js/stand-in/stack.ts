// The local stack: a Cozy, a DACC and the page on one port.

import { randomBytes } from 'node:crypto'
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import type { Dacc as Aggregator } from '../types/index.d.ts'
import { cozyRoutes } from './cozy/cozy.ts'
import { Databases, type Journal, type LoadSummary, loadHome } from './cozy/database.ts'
import type { Permissions } from './cozy/permissions.ts'
import { daccRoutes, type Mode, type Received } from './dacc/dacc.ts'
import { type Definition, type Definitions, readDefinitions } from './dacc/definitions.ts'
import { type DevEvent, EventBus } from './dev-api/event-bus.ts'
import { devRoutes } from './dev-api/routes.ts'
import { FaultSwitches, type Faults, NO_FAULTS, type Place } from './http/faults.ts'
import { isLoopbackHost, isLoopbackOrigin } from './http/origins.ts'
import {
  type Env,
  type Handler,
  type Intercept,
  type Listening,
  type ListenOptions,
  listen,
  type Observe,
  PortTaken,
  usualBytes,
} from './http/server.ts'
import { staticFiles } from './http/static-files.ts'
import { openStorage, type Storage, type StorageOptions } from './storage.ts'

export type { Permissions } from './cozy/permissions.ts'
export { readFault } from './http/faults.ts'

/** How to start a Cozy, a DACC and the page, all on one port. */
export interface StackOptions {
  readonly aggregator: Aggregator
  /** The documents that the Cozy starts with, where none were kept. */
  readonly home: unknown
  /** What the DACC imports; the built-in catalog's definitions unless given. */
  readonly definitions?: Definitions
  readonly mode?: Mode
  /** What the manifest of the app asks for; everything is allowed when left out. */
  readonly permissions?: Permissions
  /** The folder of the page. */
  readonly page?: string
  /** The address to listen on; with any but the default, other machines and pages may ask. */
  readonly host?: string
  /** 0, the default, takes a free one. */
  readonly port?: number
  /** Takes a free port if the wanted one is taken. */
  readonly anyPort?: boolean
  readonly faults?: Faults
  /** Where data are kept; by default in memory, without a database. */
  readonly storage?: StorageOptions
  /** The token of the app; random by default. */
  readonly token?: string
}

/** A Cozy, a DACC and a page that listen. */
export interface Stack {
  /** The Cozy's address, and the page's. */
  readonly url: string
  /** The token of the app in this Cozy. */
  readonly token: string
  readonly dacc: { readonly url: string; readonly token: string }
  /** How many documents an earlier start had kept. */
  readonly restored: number
  /** How the home's documents were loaded; undefined where an earlier start had kept others. */
  readonly loaded: Readonly<LoadSummary> | undefined
  close(): Promise<void>
}

const DACC_BASE = '/dacc'

/** Starts the local stack. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const definitions = readDefinitions(options.definitions ?? options.aggregator.definitions())
  const faults = new FaultSwitches(options.faults ?? NO_FAULTS)
  const events = new EventBus()
  // The port comes first, so that a taken one is reported before a database is created. Requests wait meanwhile.
  let begin = (_: Handler): void => {}
  const handler = new Promise<Handler>((resolve) => {
    begin = resolve
  })
  const listening = await takePort(options, {
    handler: {
      fetch: async (request, env) => (await handler).fetch(request, env),
      bodyBytes: async (request) => (await handler).bodyBytes?.(request),
    },
    observe: publishRequests((event) => events.publish(event)),
    intercept: () => injectFaults(faults, options.host !== undefined),
  })
  try {
    const storage = await openStorage(options.storage ?? 'plain', definitions.values())
    try {
      const { stack, routes } = await wire(options, { url: listening.url, definitions, faults, events, storage })
      begin(routes)
      const close = async (): Promise<void> => {
        await listening.close()
        await storage.close()
      }
      return { ...stack, close }
    } catch (error) {
      await storage.close()
      throw error
    }
  } catch (error) {
    await listening.close()
    throw error
  }
}

async function takePort(
  { host, port = 0, anyPort }: StackOptions,
  rest: Omit<ListenOptions, 'host' | 'port'>,
): Promise<Listening> {
  const take = (wanted: number): Promise<Listening> =>
    listen({ ...rest, ...(host !== undefined && { host }), port: wanted })
  return take(port).catch((error: unknown) => {
    if (error instanceof PortTaken && anyPort === true) return take(0)
    throw error
  })
}

interface StackParts {
  readonly url: string
  readonly definitions: ReadonlyMap<string, Definition>
  readonly faults: FaultSwitches
  readonly events: EventBus
  readonly storage: Storage
}

/** Connects the parts: returns what answers requests, and what the caller learns of it. */
async function wire(
  options: StackOptions,
  parts: StackParts,
): Promise<{ stack: Omit<Stack, 'close'>; routes: Handler }> {
  const { aggregator, permissions, mode = 'strict', host } = options
  const { url, definitions, faults, events, storage } = parts
  const { store } = storage
  const app = { url, token: options.token ?? newToken() }
  const server = { url: url + DACC_BASE, token: newToken(), mode }
  const databases = new Databases([publishChanges(events), ...(storage.journal ? [storage.journal] : [])])
  const restored = await storage.restore(databases)
  const loaded = restored === undefined ? loadHome(databases, options.home) : undefined
  await databases.settled()

  const received = (what: Received): void => events.publish(measureEvent(what))
  const dacc = daccRoutes({ definitions, token: server.token, mode, store, base: DACC_BASE, received })
  const cozy = cozyRoutes({
    databases,
    token: app.token,
    ...(permissions && { permissions }),
    dacc: server.url,
    daccToken: server.token,
  })
  const dev = devRoutes({ aggregator, cozy: app, dacc: server, databases, store, definitions, faults, events })
  const isOpen = host !== undefined
  const routes = routeByPath(isOpen, {
    dacc: withCors(isOpen, dacc),
    cozy: withCors(isOpen, cozy),
    dev,
    page: staticFiles(options.page),
  })
  const { token } = app
  return {
    stack: { url, token, dacc: { url: server.url, token: server.token }, restored: restored ?? 0, loaded },
    routes,
  }
}

type Part = 'cozy' | 'dacc' | 'dev' | 'page'

const PARTS: ReadonlyMap<string, Part> = new Map([
  ['data', 'cozy'],
  ['remote', 'cozy'],
  ['jobs', 'cozy'],
  ['status', 'cozy'],
  ['dacc', 'dacc'],
  ['dev', 'dev'],
])

const PLACES: ReadonlyMap<string, Place> = new Map([
  ['data', 'data'],
  ['remote', 'remote'],
  ['jobs', 'jobs'],
  ['dacc', 'dacc'],
])

function partOf(path: string): Part {
  return PARTS.get(firstSegment(path)) ?? 'page'
}

function placeOf(path: string): Place | undefined {
  return PLACES.get(firstSegment(path))
}

function firstSegment(path: string): string {
  return /^\/([^/?]*)/.exec(path)?.[1] ?? ''
}

function newToken(): string {
  return randomBytes(16).toString('hex')
}

/** Routes a request to the part that answers it. Refuses other host names, so that DNS rebinding gets nothing. */
function routeByPath(isOpen: boolean, parts: Readonly<Record<Part, Handler>>): Handler {
  const isNamed = (request: Request): boolean => isOpen || isLoopbackHost(request.headers.get('host') ?? undefined)
  const part = (request: Request): Handler => parts[partOf(new URL(request.url).pathname)]
  return {
    bodyBytes: (request) => {
      if (!isNamed(request)) return undefined
      const asked = part(request)
      return asked.bodyBytes === undefined ? usualBytes(request) : asked.bodyBytes(request)
    },
    fetch: (request, env) => {
      if (!isNamed(request)) {
        return Response.json(
          { error: 'Only names of this machine are answered; use 127.0.0.1 or localhost, or start with --host.' },
          { status: 421 },
        )
      }
      return part(request).fetch(request, env)
    },
  }
}

/** Injects the faults that are switched on. Their answers have the CORS headers of all others. */
function injectFaults(faults: FaultSwitches, isOpen: boolean): Intercept {
  const strike = faults.intercept(placeOf)
  return async (request) => {
    // A preflight is the browser's request, not the app's.
    if (request.method === 'OPTIONS') return 'pass'
    const decision = await strike(request)
    const { origin } = request.headers
    if (typeof decision !== 'object' || typeof origin !== 'string' || !mayRead(isOpen, origin)) return decision
    const allowed = {
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      vary: 'Origin',
    }
    return { ...decision, headers: { ...decision.headers, ...allowed } }
  }
}

function mayRead(isOpen: boolean, origin: string): boolean {
  return isOpen || isLoopbackOrigin(origin)
}

/** Allows pages of other origins on this machine: apps in development. */
function withCors(isOpen: boolean, handler: Handler): Handler {
  const app = new Hono<Env>()
  app.use(
    cors({
      origin: (origin) => (mayRead(isOpen, origin) ? origin : null),
      credentials: true,
      allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      maxAge: 600,
    }),
  )
  app.all('*', (c) => handler.fetch(c.req.raw, c.env))
  return {
    fetch: (request, env) => app.fetch(request, env),
    bodyBytes: (request) => (handler.bodyBytes === undefined ? usualBytes(request) : handler.bodyBytes(request)),
  }
}

/** Publishes an event for each request to the Cozy or the DACC. */
function publishRequests(tell: (event: DevEvent) => void): Observe {
  return (record) => {
    const server = partOf(record.path)
    if (server !== 'cozy' && server !== 'dacc') return undefined
    const [at, began] = [new Date().toISOString(), performance.now()]
    return () => {
      const { method, path, status } = record
      tell({ kind: 'request', server, method, path, status, millis: Math.round(performance.now() - began), at })
    }
  }
}

/** Publishes the doctypes that changed, once for each turn of the event loop. */
function publishChanges(events: EventBus): Journal {
  const changed = new Set<string>()
  const flush = (): void => {
    const doctypes = [...changed]
    changed.clear()
    events.publish({ kind: 'change', doctypes })
  }
  const add = (doctype: string): void => {
    if (changed.size === 0) setImmediate(flush)
    changed.add(doctype)
  }
  return { wrote: add, cleared: () => add('*'), settled: async () => {} }
}

function measureEvent({ status, error, measure }: Received): DevEvent {
  const sentence = error === undefined ? 'Stored.' : status === 201 ? `Answered 201 and lost: ${error}.` : error
  return { kind: 'measure', status, ...(measure && { measureName: measure.measureName }), sentence }
}

// A DACC: the routes of the server that receives measures.

import { Hono } from 'hono'
import { type Env, type Handler, type Intercept, listen, type RequestRecord, usualBytes } from '../http/server.ts'
import type { Aggregate } from './aggregation.ts'
import { type Definition, type Definitions, readDefinitions } from './definitions.ts'
import { judge, type StoredMeasure } from './measure.ts'
import { type MeasureStore, MemoryMeasureStore } from './measure-store.ts'
import { type JsonObject, type JsonValue, parse } from './python-json.ts'
import { readStartDate } from './start-date.ts'
import { strictFault } from './strict-rules.ts'

export type { Aggregate } from './aggregation.ts'
export type { Definition, Definitions } from './definitions.ts'
export type { StoredMeasure } from './measure.ts'

/** The parts of a DACC. */
export interface DaccParts {
  readonly definitions: ReadonlyMap<string, Definition>
  readonly store: MeasureStore
  /** The bearer token that the stack has to send. */
  readonly token: string
  /**
   * `faithful` answers as the real server does, which accepts measures and then loses some; `strict`, the
   * default, refuses those with 400 and one sentence.
   */
  readonly mode?: Mode
  /** The prefix of its routes; empty by default. */
  readonly base?: string
  /** Called for each received body. */
  readonly received?: (received: Received) => void
}

/** How a DACC answers. */
export type Mode = 'strict' | 'faithful'

/** The options of a DACC with its own port. */
export interface DaccOptions extends Pick<DaccParts, 'token' | 'mode'> {
  /** The definitions file, as the real server imports it. */
  readonly definitions: Definitions
  /** 0, the default, takes a free port. */
  readonly port?: number
  /** Where measures are kept; in memory by default. */
  readonly store?: MeasureStore
  readonly intercept?: Intercept
}

/** A body that was received at `/measure`, and its outcome. */
export interface Received {
  /** The body as it was received. */
  readonly sent: string
  readonly status: number
  /** Why it was not stored, in one sentence. */
  readonly error?: string
  /** The measure that was stored. */
  readonly measure?: StoredMeasure
}

/** A measure that was not stored; its status is 201 if the faithful server lost it. */
export type RefusedMeasure = Received & { readonly error: string }

/** A filter of aggregates. */
export interface AggregateQuery {
  readonly measureName?: string
  readonly startDate?: string
  /** Exclusive. */
  readonly endDate?: string
  readonly createdBy?: string
}

/** The published aggregates, and how much the threshold hides. */
export interface AggregateAnswer {
  readonly published: readonly Aggregate[]
  /** How many groups lie below their threshold. */
  readonly hiddenGroups: number
  /** How many measures are in those groups. */
  readonly hiddenMeasures: number
  /** By measureName, why its aggregation is stuck (a NaN, a group that is too large). */
  readonly blocked: Readonly<Record<string, string>>
}

/** A DACC that listens on 127.0.0.1. */
export interface Dacc {
  readonly url: string
  /** Every HTTP request in the order of arrival. */
  readonly requests: readonly RequestRecord[]
  /** Decides about later requests; can be replaced at any time. */
  intercept: Intercept | undefined
  /** The stored measures, in the order of arrival. */
  measures(): Promise<readonly StoredMeasure[]>
  /** The refused measures, and in faithful mode the lost ones (status 201). */
  refused(): readonly RefusedMeasure[]
  /** Aggregates for a developer: whatever `accessApp` says, and with the number of hidden groups. */
  aggregate(query?: AggregateQuery): Promise<AggregateAnswer>
  close(): Promise<void>
}

/** The routes of a DACC. */
export function daccRoutes(parts: DaccParts): Handler {
  const { definitions, token, mode = 'strict', store, base = '/', received } = parts

  const receive = async (sent: string): Promise<Response> => {
    const outcome = decide(sent, definitions, mode)
    const { status, error, measure } = outcome
    if (measure !== undefined) await store.insert([measure])
    received?.({ sent, ...outcome })
    return status === 201 ? Response.json({ ok: true }, { status }) : failure(status, error ?? '')
  }

  const app = new Hono<Env>().basePath(base)
  app.get('/status', () => Response.json({ db: { status: 'ok' }, global_status: 'ok' }))
  app.post('/measure', (c) => {
    if (!isBearer(c.req.header('authorization'), token)) return unauthorized()
    const sent = isJson(c.req.header('content-type')) ? decode(c.env.body) : undefined
    return sent === undefined ? failure(500, 'the body is not JSON') : receive(sent)
  })
  app.on(['GET', 'POST'], '/aggregate', (c) => {
    if (!isBearer(c.req.header('authorization'), token)) return unauthorized()
    const sent = isJson(c.req.header('content-type')) ? decode(c.env.body) : 'null'
    return restitute(sent, definitions, store)
  })
  for (const path of ['/status', '/measure', '/aggregate']) {
    app.all(path, () => failure(405, 'The method is not allowed for the requested URL.'))
  }
  app.notFound(() => failure(404, 'The requested URL was not found on the server.'))
  app.onError((error) => failure(500, error.message))
  return {
    fetch: (request, env) => app.fetch(request, env),
    bodyBytes: (request) => {
      const isAllowed =
        request.method === 'OPTIONS' || isBearer(request.headers.get('authorization') ?? undefined, token)
      return isAllowed ? usualBytes(request) : undefined
    },
  }
}

/** Starts a DACC with its own port. */
export async function startDacc(options: DaccOptions): Promise<Dacc> {
  const definitions = readDefinitions(options.definitions)
  const { token, mode, store = new MemoryMeasureStore() } = options
  const stored: StoredMeasure[] = []
  const refused: RefusedMeasure[] = []
  const received = ({ error, measure, ...outcome }: Received): void => {
    if (measure !== undefined) stored.push(measure)
    if (error !== undefined) refused.push({ ...outcome, error })
  }

  const requests: RequestRecord[] = []
  const state = { intercept: options.intercept }
  const listening = await listen({
    handler: daccRoutes({ definitions, token, ...(mode && { mode }), store, received }),
    port: options.port ?? 0,
    observe: (record) => void requests.push(record),
    intercept: () => state.intercept,
  })
  return {
    url: listening.url,
    requests,
    get intercept() {
      return state.intercept
    },
    set intercept(intercept: Intercept | undefined) {
      state.intercept = intercept
    },
    measures: async () => [...stored],
    refused: () => [...refused],
    aggregate: (query = {}) => aggregateAll(query, definitions, store),
    close: listening.close,
  }
}

/** The outcome of a body. */
export type Outcome = Omit<Received, 'sent'>

/** Decides what a DACC does with a body. */
export function decide(sent: string, definitions: ReadonlyMap<string, Definition>, mode: Mode): Outcome {
  const body = tryParse(sent)
  if (body === undefined) return { status: 500, error: 'the body is not JSON' }
  const verdict = judge(sent, body, definitions)
  if (verdict.kind === 'refused') return verdict
  if (mode === 'strict') {
    const measure = body as JsonObject
    const definition = definitions.get(String(measure.get('measureName')))
    const fault =
      (definition && strictFault(measure, definition)) ?? (verdict.kind === 'lost' ? verdict.error : undefined)
    if (fault !== undefined) return { status: 400, error: fault }
  }
  return verdict.kind === 'lost' ? { status: 201, error: verdict.error } : { status: 201, measure: verdict.measure }
}

async function restitute(
  sent: string | undefined,
  definitions: ReadonlyMap<string, Definition>,
  store: MeasureStore,
): Promise<Response> {
  const query = sent === undefined ? undefined : tryParse(sent)
  if (query === undefined) return failure(500, 'the body is not JSON')
  if (query === null) return failure(400, 'The params cannot be empty')
  if (!(query instanceof Map)) return failure(500, 'the params are not an object')
  const name = query.get('measureName')
  if (name === undefined) return failure(400, 'A measure name must be given')
  const definition = definitions.get(typeof name === 'string' ? name : '')
  if (definition === undefined) return failure(400, `No measure definition found for: ${String(name)}`)
  if (definition.accessApp !== true)
    return failure(403, `You cannot access results for this measure: ${definition.name}`)

  const range: Record<string, string> = {}
  for (const field of ['startDate', 'endDate'] as const) {
    const date = query.get(field)
    if (date === undefined) return failure(400, `${field} must be given`)
    if (typeof date !== 'string') return failure(500, `${field} is not a string`)
    const read = readStartDate(date)
    if (read.kind === 'not-a-date') return failure(400, `${field} type is incorrect, it must be a date`)
    if (read.kind === 'lost') return failure(500, `${field} is not a full date for PostgreSQL`)
    range[field === 'startDate' ? 'from' : 'to'] = read.timestamp
  }
  const createdBy = query.get('createdBy')
  if (typeof createdBy === 'string') range['createdBy'] = createdBy
  return Response.json((await store.groups(definition, range)).published)
}

async function aggregateAll(
  query: AggregateQuery,
  definitions: ReadonlyMap<string, Definition>,
  store: MeasureStore,
): Promise<AggregateAnswer> {
  const { measureName, createdBy } = query
  if (measureName !== undefined && !definitions.has(measureName))
    throw new Error(`No measure definition found for: ${measureName}`)
  const [from, to] = [timestamp(query.startDate), timestamp(query.endDate)]
  const range = {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(createdBy !== undefined && { createdBy }),
  }
  const published: Aggregate[] = []
  const hidden: Aggregate[] = []
  const blocked: Record<string, string> = {}
  for (const definition of definitions.values()) {
    if (measureName !== undefined && definition.name !== measureName) continue
    const groups = await store.groups(definition, range)
    published.push(...groups.published)
    hidden.push(...groups.hidden)
    if (groups.blocked !== undefined) blocked[definition.name] = groups.blocked
  }
  const hiddenMeasures = hidden.reduce((total, { count }) => total + count, 0)
  return { published, hiddenGroups: hidden.length, hiddenMeasures, blocked }
}

function timestamp(date: string | undefined): string | undefined {
  if (date === undefined) return undefined
  const read = readStartDate(date)
  if (read.kind !== 'stored') throw new Error(`${date} is not a date; write it YYYY-MM-DD.`)
  return read.timestamp
}

function tryParse(text: string): JsonValue | undefined {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

/** The body's text, or `undefined` when it is not UTF-8. */
function decode(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return undefined
  }
}

function isBearer(header: string | undefined, token: string): boolean {
  return /^Bearer (.+)$/i.exec(header ?? '')?.[1] === token
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/(?:json|[^\s;]+\+json)\s*(?:;|$)/i.test(contentType ?? '')
}

function failure(status: number, error: string): Response {
  return Response.json({ error }, { status })
}

function unauthorized(): Response {
  return new Response('Unauthorized Access', {
    status: 401,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'www-authenticate': 'Bearer realm="Authentication Required"',
    },
  })
}

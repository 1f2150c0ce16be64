// The routes under `/dev`: what the page asks of the local stack, and changes in it.

import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { classifyAnswer, classifyNoAnswer, type Delivery } from '../../../pkg/wasm/dacc_aggregator.js'
import { addDays, FIRST_DAY, isDay, LAST_DAY } from '../../generate/calendar.ts'
import type { Dacc as Aggregator } from '../../types/index.d.ts'
import { type Databases, isDesign, loadHome } from '../cozy/database.ts'
import type { Aggregate } from '../dacc/aggregation.ts'
import { decide, type Mode } from '../dacc/dacc.ts'
import { DEFAULT_THRESHOLD, type Definition, thresholdOf } from '../dacc/definitions.ts'
import type { MeasureStore, Receipt } from '../dacc/measure-store.ts'
import { FaultError, type FaultSwitches, readFaults } from '../http/faults.ts'
import { isObject, jsonBody } from '../http/json.ts'
import { isOwn } from '../http/origins.ts'
import { type Env, type Handler, MANY_DOCUMENTS_BYTES, usualBytes } from '../http/server.ts'
import type { DevEvent, EventBus } from './event-bus.ts'
import { neighbourMeasures, type Period, periodBetween, periodOf } from './neighbours.ts'

/** The parts that these routes show and change. */
export interface DevParts {
  readonly aggregator: Aggregator
  readonly cozy: { readonly url: string; readonly token: string }
  readonly dacc: { readonly url: string; readonly token: string; readonly mode: Mode }
  readonly databases: Databases
  readonly store: MeasureStore
  readonly definitions: ReadonlyMap<string, Definition>
  readonly faults: FaultSwitches
  readonly events: EventBus
}

/** The key of the Cozy's own home; other keys are files that the page opened. */
const LIVE = 'live'

const HOME_KEY = /^[\w:-]{1,100}$/

/** Many more measures than a home sends in one run. */
const MAX_MEASURES = 10_000

/** Enough to reach any threshold, and few enough to generate while a person waits. */
const MAX_NEIGHBOURS = 100

/** The routes under `/dev`. They need no token, and answer only the page of the same server and local programs. */
export function devRoutes(parts: DevParts): Handler {
  const { aggregator, cozy, dacc, databases, store, definitions, faults, events } = parts
  const routes = new Hono<Env>().basePath('/dev')
  let neighbours = 0
  let batchId: string | undefined

  routes.use(async (c, next) => {
    if (!isOwn(c.req.raw.headers))
      return refusal(403, 'Only the page that is served here may ask for this; apps use /data with a token.')
    c.header('cache-control', 'no-store')
    await next()
    return undefined
  })

  routes.get('/state', async (c) =>
    c.json({
      cozy: { url: cozy.url, token: cozy.token },
      dacc: { url: dacc.url, token: dacc.token, mode: dacc.mode, threshold: DEFAULT_THRESHOLD },
      faults: faults.faults,
      counts: { documents: documentCount(databases), measures: await store.count(), neighbours },
    }),
  )

  routes.put('/faults', (c) => {
    faults.faults = readFaults(jsonBody(c.env.body))
    events.publish({ kind: 'faults', faults: faults.faults })
    return c.json(faults.faults)
  })

  routes.get('/home', (c) => c.json(homeFileOf(databases)))

  routes.put('/home', async (c) => {
    const home = jsonBody(c.env.body)
    if (!isObject(home))
      return refusal(400, 'A home is a JSON object, {"<doctype>": [document, …], …}; nothing was replaced.')
    const broken = Object.entries(home).find(
      ([, documents]) => !Array.isArray(documents) && typeof documents === 'object',
    )
    if (broken !== undefined) return refusal(400, `${broken[0]} is not a list of documents; nothing was replaced.`)
    databases.clear()
    // Another home has sent nothing yet; the same home, edited, keeps its receipts.
    if (c.req.query('same') === undefined) await store.forgetReceipts(LIVE)
    const loaded = loadHome(databases, home)
    await databases.settled()
    return c.json(loaded)
  })

  routes.post('/measures', async (c) => {
    const measures = jsonBody(c.env.body)
    if (!Array.isArray(measures)) return refusal(400, 'The body is not a list of measures.')
    if (measures.length > MAX_MEASURES)
      return refusal(400, `These are ${measures.length} measures; at most ${MAX_MEASURES} are taken at once.`)
    const home = c.req.query('home')
    if (home !== undefined && !HOME_KEY.test(home))
      return refusal(400, 'home is the key of a home: letters, digits, - and :, at most 100.')
    const known = new Map(home === undefined ? [] : (await receiptsOf(home)).map((receipt) => [receipt.cell, receipt]))
    const answers: SendOutcome[] = []
    // One after the other, as the service does.
    for (const measure of measures as unknown[]) {
      const [payload, cell] = [JSON.stringify(measure), cellOf(measure)]
      const earlier = known.get(cell)
      const { status, sentence, outcome, isFinal } = earlier ?? (await send(payload))
      answers.push({ status, sentence, outcome, isFinal })
      if (home !== undefined && earlier === undefined && isFinal)
        await store.keepReceipt(home, { cell, payload, status, sentence })
    }
    return c.json(answers)
  })

  routes.get('/measures', async (c) => {
    const home = c.req.query('home') ?? ''
    if (!HOME_KEY.test(home)) return refusal(400, 'home is the key of a home: letters, digits, - and :, at most 100.')
    return c.json(await receiptsOf(home))
  })

  routes.get('/aggregates', async (c) => {
    const name = c.req.query('measureName')
    if (name !== undefined && !definitions.has(name)) return refusal(404, `No measure definition found for: ${name}`)
    const asked = [...definitions.values()].filter((definition) => name === undefined || definition.name === name)
    return c.json((await Promise.all(asked.map(cells))).flat())
  })

  routes.post('/neighbours', async (c) => {
    const body = jsonBody(c.env.body)
    const count = isObject(body) ? body['count'] : undefined
    if (!(Number.isInteger(count) && Number(count) >= 1 && Number(count) <= MAX_NEIGHBOURS)) {
      return refusal(400, `count is a whole number from 1 to ${MAX_NEIGHBOURS}.`)
    }
    const period =
      isObject(body) && (body['from'] !== undefined || body['to'] !== undefined)
        ? givenPeriod(body['from'], body['to'])
        : await knownPeriod()
    if (period === undefined)
      return refusal(
        400,
        `from and to are the first and the last day, both as 2024-03-09 and from ${FIRST_DAY} to ${LAST_DAY}; no neighbour was added.`,
      )
    // The names of neighbours differ from those of an earlier start, whose measures are still stored.
    batchId ??= String(await store.count())
    let measures = 0
    for (let added = 0; added < Number(count); added += 1) {
      neighbours += 1
      const sent = neighbourMeasures(aggregator, `${batchId}-${neighbours}`, period).map((measure) =>
        decide(JSON.stringify(measure), definitions, 'strict'),
      )
      const stored = sent.flatMap(({ measure }) => measure ?? [])
      await store.insert(stored)
      measures += stored.length
    }
    events.publish({ kind: 'neighbours', count: Number(count), measures })
    return c.json({ neighbours, measures, period })
  })

  routes.get('/events', (c) =>
    streamSSE(c, async (stream) => {
      const tell = ({ kind, ...data }: DevEvent): void =>
        void stream.writeSSE({ event: kind, data: JSON.stringify(data) })
      const stop = events.subscribe(tell)
      await new Promise<void>((resolve) => stream.onAbort(resolve))
      stop()
    }),
  )

  routes.notFound(() => refusal(404, 'There is no such address; docs/stand-in.md lists those under /dev.'))
  routes.onError((error) => refusal(error instanceof FaultError ? 400 : 500, error.message))
  return {
    fetch: (request, env) => routes.fetch(request, env),
    bodyBytes: (request) => {
      if (!isOwn(request.headers)) return undefined
      const takesMany = ['/dev/home', '/dev/measures'].includes(new URL(request.url).pathname)
      return takesMany ? MANY_DOCUMENTS_BYTES : usualBytes(request)
    },
  }

  /** What the page sent for a home; for the Cozy's own home also what its service sent. */
  async function receiptsOf(home: string): Promise<readonly (Receipt & SendOutcome)[]> {
    const kept = (await store.receipts(home))
      .map((receipt) => ({ ...receipt, ...meaningOf(receipt) }))
      .filter(({ isFinal }) => isFinal)
    return home === LIVE ? [...sentByCozy(databases), ...kept] : kept
  }

  async function send(sent: string): Promise<SendOutcome> {
    try {
      const answer = await fetch(`${dacc.url}/measure`, {
        method: 'POST',
        headers: { authorization: `Bearer ${dacc.token}`, 'content-type': 'application/json' },
        body: sent,
      })
      const body = new Uint8Array(await answer.arrayBuffer())
      const { outcome, isFinal } = classifyAnswer(answer.status, answer.headers.get('content-type') ?? '', body)
      const sentence = answer.status === 201 ? afterCreated(sent) : errorOf(new TextDecoder().decode(body))
      return { status: answer.status, sentence, outcome, isFinal }
    } catch {
      const { outcome, isFinal } = classifyNoAnswer(true)
      return {
        status: 0,
        sentence: 'The connection was dropped before an answer came: it may have been stored.',
        outcome,
        isFinal,
      }
    }
  }

  /** What the server did with a measure that it answered with 201. */
  function afterCreated(sent: string): string {
    const { error } = decide(sent, definitions, dacc.mode)
    return error === undefined ? 'Stored.' : `Answered 201 and lost: ${error}.`
  }

  async function cells(definition: Definition): Promise<object[]> {
    const { published, hidden, blocked } = await store.groups(definition, {})
    const threshold = thresholdOf(definition)
    const cell = (isPublished: boolean) => (aggregate: Aggregate) => {
      const { measureName, startDate, createdBy, group1, group2, group3, count, ...figures } = aggregate
      return {
        measureName,
        startDate: startDate.slice(0, 10),
        createdBy,
        group1,
        group2,
        group3,
        count,
        threshold,
        published: isPublished,
        ...(isPublished && { aggregate: { count, ...figures } }),
        ...(blocked !== undefined && { blocked }),
      }
    }
    return [...published.map(cell(true)), ...hidden.map(cell(false))]
  }

  async function knownPeriod(): Promise<Period> {
    const days: string[] = []
    const months: string[] = []
    for (const definition of definitions.values()) {
      const { published, hidden } = await store.groups(definition, {})
      const dates = [...published, ...hidden].map(({ startDate }) => startDate.slice(0, 10))
      if (definition.aggregationPeriod === 'month') months.push(...dates.map((date) => date.slice(0, 7)))
      else days.push(...dates)
    }
    return periodOf(days, months, addDays(new Date().toISOString().slice(0, 10), -1))
  }
}

/** The requested period; undefined if these are no days. */
function givenPeriod(from: unknown, to: unknown): Period | undefined {
  if (
    typeof from !== 'string'
    || typeof to !== 'string'
    || !isDay(from)
    || !isDay(to)
    || from < FIRST_DAY
    || from > to
    || to > LAST_DAY
  )
    return undefined
  return periodBetween(from, to)
}

/** The cell of a measure: everything but its value. */
function cellOf(measure: unknown): string {
  if (!isObject(measure)) return JSON.stringify(measure)
  const { createdBy, measureName, startDate, group1, group2, group3 } = measure
  return JSON.stringify([createdBy, measureName, startDate, group1, group2, group3])
}

/** The outcome of sending a measure: the server's sentence and the core's classification. */
type SendOutcome = Pick<Receipt, 'status' | 'sentence'> & Pick<Delivery, 'outcome' | 'isFinal'>

/** Classifies a receipt by its status and the server's sentence. */
function meaningOf({ status, sentence }: Pick<Receipt, 'status' | 'sentence'>): Pick<Delivery, 'outcome' | 'isFinal'> {
  const body = new TextEncoder().encode(JSON.stringify({ error: sentence }))
  const { outcome, isFinal } = status === 0 ? classifyNoAnswer(true) : classifyAnswer(status, 'application/json', body)
  return { outcome, isFinal }
}

/** The ledger of the service. */
const LEDGER = 'com.grandlyon.ecolyo.dacc.measures'

/** The measures that were sent through the Cozy's remote doctypes, by its log. */
function sentByCozy(databases: Databases): (Receipt & SendOutcome)[] {
  // The log does not keep the server's sentence; for a 400 the ledger says whether it was a refusal.
  const entries = databases.find(LEDGER)?.documents() ?? []
  const states = new Map(
    entries.filter(({ measure }) => isObject(measure)).map(({ measure, state }) => [cellOf(measure), state]),
  )
  return (databases.find('io.cozy.remote.requests')?.documents() ?? []).flatMap(
    ({ variables, response_code: status }) => {
      const payload = isObject(variables) ? variables['data'] : undefined
      const measure = typeof payload === 'string' ? jsonBody(Buffer.from(payload)) : undefined
      if (typeof payload !== 'string' || !isObject(measure) || typeof status !== 'number') return []
      const cell = cellOf(measure)
      if (status === 400 && (states.get(cell) ?? 'refused') !== 'refused') return []
      const sentence = status === 201 ? 'Stored.' : `The service of this Cozy was answered ${status}.`
      const meaning = meaningOf({ status, sentence })
      return meaning.isFinal ? [{ cell, payload, status, sentence, ...meaning }] : []
    },
  )
}

/** The documents of a Cozy as a home file. */
export function homeFileOf(databases: Databases): Record<string, readonly object[]> {
  const documents = (doctype: string): object[] =>
    (databases.find(doctype)?.documents() ?? []).filter(({ _id }) => !isDesign(_id))
  return Object.fromEntries(databases.doctypes().map((doctype) => [doctype, documents(doctype)]))
}

function documentCount(databases: Databases): number {
  return Object.values(homeFileOf(databases)).reduce((total, { length }) => total + length, 0)
}

function errorOf(text: string): string {
  try {
    const body: unknown = JSON.parse(text)
    if (isObject(body) && typeof body['error'] === 'string') return body['error']
  } catch {
    // It is an HTML page; the sentence below says so.
  }
  return 'The answer was a page, not the DACC’s: it may have been stored.'
}

function refusal(status: number, error: string): Response {
  return Response.json({ error }, { status })
}

import { request } from 'node:http'
import type { TestContext } from 'node:test'
import { type Cozy, type CozyOptions, startCozy } from '../../../js/stand-in/cozy/cozy.ts'
import { type Dacc, type DaccOptions, startDacc } from '../../../js/stand-in/dacc/dacc.ts'

export const DACC_TOKEN = 'dacc-token'
export const COZY_TOKEN = 'cozy-token'

/** One definition with three groups, one without groups that apps may read, one with quartiles. */
export const definitions = {
  definitions: [
    {
      name: 'konnector-event-daily',
      org: 'grandlyon',
      createdBy: 'ecolyo',
      group1Key: 'slug',
      group2Key: 'event_type',
      group3Key: 'status',
      aggregationPeriod: 'day',
      aggregationThreshold: 5,
      accessApp: false,
    },
    {
      name: 'navigation-count-daily',
      group1Key: 'page',
      aggregationThreshold: 2,
      accessApp: true,
      withQuartiles: true,
    },
    { name: 'connection-count-monthly', accessApp: true },
  ],
}

/** The measure of the document. */
export const valid = {
  createdBy: 'ecolyo',
  measureName: 'konnector-event-daily',
  startDate: '2022-01-01',
  value: 2,
  group1: { slug: 'enedis' },
  group2: { event_type: 'connection' },
  group3: { status: 'success' },
}

/** Starts a DACC that stops with the test. */
export async function dacc(t: TestContext, options: Partial<DaccOptions> = {}): Promise<Dacc> {
  const started = await startDacc({ definitions, token: DACC_TOKEN, ...options })
  t.after(() => started.close())
  return started
}

/** Starts a Cozy that stops with the test. */
export async function cozy(t: TestContext, options: Partial<CozyOptions> = {}): Promise<Cozy> {
  const started = await startCozy({
    home: {},
    token: COZY_TOKEN,
    dacc: 'http://127.0.0.1:9',
    daccToken: DACC_TOKEN,
    ...options,
  })
  t.after(() => started.close())
  return started
}

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly text: string
  // The tests say what they expect of it.
  readonly json: any
}

export interface Sending {
  readonly method?: string
  readonly token?: string | undefined
  readonly contentType?: string
  readonly headers?: Record<string, string>
  /** A string is sent as it is, anything else as JSON. */
  readonly body?: unknown
}

/** Sends one request; also a GET with a body, which `fetch` refuses. */
export function send(url: string, sending: Sending = {}): Promise<Answer> {
  const { token, contentType = 'application/json', body } = sending
  const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const headers: Record<string, string> = { 'content-type': contentType, ...sending.headers }
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`
  if (payload !== undefined) headers['content-length'] = String(Buffer.byteLength(payload))
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: sending.method ?? 'GET', headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        let json: unknown
        try {
          json = JSON.parse(text)
        } catch {
          json = undefined
        }
        resolve({ status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? '', text, json })
      })
    })
    sent.on('error', reject)
    sent.end(payload)
  })
}

/** Posts a measure to a DACC. */
export function postMeasure(server: Dacc, body: unknown): Promise<Answer> {
  return send(`${server.url}/measure`, { method: 'POST', token: DACC_TOKEN, body })
}

/** Sends a request to a Cozy with its token. */
export function call(server: Cozy, method: string, path: string, body?: unknown): Promise<Answer> {
  return send(server.url + path, { method, token: COZY_TOKEN, ...(body !== undefined && { body }) })
}

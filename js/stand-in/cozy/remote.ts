// The routes under `/remote`: the stack passes measures on to the DACC.

import { Hono } from 'hono'
import { isObject, jsonBody } from '../http/json.ts'
import type { Env } from '../http/server.ts'
import { type Databases, newId } from './database.ts'
import { jsonApiError } from './errors.ts'
import { allowsWholeType, type Permissions } from './permissions.ts'

/** How long the stack waits for a remote server. */
const REMOTE_TIMEOUT_MS = 20_000

/** The first versions take `data` alone and always go to `/measure`. */
const FIRST_VERSIONS: ReadonlySet<string> = new Set(['cc.cozycloud.dacc', 'cc.cozycloud.dacc.dev'])

/** The second versions take `data` and the `path` to send it to. */
const SECOND_VERSIONS: ReadonlySet<string> = new Set([
  'cc.cozycloud.dacc_v2',
  'cc.cozycloud.dacc.dev_v2',
  'eu.mycozy.dacc_v2',
])

/** The content types that the stack passes on, beside images, audio and video. */
const ALLOWED_TYPES: ReadonlySet<string> = new Set([
  'application/json',
  'application/sparql-results+json',
  'application/xml',
  'text/plain',
  'text/xml',
])

/** The doctype with the log of remote requests. */
const REMOTE_REQUESTS = 'io.cozy.remote.requests'

interface RemoteOptions {
  readonly databases: Databases
  readonly permissions: Permissions | undefined
  /** Where the DACC listens. */
  readonly dacc: string
  readonly daccToken: string
}

/** The routes under `/remote`. They add the DACC's token, which apps never see. */
export function remoteRoutes({ databases, permissions, dacc, daccToken }: RemoteOptions): Hono<Env> {
  const api = new Hono<Env>()

  const refusal = (verb: string, doctype: string): Response | undefined => {
    if (!allowsWholeType(permissions, verb, doctype)) return jsonApiError(403, 'Forbidden')
    if (!FIRST_VERSIONS.has(doctype) && !SECOND_VERSIONS.has(doctype))
      return jsonApiError(404, 'the doctype has no request defined')
    return verb === 'POST' ? undefined : jsonApiError(405, 'POST')
  }

  api.get('/:doctype', (c) => refusal('GET', c.req.param('doctype')) ?? jsonApiError(405, 'POST'))

  api.post('/:doctype', async (c) => {
    const doctype = c.req.param('doctype')
    const refused = refusal('POST', doctype)
    if (refused !== undefined) return refused
    const variables = readVariables(c.env.body)
    if (variables === undefined) return jsonApiError(400, 'the variables are not valid')
    const { data } = variables
    const path = FIRST_VERSIONS.has(doctype) ? 'measure' : variables['path']
    if (data === undefined || path === undefined) {
      return jsonApiError(400, 'a variable is used in the template, but no value was given')
    }

    const url = `${dacc}/${encodeURIComponent(path)}`
    const answer = await forward(url, daccToken, data)
    if (answer === undefined) return jsonApiError(502, "can't connect to the remote host")
    const contentType = answer.headers.get('content-type') ?? ''
    if (!isAllowed(contentType)) return jsonApiError(502, 'the content-type for the response is not authorized')
    databases.ensure(REMOTE_REQUESTS).write(newId(), undefined, {
      doctype,
      verb: 'POST',
      url,
      response_code: answer.status,
      content_type: mediaType(contentType),
      variables,
      created_at: new Date().toISOString(),
    })
    return new Response(answer.body, { status: answer.status, headers: { 'content-type': contentType } })
  })
  return api
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: ArrayBuffer | null
}

/** The body's variables, or `undefined` unless all of them are strings. */
function readVariables(body: Uint8Array): Record<string, string> | undefined {
  const variables = jsonBody(body)
  if (!isObject(variables) || !Object.values(variables).every((value) => typeof value === 'string')) return undefined
  return variables as Record<string, string>
}

async function forward(url: string, token: string, data: string): Promise<Answer | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: data,
      signal: AbortSignal.timeout(REMOTE_TIMEOUT_MS),
    })
    const body = await response.arrayBuffer()
    // A 204 must not have a body, not even an empty one.
    return { status: response.status, headers: response.headers, body: body.byteLength === 0 ? null : body }
  } catch {
    return undefined
  }
}

function mediaType(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase()
}

function isAllowed(contentType: string): boolean {
  const type = mediaType(contentType)
  return ALLOWED_TYPES.has(type) || /^(image|audio|video)\/./.test(type)
}

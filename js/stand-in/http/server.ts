// An HTTP server for the stand-ins: it records requests, and can lose or replace them.

import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type HttpBindings, serve } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'

/** The stand-ins talk to this machine only, unless somebody asks for more. */
export const LOOPBACK = '127.0.0.1'

/** What asks for something is small; where more is taken, the handler says how much. */
const MAX_BODY_BYTES = 1024 * 1024

/** Documents by the hundred, and homes: a mistaken upload must not fill the memory. */
export const MANY_DOCUMENTS_BYTES = 64 * 1024 * 1024

/** One HTTP request as the log keeps it, in the order of arrival. */
export interface RequestRecord {
  readonly method: string
  /** Path and query as sent. */
  readonly path: string
  /** The status that was answered; `null` while it is open, and when the request or its answer was dropped. */
  status: number | null
}

/** What an interceptor sees of a request. */
export interface InterceptedRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** An answer made up by an interceptor, in place of the server's own. */
export interface MadeUpAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
  /** `true`: the server does its work first, and only its answer is replaced (a gateway that fails late). */
  readonly afterHandling?: boolean
}

/**
 * What becomes of a request: `drop-before` loses it before the server does anything, `drop-after`
 * lets the server do its work and loses the answer.
 */
export type Decision = 'pass' | 'drop-before' | 'drop-after' | MadeUpAnswer

/** Decides about each request before it is handled; a promise delays it. */
export type Intercept = (request: InterceptedRequest) => Decision | Promise<Decision>

/** Told of each request as it arrives; what it returns is called when the request is over. */
export type Observe = (record: RequestRecord) => (() => void) | undefined

/** A port that somebody else listens on. */
export class PortTaken extends Error {
  override name = 'PortTaken'
}

/** What a route handler finds in `c.env`: the whole body, also of a GET. */
export interface Env {
  Bindings: { readonly body: Uint8Array }
}

/** A server that listens. */
export interface Listening {
  readonly url: string
  close(): Promise<void>
}

/** What answers requests: a Hono app, or something that chooses between several. */
export interface Handler {
  fetch(request: Request, env: Env['Bindings']): Response | Promise<Response>
  /**
   * How many bytes of a body are read for this request. `undefined`: none, for whoever asks may not;
   * `fetch` is asked without it, and says so.
   */
  bodyBytes?(request: Request): number | undefined | Promise<number | undefined>
}

/** What is read of a body where the handler does not say. */
export function usualBytes({ method }: Request): number {
  // A browser's question whether a page may ask has no body.
  return method === 'OPTIONS' ? 0 : MAX_BODY_BYTES
}

/** How to listen. */
export interface ListenOptions {
  readonly handler: Handler
  /** The address to listen on. */
  readonly host?: string
  readonly port: number
  readonly observe: Observe
  /** Asked anew for each request, so that a test can change its mind. */
  readonly intercept: () => Intercept | undefined
}

/** Serves `handler` on the loopback address unless another is given; port 0 takes a free one. */
export function listen({ handler, host = LOOPBACK, port, observe, intercept }: ListenOptions): Promise<Listening> {
  const handle = async (request: Request, { incoming }: HttpBindings): Promise<Response> => {
    const record: RequestRecord = { method: incoming.method ?? '', path: incoming.url ?? '/', status: null }
    const over = observe(record)
    try {
      return await answer(request, incoming, record)
    } finally {
      over?.()
    }
  }
  const answer = async (request: Request, incoming: IncomingMessage, record: RequestRecord): Promise<Response> => {
    const { path } = record
    const most = handler.bodyBytes === undefined ? usualBytes(request) : await handler.bodyBytes(request)
    const body = most === undefined ? new Uint8Array() : await readBody(incoming, most)
    if (body === undefined) {
      record.status = 413
      return new Response('Request Entity Too Large', { status: 413, headers: { connection: 'close' } })
    }
    const decide = intercept()
    const decision = decide
      ? await decide({ method: record.method, path, headers: incoming.headers, body: Buffer.from(body).toString() })
      : 'pass'
    if (decision === 'drop-before') return drop(incoming)

    const handled =
      typeof decision === 'object' && decision.afterHandling !== true
        ? undefined
        : await handler.fetch(request, { body })
    if (decision === 'drop-after') return drop(incoming)

    const response = typeof decision === 'object' ? madeUp(decision) : (handled ?? new Response(null, { status: 500 }))
    record.status = response.status
    return most === undefined ? closing(response) : response
  }

  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      reject(
        error.code === 'EADDRINUSE'
          ? new PortTaken(`Port ${port} on ${host} is taken; choose another, or 0 for a free one.`)
          : error,
      )
    }
    const server = serve(
      { fetch: (request, env) => handle(request, env as HttpBindings), hostname: host, port },
      (address: AddressInfo) => {
        server.off('error', fail)
        resolve({ url: urlOf(address), close: () => close(server) })
      },
    ) as Server
    server.once('error', fail)
  })
}

function urlOf({ address, family, port }: AddressInfo): string {
  // Whoever listens everywhere is reached here on the loopback address.
  if (address === '0.0.0.0' || address === '::') return `http://${LOOPBACK}:${port}`
  return family === 'IPv6' ? `http://[${address}]:${port}` : `http://${address}:${port}`
}

/** The rest of a request is not read: nothing can follow it on its connection. */
function closing({ body, status, headers }: Response): Response {
  const closed = new Headers(headers)
  closed.set('connection', 'close')
  return new Response(body, { status, headers: closed })
}

async function readBody(incoming: IncomingMessage, most: number): Promise<Uint8Array | undefined> {
  if (Number(incoming.headers['content-length'] ?? 0) > most) return undefined
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of incoming as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength
    if (length > most) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function drop(incoming: IncomingMessage): Response {
  incoming.socket.destroy()
  return RESPONSE_ALREADY_SENT
}

function madeUp(answer: MadeUpAnswer): Response {
  return new Response(answer.body, {
    status: answer.status,
    headers: { ...answer.headers, 'content-type': answer.contentType },
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

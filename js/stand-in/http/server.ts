// An HTTP server for the stand-ins: it records requests, and can lose or replace them.

import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type HttpBindings, serve } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'

/** The default address: only this machine can connect. */
export const LOOPBACK = '127.0.0.1'

/** The default limit of a body; a handler can allow more. */
const MAX_BODY_BYTES = 1024 * 1024

/** The limit for many documents and homes, so that a wrong upload does not fill the memory. */
export const MANY_DOCUMENTS_BYTES = 64 * 1024 * 1024

/** One HTTP request as the log keeps it, in the order of arrival. */
export interface RequestRecord {
  readonly method: string
  /** Path and query as sent. */
  readonly path: string
  /** The status of the response; `null` while there is none, and if the request or response was dropped. */
  status: number | null
}

/** A request as an interceptor sees it. */
export interface InterceptedRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** A response of an interceptor that replaces the server's own. */
export interface MadeUpAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
  /** If true, the server handles the request first and only its response is replaced, as a late gateway failure. */
  readonly afterHandling?: boolean
}

/**
 * The decision about a request: `drop-before` loses it before the server handles it, `drop-after` handles it
 * and loses the response.
 */
export type Decision = 'pass' | 'drop-before' | 'drop-after' | MadeUpAnswer

/** Decides about each request before it is handled; a promise delays it. */
export type Intercept = (request: InterceptedRequest) => Decision | Promise<Decision>

/** Called for each request; the function that it returns is called when the request is over. */
export type Observe = (record: RequestRecord) => (() => void) | undefined

/** Another program listens on the port. */
export class PortTaken extends Error {
  override name = 'PortTaken'
}

/** What a route handler finds in `c.env`: the complete body, also of a GET. */
export interface Env {
  Bindings: { readonly body: Uint8Array }
}

/** A server that listens. */
export interface Listening {
  readonly url: string
  close(): Promise<void>
}

/** Handles requests: a Hono app, or a router of several. */
export interface Handler {
  fetch(request: Request, env: Env['Bindings']): Response | Promise<Response>
  /**
   * How many bytes of the body are read. `undefined` if the client is not allowed: `fetch` then gets no body
   * and refuses.
   */
  bodyBytes?(request: Request): number | undefined | Promise<number | undefined>
}

/** How many bytes of a body are read by default. */
export function usualBytes({ method }: Request): number {
  // A preflight has no body.
  return method === 'OPTIONS' ? 0 : MAX_BODY_BYTES
}

/** The options of a server. */
export interface ListenOptions {
  readonly handler: Handler
  /** The address to listen on. */
  readonly host?: string
  readonly port: number
  readonly observe: Observe
  /** Called for each request, so that a test can change it. */
  readonly intercept: () => Intercept | undefined
}

/** Listens with `handler`, on the loopback address by default; port 0 takes a free one. */
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
  // A server on all addresses is reached on the loopback address.
  if (address === '0.0.0.0' || address === '::') return `http://${LOOPBACK}:${port}`
  return family === 'IPv6' ? `http://[${address}]:${port}` : `http://${address}:${port}`
}

/** The rest of the request is not read, so the connection cannot be used again. */
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

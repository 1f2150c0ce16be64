// The error bodies of CouchDB and of the stack.

/** The error shapes of the Cozy stack. */

const JSON_API = 'application/vnd.api+json'

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
}

/** An error of the CouchDB part of the stack. */
export class CouchError extends Error {
  constructor(
    readonly status: 400 | 404 | 409 | 500,
    readonly error: string,
    readonly reason: string,
  ) {
    super(`${error}: ${reason}`)
  }

  /** The answer of the data API. */
  response(): Response {
    const body = { ok: false, status: String(this.status), error: this.error, reason: this.reason }
    return Response.json(body, { status: this.status })
  }
}

/** The document has changed since it was read. */
export function conflict(): CouchError {
  return new CouchError(409, 'conflict', 'Document update conflict.')
}

/** An error of the stack itself in the data API. */
export function dataError(status: number, message: string, headers: Record<string, string> = {}): Response {
  return Response.json({ error: message }, { status, headers })
}

/** An error of the stack itself elsewhere: JSON:API. */
export function jsonApiError(status: number, detail: string): Response {
  const errors = [{ status: String(status), title: TITLES[status] ?? 'Error', detail, source: {} }]
  return new Response(JSON.stringify({ errors }), { status, headers: { 'content-type': JSON_API } })
}

/** A JSON:API document. */
export function jsonApi(status: number, data: unknown): Response {
  return new Response(JSON.stringify({ data }), { status, headers: { 'content-type': JSON_API } })
}

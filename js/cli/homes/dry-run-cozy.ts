// Simulates a Cozy for a dry run: reads are real, writes only seem to happen.

import { MAX_PAGES, PAGE } from '../../base/limits.ts'
import type { HttpClient, HttpResponse, NoResponse } from '../../hosts/http-client.ts'
import { type CozyAccess, performRequest, type RunRequest } from '../../hosts/run.ts'
import { matcher } from '../../stand-in/cozy/selector.ts'
import type { Measure } from '../../types/index.d.ts'

/** How a bookmark begins where all documents are looked through. */
const LOOKED_THROUGH = 'looked-through:'

/**
 * A Cozy that is only read. Writes are answered as if they had happened, and measures are kept instead of
 * sent.
 */
export class DryRunCozy {
  readonly measures: Measure[] = []
  readonly #client: HttpClient
  readonly #cozy: CozyAccess
  #writes = 0

  constructor(client: HttpClient, cozy: CozyAccess) {
    this.#client = client
    this.#cozy = cozy
  }

  async request(request: RunRequest): Promise<HttpResponse | NoResponse> {
    const { method, url, body = '' } = request
    const [, doctype = '', call = ''] = /^\/data\/([^/]+)\/([^?]*)/.exec(url) ?? []
    if (method !== 'GET' && doctype === '') return this.#left(url, body)
    if (method === 'GET' || call === '_all_docs') return this.#ask(request)
    if (call === '_find') return this.#find(request, doctype)
    if (call === '_index') return answer(200, { result: 'exists' })
    if (call === '_bulk_docs') {
      const { docs } = JSON.parse(body) as { docs: { _id?: string }[] }
      return answer(
        201,
        docs.map(({ _id }) => ({ ok: true, id: _id, rev: this.#revision() })),
      )
    }
    return answer(200, { ok: true, id: call, rev: this.#revision() })
  }

  /** What would leave the Cozy. */
  #left(url: string, body: string): HttpResponse {
    const { data } = JSON.parse(body) as { data?: unknown }
    const isSend = typeof data === 'string' && !url.startsWith('/jobs/')
    if (isSend) this.measures.push(JSON.parse(data) as Measure)
    return answer(201, { ok: true })
  }

  /**
   * A query; without its index, which a run would make, all documents are
   * looked through. Each page of those that it finds is of one page of them.
   */
  async #find(request: RunRequest, doctype: string): Promise<HttpResponse | NoResponse> {
    const { selector, bookmark = '' } = JSON.parse(request.body ?? '{}') as {
      selector: Record<string, unknown>
      bookmark?: string
    }
    if (!bookmark.startsWith(LOOKED_THROUGH)) {
      const outcome = await this.#ask(request)
      if (!('status' in outcome) || outcome.status !== 400 || read(outcome)['error'] !== 'no_index') return outcome
    }
    const matches = matcher(selector)
    let from = bookmark.slice(LOOKED_THROUGH.length)
    for (let pages = 0; pages < MAX_PAGES; pages += 1) {
      const url = `/data/${doctype}/_normal_docs?limit=${PAGE}${from === '' ? '' : `&bookmark=${encodeURIComponent(from)}`}`
      const page = await this.#ask({ effect: 'request', method: 'GET', url })
      if (!('status' in page) || page.status !== 200) return page
      const { rows, bookmark: to = '' } = read(page) as { rows: object[]; bookmark?: string }
      const docs = rows.filter(matches)
      const isLast = rows.length < PAGE || to === '' || to === from
      if (isLast || docs.length > 0) return answer(200, { docs, next: !isLast, bookmark: `${LOOKED_THROUGH}${to}` })
      from = to
    }
    return { written: true, why: 'too-large', sentence: `${doctype}: its pages do not end` }
  }

  #ask(request: RunRequest): Promise<HttpResponse | NoResponse> {
    return performRequest(this.#client, request, this.#cozy)
  }

  #revision(): string {
    this.#writes += 1
    return `${this.#writes}-dry`
  }
}

function answer(status: number, body: unknown): HttpResponse {
  return {
    status,
    contentType: 'application/json',
    retryAfter: undefined,
    body: new TextEncoder().encode(JSON.stringify(body)),
  }
}

function read({ body }: HttpResponse): Record<string, unknown> {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>
  } catch {
    return {}
  }
}

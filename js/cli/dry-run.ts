import type { Measure } from '../index.d.ts'
import { type Cozy, type Request, perform } from '../service/drive.ts'
import type { Answer, Client, NoAnswer } from '../service/http.ts'
import { matcher } from '../stand-in/selector.ts'

/** As large a page as the Cozy gives. */
const PAGE = 1_000

/**
 * A Cozy that is only read. What a run would write is answered as if it were
 * written, and what it would send is kept instead.
 */
export class DryCozy {
  readonly measures: Measure[] = []
  readonly #client: Client
  readonly #cozy: Cozy
  #writes = 0

  constructor(client: Client, cozy: Cozy) {
    this.#client = client
    this.#cozy = cozy
  }

  async request(request: Request): Promise<Answer | NoAnswer> {
    const { method, url, body = '' } = request
    const [, doctype = '', call = ''] = /^\/data\/([^/]+)\/([^?]*)/.exec(url) ?? []
    if (method !== 'GET' && doctype === '') return this.#left(url, body)
    if (method === 'GET' || call === '_all_docs') return this.#ask(request)
    if (call === '_find') return this.#find(request, doctype)
    if (call === '_index') return answer(200, { result: 'exists' })
    if (call === '_bulk_docs') {
      const { docs } = JSON.parse(body) as { docs: { _id?: string }[] }
      return answer(201, docs.map(({ _id }) => ({ ok: true, id: _id, rev: this.#revision() })))
    }
    return answer(200, { ok: true, id: call, rev: this.#revision() })
  }

  /** What would leave the Cozy. */
  #left(url: string, body: string): Answer {
    const { data } = JSON.parse(body) as { data?: unknown }
    const isSend = typeof data === 'string' && !url.startsWith('/jobs/')
    if (isSend) this.measures.push(JSON.parse(data) as Measure)
    return answer(201, { ok: true })
  }

  /** A query; without its index, which a run would make, all documents are looked through. */
  async #find(request: Request, doctype: string): Promise<Answer | NoAnswer> {
    const outcome = await this.#ask(request)
    if (!('status' in outcome) || outcome.status !== 400 || read(outcome)['error'] !== 'no_index') return outcome
    const { selector } = JSON.parse(request.body ?? '{}') as { selector: Record<string, unknown> }
    const matches = matcher(selector)
    const docs: object[] = []
    for (let bookmark = ''; ;) {
      const url = `/data/${doctype}/_normal_docs?limit=${PAGE}${bookmark === '' ? '' : `&bookmark=${encodeURIComponent(bookmark)}`}`
      const page = await this.#ask({ effect: 'request', method: 'GET', url })
      if (!('status' in page) || page.status !== 200) return page
      const { rows, bookmark: next } = read(page) as { rows: object[]; bookmark?: string }
      docs.push(...rows.filter(matches))
      if (rows.length < PAGE || next === undefined || next === '' || next === bookmark) break
      bookmark = next
    }
    return answer(200, { docs, next: false, bookmark: '' })
  }

  #ask(request: Request): Promise<Answer | NoAnswer> {
    return perform(this.#client, request, this.#cozy)
  }

  #revision(): string {
    this.#writes += 1
    return `${this.#writes}-dry`
  }
}

function answer(status: number, body: unknown): Answer {
  return { status, contentType: 'application/json', retryAfter: undefined, body: new TextEncoder().encode(JSON.stringify(body)) }
}

function read({ body }: Answer): Record<string, unknown> {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>
  } catch {
    return {}
  }
}

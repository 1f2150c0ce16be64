// Requests over node:http and node:https. Not `fetch`: its parser is a second
// wasm memory, for which the service's address space has no room.

import http from 'node:http'
import https from 'node:https'

/** Longer than the 20 s in which the stack gives up on the DACC. */
const TIMEOUT_MILLIS = 30_000

/**
 * A kept connection that rested longer is not used again: the server may have
 * closed it meanwhile, and a measure sent into it would have an unknown fate.
 */
const MAX_IDLE_MILLIS = 2_000

export interface Answer {
  status: number
  contentType: string
  body: Uint8Array
}

/** One host's connections, kept open between requests. */
export class Client {
  readonly #agents = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: 1 }),
    'https:': new https.Agent({ keepAlive: true, maxSockets: 1 }),
  }

  #lastUse = 0

  /** The answer, or `undefined` if none came. Redirects are answers. */
  request(method: string, url: URL, headers: Record<string, string>, body?: string): Promise<Answer | undefined> {
    if (Date.now() - this.#lastUse > MAX_IDLE_MILLIS) this.close()
    const { request } = url.protocol === 'https:' ? https : http
    const agent = this.#agents[url.protocol === 'https:' ? 'https:' : 'http:']
    return new Promise((resolve) => {
      const settle = (answer: Answer | undefined) => {
        this.#lastUse = Date.now()
        resolve(answer)
      }
      const none = () => settle(undefined)
      const signal = AbortSignal.timeout(TIMEOUT_MILLIS)
      const sent = request(url, { method, headers, agent, signal }, (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', none)
        incoming.on('aborted', none)
        incoming.on('end', () => settle({
          status: incoming.statusCode ?? 0,
          contentType: incoming.headers['content-type'] ?? '',
          body: Buffer.concat(chunks),
        }))
      })
      sent.on('error', none)
      sent.end(body)
    })
  }

  /** Closes what is kept open, so that the process can end. */
  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy()
  }
}

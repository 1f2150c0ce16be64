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
  /** The `Retry-After` header, if it is a number of seconds. */
  retryAfter: number | undefined
  body: Uint8Array
}

/** No answer came. */
export interface NoAnswer {
  /** Whether the request may have left: false only if no connection was made. */
  written: boolean
}

/** Takes the body of a good answer as it comes. */
export type OnPiece = (bytes: Uint8Array) => void

/** One host's connections, kept open between requests. */
export class Client {
  readonly #agents = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: 1 }),
    'https:': new https.Agent({ keepAlive: true, maxSockets: 1 }),
  }

  #lastUse = 0

  /**
   * The answer, if one came whole. Redirects are answers. With `onPiece`, the body of an answer
   * with status 200 goes there and is never held; what was given of one that breaks off is void.
   * Rejects only with what `onPiece` throws.
   */
  request(
    method: string, url: URL, headers: Record<string, string>, body?: string, onPiece?: OnPiece,
  ): Promise<Answer | NoAnswer> {
    if (Date.now() - this.#lastUse > MAX_IDLE_MILLIS) this.close()
    const { request } = url.protocol === 'https:' ? https : http
    const agent = this.#agents[url.protocol === 'https:' ? 'https:' : 'http:']
    return new Promise((resolve, reject) => {
      let written = false
      const settle = (answer: Answer | NoAnswer) => {
        this.#lastUse = Date.now()
        resolve(answer)
      }
      const none = () => settle({ written })
      const signal = AbortSignal.timeout(TIMEOUT_MILLIS)
      const sent = request(url, { method, headers, agent, signal }, (incoming) => {
        const chunks: Buffer[] = []
        const keep = (chunk: Buffer) => { chunks.push(chunk) }
        const give = (chunk: Buffer) => {
          try {
            onPiece?.(chunk)
          } catch (error) {
            reject(error)
            sent.destroy()
          }
        }
        incoming.on('data', incoming.statusCode === 200 && onPiece ? give : keep)
        incoming.on('error', none)
        incoming.on('aborted', none)
        incoming.on('end', () => settle({
          status: incoming.statusCode ?? 0,
          contentType: incoming.headers['content-type'] ?? '',
          retryAfter: seconds(incoming.headers['retry-after']),
          body: Buffer.concat(chunks),
        }))
      })
      sent.on('socket', (socket) => {
        const connected = url.protocol === 'https:' ? 'secureConnect' : 'connect'
        if (sent.reusedSocket) written = true
        else socket.once(connected, () => { written = true })
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

function seconds(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : undefined
}

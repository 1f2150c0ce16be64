// Sends requests with node:http and node:https. `fetch` would not work in the service: its parser needs a
// second wasm memory, and the address space has no room for it.

import http from 'node:http'
import https from 'node:https'
import type { Unusable } from '../../pkg/wasm/dacc_aggregator.js'
import { MAX_ANSWER_BYTES } from '../base/limits.ts'

/** Longer than the 20 s that the stack waits for the DACC. */
const TIMEOUT_MILLIS = 30_000

/**
 * A connection that was idle for longer is not used again: the server may have closed it, and then nobody
 * could tell whether a measure sent over it arrived.
 */
const MAX_IDLE_MILLIS = 2_000

export interface HttpResponse {
  status: number
  contentType: string
  /** The `Retry-After` header, if it is a number of seconds. */
  retryAfter: number | undefined
  body: Uint8Array
}

/** No usable response came. */
export interface NoResponse {
  /** Whether the server may have got the request: false only if there was no connection. */
  written: boolean
  /** The reason, where trying again would not help. */
  why?: Unusable
  /** The reason as a sentence. */
  sentence?: string
}

/** Gets the body of a successful response, piece by piece. */
export type OnPiece = (bytes: Uint8Array) => void

/** A client that keeps its connections open between requests. */
export class HttpClient {
  readonly #agents = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: 1 }),
    'https:': new https.Agent({ keepAlive: true, maxSockets: 1 }),
  }

  #lastUse = 0

  /**
   * Resolves to the complete response; redirects are not followed. With `onPiece`, the body of a response
   * with status 200 goes there and is not held in memory; pieces of a body that breaks off are void.
   * Rejects only with what `onPiece` throws.
   */
  request(
    method: string,
    url: URL,
    headers: Record<string, string>,
    body?: string,
    onPiece?: OnPiece,
  ): Promise<HttpResponse | NoResponse> {
    if (Date.now() - this.#lastUse > MAX_IDLE_MILLIS) this.close()
    const { request } = url.protocol === 'https:' ? https : http
    const agent = this.#agents[url.protocol === 'https:' ? 'https:' : 'http:']
    return new Promise((resolve, reject) => {
      let written = false
      const settle = (answer: HttpResponse | NoResponse) => {
        this.#lastUse = Date.now()
        resolve(answer)
      }
      const none = () => settle({ written })
      let length = 0
      /** Counts a chunk; closes the connection where there are too many. */
      const fits = (chunk: Buffer): boolean => {
        length += chunk.length
        if (length <= MAX_ANSWER_BYTES) return true
        settle({
          written: true,
          why: 'too-large',
          sentence: `${url.origin}: an answer has more than ${MAX_ANSWER_BYTES / 2 ** 20} MiB, and was not read on`,
        })
        sent.destroy()
        return false
      }
      const signal = AbortSignal.timeout(TIMEOUT_MILLIS)
      const sent = request(url, { method, headers, agent, signal }, (incoming) => {
        const chunks: Buffer[] = []
        const keep = (chunk: Buffer) => {
          if (fits(chunk)) chunks.push(chunk)
          else chunks.length = 0
        }
        const give = (chunk: Buffer) => {
          try {
            if (fits(chunk)) onPiece?.(chunk)
          } catch (error) {
            reject(error)
            sent.destroy()
          }
        }
        incoming.on('data', incoming.statusCode === 200 && onPiece ? give : keep)
        incoming.on('error', none)
        incoming.on('aborted', none)
        incoming.on('end', () =>
          settle({
            status: incoming.statusCode ?? 0,
            contentType: incoming.headers['content-type'] ?? '',
            retryAfter: seconds(incoming.headers['retry-after']),
            body: Buffer.concat(chunks),
          }),
        )
      })
      sent.on('socket', (socket) => {
        const connected = url.protocol === 'https:' ? 'secureConnect' : 'connect'
        if (sent.reusedSocket) written = true
        else
          socket.once(connected, () => {
            written = true
          })
      })
      sent.on('error', (error: NodeJS.ErrnoException) => {
        const fault = written ? undefined : certificateFault(error)
        if (fault === undefined) none()
        else settle({ written, why: 'certificate', sentence: `${url.origin}: ${fault}` })
      })
      sent.end(body)
    })
  }

  /** Closes what is kept open, so that the process can end. */
  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy()
  }
}

/** Codes of certificates that nobody here vouches for, and of such as are no longer or not yet valid. */
const CERTIFICATE_FAULTS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself alone',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an authority that is not known here',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate is signed by an authority that is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by an authority that is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by an authority that is not known here',
  CERT_UNTRUSTED: 'its certificate is signed by an authority that is not trusted here',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; the clock of this machine may be wrong',
  CERT_REVOKED: 'its certificate was revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is of another name',
}

/** What is wrong with a server's certificate, and what to do, if that is what went wrong. */
function certificateFault({ code = '' }: NodeJS.ErrnoException): string | undefined {
  const fault = CERTIFICATE_FAULTS[code]
  if (fault === undefined) return undefined
  const cure = /known here|itself/.test(fault)
    ? '; NODE_EXTRA_CA_CERTS names a file of certificates for Node to trust besides, as cozy.pem'
    : ''
  return `${fault} (${code})${cure}`
}

function seconds(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : undefined
}

// A host for rights commands that uses `fetch`: for pages and Node.

import { MAX_ANSWER_BYTES } from '../base/limits.ts'
import { isToken, NOT_A_TOKEN } from '../base/token.ts'
import type { RightsFiles, RightsHost } from '../types/index.d.ts'

/** Longer than a stack needs for its largest page; after that the request counts as unanswered. */
const TIMEOUT_MILLIS = 30_000

/** The address of a Cozy and the token for it. */
interface CozyAccess {
  cozyUrl: string
  token: string
}

/** Creates a host that sends requests with `fetch`. */
export function fetchHost(files: RightsFiles, cozies: { home?: CozyAccess; former?: CozyAccess } = {}): RightsHost {
  for (const [name, { cozyUrl, token }] of Object.entries(cozies) as [string, CozyAccess][]) check(name, cozyUrl, token)
  return {
    files,
    wait: (millis) => new Promise((resolve) => setTimeout(resolve, millis)),
    request: async (home, { method, url, body }) => {
      const cozy = cozies[home]
      if (cozy === undefined) throw new TypeError(`${home}: the address of its Cozy is needed`)
      const headers: Record<string, string> = { accept: 'application/json', authorization: `Bearer ${cozy.token}` }
      if (body !== undefined) headers['content-type'] = 'application/json'
      try {
        const answer = await fetch(new URL(url, cozy.cozyUrl), {
          method,
          headers,
          redirect: 'manual',
          credentials: 'omit',
          signal: AbortSignal.timeout(TIMEOUT_MILLIS),
          ...(body !== undefined && { body }),
        })
        const whole = await readBounded(answer)
        if (whole === undefined) return { unusable: 'too-large' }
        const retryAfter = answer.headers.get('retry-after')
        return {
          status: answer.status,
          contentType: answer.headers.get('content-type') ?? '',
          retryAfter: retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined,
          body: whole,
        }
      } catch {
        return undefined
      }
    },
  }
}

/** The body of a response; undefined where it is longer than any that a Cozy sends. */
async function readBounded({ body }: Response): Promise<Uint8Array | undefined> {
  if (body === null) return new Uint8Array()
  const reader = body.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > MAX_ANSWER_BYTES) {
      await reader.cancel()
      return undefined
    }
    chunks.push(value)
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

/** What no request could be made with is told at once, and not as a Cozy that does not answer. */
function check(name: string, cozyUrl: string, token: string): void {
  if (!URL.canParse(cozyUrl) || !/^https?:$/.test(new URL(cozyUrl).protocol)) {
    throw new TypeError(`${name}: the address of a Cozy is needed, as https://name.mycozy.cloud`)
  }
  if (!isToken(token)) throw new TypeError(`${name}: ${NOT_A_TOKEN}`)
}

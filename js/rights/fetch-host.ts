import { NO_TOKEN, isToken } from '../service/environment.ts'
import type { Files, Host } from './host.ts'

/** Longer than a stack needs for its largest page; it then counts as no answer. */
const TIMEOUT_MILLIS = 30_000

/** A Cozy and what it takes to be let in. */
interface Cozy {
  cozyUrl: string
  token: string
}

/** A host whose Cozys are asked with `fetch`. */
export function fetchHost(files: Files, cozies: { home?: Cozy; former?: Cozy } = {}): Host {
  for (const [name, { cozyUrl, token }] of Object.entries(cozies) as [string, Cozy][]) check(name, cozyUrl, token)
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
          method, headers, redirect: 'manual', credentials: 'omit', signal: AbortSignal.timeout(TIMEOUT_MILLIS),
          ...(body !== undefined && { body }),
        })
        const retryAfter = answer.headers.get('retry-after')
        return {
          status: answer.status,
          contentType: answer.headers.get('content-type') ?? '',
          retryAfter: retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined,
          body: new Uint8Array(await answer.arrayBuffer()),
        }
      } catch {
        return undefined
      }
    },
  }
}

/** What no request could be made with is told at once, and not as a Cozy that does not answer. */
function check(name: string, cozyUrl: string, token: string): void {
  if (!URL.canParse(cozyUrl) || !/^https?:$/.test(new URL(cozyUrl).protocol)) {
    throw new TypeError(`${name}: the address of a Cozy is needed, as https://name.mycozy.cloud`)
  }
  if (!isToken(token)) throw new TypeError(`${name}: ${NO_TOKEN}`)
}

import type { Files, Host } from './host.ts'

/** A Cozy and what it takes to be let in. */
interface Cozy {
  cozyUrl: string
  token: string
}

/** A host whose Cozys are asked with `fetch`. */
export function fetchHost(files: Files, cozies: { home?: Cozy; former?: Cozy } = {}): Host {
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
          method, headers, redirect: 'manual', credentials: 'omit', ...(body !== undefined && { body }),
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

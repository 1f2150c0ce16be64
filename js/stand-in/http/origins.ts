// Tells requests of this machine from those of other sites' pages.

/** Which pages and names of this machine may ask. */

/** Names of this machine that no name server can change. */
const LOOPBACK_NAME = /^(?:localhost|(?:[a-z0-9-]+\.)+localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i

/** Whether a `Host` header names this machine. A page that has its own name pointed at 127.0.0.1 does not. */
export function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && URL.canParse(`http://${host}`) && LOOPBACK_NAME.test(new URL(`http://${host}`).hostname)
}

/** Whether an `Origin` header is that of a page which this machine serves. */
export function isLoopbackOrigin(origin: string): boolean {
  return /^https?:\/\//.test(origin) && URL.canParse(origin) && LOOPBACK_NAME.test(new URL(origin).hostname)
}

/** Whether a request comes from the server's own page or from no page at all. */
export function isOwn(headers: Headers): boolean {
  const site = headers.get('sec-fetch-site')
  const origin = headers.get('origin')
  if (site !== null && site !== 'same-origin' && site !== 'none') return false
  return origin === null || origin === `http://${headers.get('host')}`
}

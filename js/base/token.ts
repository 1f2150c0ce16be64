// The token with which an app or a service authenticates, and where it may be sent.

/** What is said of a text that cannot be sent as a token. */
export const NO_TOKEN = 'this is no token; one has neither spaces nor letters beyond ASCII'

/** Whether a text can be sent as a token. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text)
}

/** Whether what is sent there can be read on the way: neither encrypted, nor on this machine. */
export function isOpen({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && !/^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/i.test(hostname)
}

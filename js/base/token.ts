// The token with which an app or a service authenticates, and where it may be sent.

/** The message about a text that is no token. */
export const NOT_A_TOKEN = 'this is no token; one has neither spaces nor letters beyond ASCII'

/** Whether a text can be sent as a token in an HTTP header. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text)
}

/** Whether others could read what is sent to this address: it is neither encrypted nor on this machine. */
export function isUnencrypted({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && !/^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/i.test(hostname)
}

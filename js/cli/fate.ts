import type { Answer, NoAnswer } from '../service/http.ts'

/** What became of a measure that was sent by hand. */
export type Fate =
  /** The server took it. */
  | 'sent'
  /** The server refuses it, and would again. */
  | 'refused'
  /** It surely did not arrive, nor would the next. */
  | 'not-sent'
  /** It may have been stored. */
  | 'unknown'

/** What an outcome says of the measure, and why; the same as the nightly run makes of it. */
export function fateOf(outcome: Answer | NoAnswer): { fate: Fate; reason: string } {
  if (!('status' in outcome)) {
    if (outcome.sentence !== undefined) return { fate: outcome.written ? 'unknown' : 'not-sent', reason: outcome.sentence }
    return outcome.written
      ? { fate: 'unknown', reason: 'no answer came' }
      : { fate: 'not-sent', reason: 'no connection could be made' }
  }
  const { status, contentType } = outcome
  const isPage = /^\s*text\/html/i.test(contentType)
  const error = isPage ? undefined : daccError(outcome.body)
  if (status === 201 && !isPage) return { fate: 'sent', reason: 'the server took it' }
  if (status === 400 && error !== undefined && error !== 'Expired token') return { fate: 'refused', reason: error }
  if (status === 401 || error === 'Expired token') return { fate: 'not-sent', reason: 'the token is not accepted' }
  if (status === 403) return { fate: 'not-sent', reason: 'the app has no permission' }
  if (status === 404) return { fate: 'not-sent', reason: 'there is nothing that takes measures at this address' }
  if (status === 429) return { fate: 'not-sent', reason: 'it was turned away, too many requests' }
  if (status >= 300 && status < 500) return { fate: 'not-sent', reason: `the answer is ${status}` }
  return { fate: 'unknown', reason: isPage ? `a page came in place of an answer (${status})` : `the answer is ${status}` }
}

/** Whether a refusal is the fault of the server's definitions, and may pass: they come later than an app, or differ. */
export function isHeld(reason: string): boolean {
  return /^No measure definition found|key does not match measure definition/.test(reason)
}

/** The sentence of the DACC's `{"error": …}`, if the body is one. */
function daccError(body: Uint8Array): string | undefined {
  try {
    const { error } = JSON.parse(new TextDecoder().decode(body)) as { error?: unknown }
    return typeof error === 'string' ? error : undefined
  } catch {
    return undefined
  }
}

// Drives a run: performs its effects one after the other and hands back what
// came of them.

import type { Effect, Level, Report, Run } from '../../pkg/wasm/dacc_aggregator.js'
import type { Answer, Client, NoAnswer, OnPiece } from './http-client.ts'

/** A request that a run asks for. */
export type Request = Extract<Effect, { effect: 'request' }>

/** What performs the effects of a run. */
export interface Host {
  /** A host need not use `onPiece`, which is there where the request is one in pieces. */
  request(request: Request, onPiece?: OnPiece): Promise<Answer | NoAnswer>
  wait(millis: number): Promise<unknown>
  log(level: Level, message: string): void
}

/** The person's Cozy, and what it takes to be let in. */
export interface Cozy {
  cozyUrl: URL
  token: string
}

/** Takes a run from its first effect to its last. */
export async function drive(run: Run, host: Host): Promise<Report> {
  let effects = run.start(Date.now())
  for (;;) {
    const next = effects.at(-1)
    for (const effect of effects) if (effect.effect === 'log') host.log(effect.level, effect.message)
    if (next?.effect === 'done') {
      const { effect: _, ...report } = next
      return report
    }
    if (next?.effect === 'wait') {
      await host.wait(next.millis)
      effects = run.waited(Date.now())
    } else if (next?.effect === 'request') {
      const onPiece = next.inPieces ? (bytes: Uint8Array) => run.piece(Date.now(), bytes) : undefined
      const outcome = await host.request(next, onPiece)
      if ('status' in outcome) {
        effects = run.answer(Date.now(), outcome.status, outcome.contentType, outcome.retryAfter, outcome.body)
      } else if (outcome.why === undefined) {
        effects = run.noAnswer(Date.now(), outcome.written)
      } else {
        // What only a host can see; of what is too large the run says enough.
        if (outcome.why === 'certificate') host.log('error', outcome.sentence ?? outcome.why)
        effects = run.unusable(Date.now(), outcome.written, outcome.why)
      }
    } else {
      throw new Error('the run asks for nothing')
    }
  }
}

/** Makes a run's request. */
export function perform(
  client: Client,
  request: Request,
  { cozyUrl, token }: Cozy,
  onPiece?: OnPiece,
): Promise<Answer | NoAnswer> {
  const forCozy = request.url.startsWith('/')
  // Only the Cozy gets the token.
  const url = new URL(request.url, forCozy ? cozyUrl : undefined)
  const headers: Record<string, string> = { accept: 'application/json' }
  if (forCozy) headers['authorization'] = `Bearer ${token}`
  if (request.body !== undefined) {
    headers['content-type'] = 'application/json'
    headers['content-length'] = String(Buffer.byteLength(request.body))
  }
  return client.request(request.method, url, headers, request.body, onPiece)
}

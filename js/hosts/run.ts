// Executes a nightly run: performs its effects one after the other and returns their results to the core.

import type { Effect, Level, Report, Run } from '../../pkg/wasm/dacc_aggregator.js'
import type { HttpClient, HttpResponse, NoResponse, OnPiece } from './http-client.ts'

/** A request effect of a run. */
export type RunRequest = Extract<Effect, { effect: 'request' }>

/** Performs the effects of a run. */
export interface RunHost {
  /** `onPiece` is given where the run can read the body in pieces; a host may ignore it. */
  request(request: RunRequest, onPiece?: OnPiece): Promise<HttpResponse | NoResponse>
  wait(millis: number): Promise<unknown>
  log(level: Level, message: string): void
}

/** The address of a Cozy and the token for it. */
export interface CozyAccess {
  cozyUrl: URL
  token: string
}

/** Executes a run; resolves to its report. */
export async function executeRun(run: Run, host: RunHost): Promise<Report> {
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
        // Only the host sees why a certificate fails; the run itself reports what is too large.
        if (outcome.why === 'certificate') host.log('error', outcome.sentence ?? outcome.why)
        effects = run.unusable(Date.now(), outcome.written, outcome.why)
      }
    } else {
      throw new Error('the run asks for nothing')
    }
  }
}

/** Sends a request of a run to its Cozy. */
export function performRequest(
  client: HttpClient,
  request: RunRequest,
  { cozyUrl, token }: CozyAccess,
  onPiece?: OnPiece,
): Promise<HttpResponse | NoResponse> {
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

// The nightly service of a Cozy app, alone in its file: a thin host that
// performs the effects of a run.

import { randomInt } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { Run, initSync } from '../../pkg/wasm/dacc_aggregator.js'
import type { Effect, Options, Report } from '../../pkg/wasm/dacc_aggregator.js'
import bytes from '../../pkg/wasm/dacc_aggregator_bg.wasm'
import { timed } from '../dacc.ts'
import { hasRoom, startAgain } from './address-space.ts'
import { readEnvironment } from './environment.ts'
import type { Environment } from './environment.ts'
import { Client } from './http.ts'
import { log } from './log.ts'

/**
 * Runs the service once, in the environment that the stack gives it.
 *
 * `configuration` is what an app passes when it builds its service; it is laid
 * over `COZY_FIELDS`, which is laid over the defaults. Sets the exit code: 1
 * only where the stack's immediate second try can do no harm, because nothing
 * was sent.
 */
export async function service(configuration: Options = {}): Promise<Report | undefined> {
  try {
    if (!hasRoom()) {
      process.exitCode = await startAgain() ?? 0
      return undefined
    }
    const environment = readEnvironment(process.env)
    const report = await run({ ...environment.fields, ...configuration }, environment)
    process.exitCode = report.retry ? 1 : 0
    return report
  } catch (error) {
    // Errors of ours name an option or a variable, never a document.
    log('critical', error instanceof Error ? error.message : 'the service failed')
    process.exitCode = 1
    return undefined
  }
}

async function run(options: Options, environment: Environment): Promise<Report> {
  initSync({ module: bytes })
  const client = new Client()
  try {
    const { job, timeLimit } = environment
    const run = new Run(timed(options), { job, timeLimit, seed: randomInt(2 ** 47) })
    let effects = run.start(Date.now())
    for (;;) {
      const next = effects.at(-1)
      for (const effect of effects) if (effect.effect === 'log') log(effect.level, effect.message)
      if (next?.effect === 'done') {
        const { effect: _, ...report } = next
        return report
      }
      if (next?.effect === 'wait') {
        await setTimeout(next.millis)
        effects = run.waited(Date.now())
      } else if (next?.effect === 'request') {
        const outcome = await perform(client, next, environment)
        effects = 'status' in outcome
          ? run.answer(Date.now(), outcome.status, outcome.contentType, outcome.retryAfter, outcome.body)
          : run.noAnswer(Date.now(), outcome.written)
      } else {
        throw new Error('the run asks for nothing')
      }
    }
  } finally {
    client.close()
  }
}

function perform(client: Client, request: Extract<Effect, { effect: 'request' }>, { cozyUrl, token }: Environment) {
  const forCozy = request.url.startsWith('/')
  // Only the Cozy gets the token.
  const url = new URL(request.url, forCozy ? cozyUrl : undefined)
  const headers: Record<string, string> = { accept: 'application/json' }
  if (forCozy) headers['authorization'] = `Bearer ${token}`
  if (request.body !== undefined) {
    headers['content-type'] = 'application/json'
    headers['content-length'] = String(Buffer.byteLength(request.body))
  }
  return client.request(request.method, url, headers, request.body)
}

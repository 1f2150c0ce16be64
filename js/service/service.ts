// The nightly service of a Cozy app: a host that performs the effects of a run.

import { randomBytes, randomInt } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Options, Report } from '../../pkg/wasm/service/dacc_aggregator.js'
import { initSync, Run } from '../../pkg/wasm/service/dacc_aggregator.js'
import bytes from '../../pkg/wasm/service/dacc_aggregator_bg.wasm'
import { withNow } from '../base/clock.ts'
import { isUnencrypted } from '../base/token.ts'
import { HttpClient } from '../hosts/http-client.ts'
import { executeRun, performRequest } from '../hosts/run.ts'
import { hasRoom, startAgain } from './address-space.ts'
import type { Environment } from './environment.ts'
import { readEnvironment } from './environment.ts'
import { log } from './log.ts'

/**
 * Runs the service once, in the environment that the stack gives it.
 *
 * `configuration` is what an app passes when it builds its service; it is laid
 * over `COZY_FIELDS`, which is laid over the defaults. Sets the exit code: 1
 * only where the stack's immediate second try can do no harm: nothing was sent,
 * or the ledger tells what may have been, as after a crash.
 */
export async function service(configuration: Options = {}): Promise<Report | undefined> {
  try {
    if (!hasRoom()) {
      const again = await startAgain()
      if (typeof again === 'string') log('critical', `${again}: nothing was read or sent`)
      process.exitCode = typeof again === 'string' ? 0 : again
      return undefined
    }
    const environment = readEnvironment(process.env)
    if (isUnencrypted(environment.cozyUrl))
      log('warn', `${environment.cozyUrl.origin}: this is plain http, so that the token can be read on the way`)
    const report = await run({ ...environment.fields, ...configuration }, environment)
    process.exitCode = report.retry ? 1 : 0
    return report
  } catch (error) {
    // Our errors name an option or a variable, never the content of a document.
    log('critical', error instanceof Error ? error.message : 'the service failed')
    process.exitCode = 1
    return undefined
  }
}

async function run(options: Options, environment: Environment): Promise<Report> {
  initSync({ module: bytes })
  const client = new HttpClient()
  try {
    const { job, timeLimit } = environment
    return await executeRun(
      new Run(withNow(options), { job, timeLimit, seed: randomInt(2 ** 47), home: randomBytes(16).toString('hex') }),
      {
        request: (request, onPiece) => performRequest(client, request, environment, onPiece),
        wait: (millis) => setTimeout(millis),
        log,
      },
    )
  } finally {
    client.close()
  }
}

// Executes a rights command: performs its effects one after the other, in Node and in browsers.

import type { Options, RightsEffect, RightsTask, Unusable } from '../../pkg/wasm/dacc_aggregator.js'
import { Rights } from '../../pkg/wasm/dacc_aggregator.js'
import { withNow } from '../base/clock.ts'
import type { RightsAnswer, RightsHost } from '../types/index.d.ts'

/** A command was refused or failed; the message is one sentence. */
export class RightsError extends Error {
  override name = 'RightsError'
}

/** Executes a command; resolves to its outcome. */
export async function executeCommand(task: RightsTask, options: Options, host: RightsHost): Promise<unknown> {
  const rights = new Rights(task, withNow(options), Math.floor(Math.random() * 2 ** 47))
  try {
    let next = rights.start(Date.now())
    for (;;) {
      if (next.effect === 'done') return next.outcome
      if (next.effect === 'failed') throw new RightsError(next.why)
      next = await performEffect(rights, next, host)
    }
  } finally {
    try {
      rights.free()
    } catch {
      // After a panic it cannot be freed; the panic is the error to report.
    }
  }
}

type PendingEffect = Exclude<RightsEffect, { effect: 'done' | 'failed' }>

async function performEffect(rights: Rights, asked: PendingEffect, host: RightsHost): Promise<RightsEffect> {
  if (asked.effect === 'request') {
    const answer: RightsAnswer | { unusable: Unusable } | undefined = await host.request(asked.home, asked)
    const now = Date.now()
    if (answer !== undefined && 'unusable' in answer) return rights.unusable(now, answer.unusable)
    return answer === undefined
      ? rights.noAnswer(now)
      : rights.answer(now, answer.status, answer.contentType, answer.retryAfter, answer.body)
  }
  if (asked.effect === 'wait') {
    await host.wait(asked.millis)
    return rights.waited(Date.now())
  }
  const { files } = host
  try {
    if (asked.effect === 'read') return rights.bytes(Date.now(), await files.read(asked.file, asked.at, asked.length))
    if (asked.effect === 'append') await files.append(asked.file, asked.bytes)
    else if (asked.effect === 'commit') await files.commit(asked.file)
    else await files.discard(asked.file)
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be used'
    // A `FileError` names its file, which may be another than the one the effect is about.
    const isOfAnother = error instanceof Error && error.name === 'FileError'
    return rights.failed(Date.now(), isOfAnother ? why : `${asked.file}: ${why}`)
  }
  return rights.done(Date.now())
}

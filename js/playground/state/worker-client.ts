// Asks the worker a question; the answer is a promise.

import type { CallName, Calls, FromWorker } from '../protocol/protocol.ts'

interface Waiting {
  resolve: (answer: unknown) => void
  reject: (error: Error) => void
  progress: ((share: number) => void) | undefined
}

const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
const waiting = new Map<number, Waiting>()
let last = 0
let broken: Error | undefined

worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
  const question = waiting.get(data.id)
  if (question === undefined) return
  if ('progress' in data) {
    question.progress?.(data.progress)
    return
  }
  waiting.delete(data.id)
  if ('error' in data) question.reject(new Error(data.error))
  else question.resolve(data.answer)
})

// A worker that cannot even start answers nothing any more, now or later.
worker.addEventListener('error', ({ message }) => {
  broken = new Error(`${message || 'The worker could not be loaded'}; load the page again.`)
  for (const { reject } of waiting.values()) reject(broken)
  waiting.clear()
})

export function ask<Name extends CallName>(
  call: Name,
  argument: Calls[Name]['argument'],
  progress?: (share: number) => void,
): Promise<Calls[Name]['answer']> {
  last += 1
  const id = last
  return new Promise((resolve, reject) => {
    if (broken !== undefined) return reject(broken)
    waiting.set(id, { resolve: resolve as Waiting['resolve'], reject, progress })
    worker.postMessage({ id, call, argument })
  })
}

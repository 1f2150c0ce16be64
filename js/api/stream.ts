// Any stream of chunks, read to its end, or closed where it goes wrong.

import type { Events, Stream } from '../types/index.d.ts'

/** The chunks of a stream, and how it is closed before its end. */
interface Chunks {
  next(): Promise<IteratorResult<unknown>> | IteratorResult<unknown>
  close(reason: unknown): unknown
  /** Lets others read it. */
  release(): void
}

/** Whether it can be read chunk by chunk. */
export function isStream(source: unknown): source is Stream | Events {
  return (
    typeof source === 'object'
    && source !== null
    && !ArrayBuffer.isView(source)
    && (Symbol.asyncIterator in source || Symbol.iterator in source || 'getReader' in source)
  )
}

/**
 * Hands each chunk to `write`. Where reading, writing or the signal ends it
 * early, the stream is closed, and the error is the first one.
 */
export async function drain(
  source: Stream | Events,
  write: (chunk: unknown) => void,
  signal?: AbortSignal,
): Promise<void> {
  const chunks = open(source)
  let giveUp: (reason: unknown) => void = () => {}
  const abort = () => giveUp(signal?.reason)
  signal?.addEventListener('abort', abort)
  try {
    for (;;) {
      signal?.throwIfAborted()
      // One promise a chunk: a race against one that lives long would keep them all.
      const { done, value } = await new Promise<IteratorResult<unknown>>((resolve, reject) => {
        giveUp = reject
        Promise.resolve(chunks.next()).then(resolve, reject)
      })
      if (done === true) return
      write(value)
    }
  } catch (error) {
    // A stream that is asked for a chunk may never answer.
    const closed = (async () => chunks.close(error))().catch(() => {})
    if (signal?.aborted !== true) await closed
    throw error
  } finally {
    signal?.removeEventListener('abort', abort)
    chunks.release()
  }
}

function open(source: Stream | Events): Chunks {
  if ('getReader' in source) {
    const reader = source.getReader()
    return {
      next: () => reader.read() as Promise<IteratorResult<unknown>>,
      close: (reason) => reader.cancel(reason),
      release: () => reader.releaseLock(),
    }
  }
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
  return {
    next: () => iterator.next(),
    close: () => {
      // A stream of Node's is closed even while it is asked.
      if ('destroy' in source && typeof source.destroy === 'function') source.destroy()
      return iterator.return?.()
    },
    release: () => {},
  }
}

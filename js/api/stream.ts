// Reads any stream of chunks to its end, and closes it after an error.

import type { Events, Stream } from '../types/index.d.ts'

/** One interface for iterators and readers. */
interface Chunks {
  next(): Promise<IteratorResult<unknown>> | IteratorResult<unknown>
  close(reason: unknown): unknown
  /** Unlocks the stream for other readers. */
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
 * Passes each chunk to `write`. If reading, writing or the signal ends it early, closes the stream and
 * throws the first error.
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
      // A new promise for each chunk: `Promise.race` with one long-lived promise would keep all chunks in memory.
      const { done, value } = await new Promise<IteratorResult<unknown>>((resolve, reject) => {
        giveUp = reject
        Promise.resolve(chunks.next()).then(resolve, reject)
      })
      if (done === true) return
      write(value)
    }
  } catch (error) {
    // A stream that hangs may never close, so an aborted call does not wait for it.
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
      // `destroy` closes a stream of Node also while a read is pending.
      if ('destroy' in source && typeof source.destroy === 'function') source.destroy()
      return iterator.return?.()
    },
    release: () => {},
  }
}

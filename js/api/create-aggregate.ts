// Creates the `aggregate` function of a module: events in, measures out.

import type * as Glue from '../../pkg/wasm/aggregate/dacc_aggregator.js'
import { withNow } from '../base/clock.ts'
import type { Aggregating, Bytes, Events, Options, Outcome, Stream } from '../types/index.d.ts'
import { bytesOf } from './bytes.ts'
import { ChunkFeeder } from './chunk-feeder.ts'
import { withErrorCode, withErrorCodeLater } from './error-code.ts'
import { drain, isStream } from './stream.ts'

/** The functions that every module has, for an initialised module, its memory, and its app as JSON. */
export function createAggregate(
  wasm: Pick<typeof Glue, 'Aggregation' | 'describe'>,
  memory: WebAssembly.Memory,
  app?: string,
): Aggregating {
  if (app !== undefined) withErrorCode(() => wasm.describe(app))
  const createFeeder = (options?: Options) => new ChunkFeeder(new wasm.Aggregation(withNow(options)), memory)

  function aggregateBytes(bytes: Uint8Array, options?: Options): Outcome {
    const feeder = createFeeder(options)
    try {
      feeder.write(bytes)
      return feeder.end()
    } finally {
      feeder.free()
    }
  }

  async function aggregateStream(source: Stream | Events, options?: Options, signal?: AbortSignal): Promise<Outcome> {
    let feeder: ChunkFeeder | undefined
    try {
      const write = (chunk: unknown) => {
        feeder ??= createFeeder(options)
        feeder.write(chunk)
      }
      await drain(source, write, signal)
      feeder ??= createFeeder(options)
      return feeder.end()
    } finally {
      feeder?.free()
    }
  }

  function aggregate(source: Bytes, options?: Options): Outcome
  function aggregate(source: Stream | Events, options?: Options, signal?: AbortSignal): Promise<Outcome>
  function aggregate(
    source: Bytes | Stream | Events,
    options?: Options,
    signal?: AbortSignal,
  ): Outcome | Promise<Outcome> {
    const bytes = bytesOf(source)
    if (bytes !== undefined) return withErrorCode(() => aggregateBytes(bytes, options))
    if (isStream(source)) return withErrorCodeLater(aggregateStream(source, options, signal))
    throw new TypeError(
      'source: bytes (a Uint8Array, an ArrayBuffer, a string), a stream of them, or events as objects are needed',
    )
  }

  return { aggregate }
}

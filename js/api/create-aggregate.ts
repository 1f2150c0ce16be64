// The face of what every module can: events to measures.

import type * as Glue from '../../pkg/wasm/aggregate/dacc_aggregator.js'
import { timed } from '../base/clock.ts'
import type { Aggregating, Bytes, Events, Options, Outcome, Stream } from '../types/index.d.ts'
import { bytesOf } from './bytes.ts'
import { Feeder } from './chunk-feeder.ts'
import { refusing, refusingLater } from './error-code.ts'
import { drain, isStream } from './stream.ts'

/** The face of a module that is initialised, with its memory. */
export function aggregating(wasm: Pick<typeof Glue, 'Aggregation'>, memory: WebAssembly.Memory): Aggregating {
  const feeder = (options?: Options) => new Feeder(new wasm.Aggregation(timed(options)), memory)

  function whole(bytes: Uint8Array, options?: Options): Outcome {
    const fed = feeder(options)
    try {
      fed.write(bytes)
      return fed.end()
    } finally {
      fed.free()
    }
  }

  async function streamed(source: Stream | Events, options?: Options, signal?: AbortSignal): Promise<Outcome> {
    let fed: Feeder | undefined
    try {
      const write = (chunk: unknown) => {
        fed ??= feeder(options)
        fed.write(chunk)
      }
      await drain(source, write, signal)
      fed ??= feeder(options)
      return fed.end()
    } finally {
      fed?.free()
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
    if (bytes !== undefined) return refusing(() => whole(bytes, options))
    if (isStream(source)) return refusingLater(streamed(source, options, signal))
    throw new TypeError(
      'source: bytes (a Uint8Array, an ArrayBuffer, a string), a stream of them, or events as objects are needed',
    )
  }

  return { aggregate }
}

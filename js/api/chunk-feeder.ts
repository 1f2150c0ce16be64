// Copies chunks of any size and kind into the one buffer that an aggregation has in the module's memory,
// so that the input is never held as a whole.

import type { Aggregation } from '../../pkg/wasm/aggregate/dacc_aggregator.js'
import type { Outcome } from '../types/index.d.ts'
import { bytesOf } from './bytes.ts'
import { outcomeOf } from './outcome.ts'

const encoder = new TextEncoder()

/** The first half of a surrogate pair at the end of a text. */
const HALF = /[\uD800-\uDBFF]$/

export class ChunkFeeder {
  readonly #aggregation: Aggregation
  #isFinished = false
  readonly #memory: WebAssembly.Memory
  #view: Uint8Array
  #filled = 0
  #isBegun = false
  /** How many events came as objects. */
  #events = 0
  /** The first half of a surrogate pair whose second half may come with the next chunk. */
  #half = ''

  constructor(aggregation: Aggregation, memory: WebAssembly.Memory) {
    this.#aggregation = aggregation
    this.#memory = memory
    this.#view = this.#look()
  }

  /** Takes a chunk: bytes, a text that may end within a surrogate pair, or an event as an object. */
  write(chunk: unknown): void {
    const bytes = typeof chunk === 'string' ? undefined : bytesOf(chunk)
    const isEvent = bytes === undefined && typeof chunk === 'object' && !ArrayBuffer.isView(chunk)
    if (isEvent !== this.#events > 0 && this.#isBegun) {
      throw new TypeError('the source has bytes and objects; it is the one or the other')
    }
    this.#isBegun = true
    if (typeof chunk === 'string') this.#text(chunk)
    else if (isEvent) this.#event(chunk)
    else if (bytes !== undefined) this.#bytes(bytes)
    else {
      throw new TypeError(
        'a chunk of the source is neither bytes (a Uint8Array, an ArrayBuffer), a string, nor an event as an object',
      )
    }
  }

  #bytes(bytes: Uint8Array): void {
    this.#text('', true)
    if (bytes.length > this.#view.length) this.#aggregation.expect(bytes.length)
    for (let at = 0; at < bytes.length; ) {
      const room = this.#room()
      const piece = bytes.subarray(at, at + room.length)
      room.set(piece)
      this.#written(piece.length)
      at += piece.length
    }
  }

  /** Ends the input; returns the outcome. */
  end(): Outcome {
    this.#text(this.#events > 0 ? ']' : '', true)
    this.#flush()
    // The module frees it, whatever comes of it.
    this.#isFinished = true
    return outcomeOf(this.#aggregation.finish())
  }

  /** Frees the module's memory, if `end` has not done so. */
  free(): void {
    if (this.#isFinished) return
    try {
      this.#aggregation.free()
    } catch {
      // After a panic it cannot be freed; the panic is the error to report.
    }
  }

  /** An event as an object is one of an array. */
  #event(event: unknown): void {
    this.#text(`${this.#events === 0 ? '[' : ','}${this.#json(event)}`)
    this.#events += 1
  }

  #json(event: unknown): string {
    try {
      const text = JSON.stringify(event) as string | undefined
      if (text !== undefined) return text
    } catch {
      // A cycle or a bigint. The engine's message could show a value, so it is not passed on.
    }
    throw Object.assign(new TypeError(`events[${this.#events}]: it cannot be written as JSON`), {
      code: 'input',
      path: `events[${this.#events}]`,
    })
  }

  #text(text: string, isLast = false): void {
    let rest = this.#half + text
    this.#half = isLast ? '' : (HALF.exec(rest)?.[0] ?? '')
    rest = rest.slice(0, rest.length - this.#half.length)
    while (rest !== '') {
      const { read, written } = encoder.encodeInto(rest, this.#room())
      this.#written(written)
      // The next character has no room.
      if (read === 0) this.#flush()
      rest = rest.slice(read)
    }
  }

  #room(): Uint8Array {
    // Where the memory grew, the view is of nothing.
    if (this.#view.length === 0) this.#view = this.#look()
    return this.#view.subarray(this.#filled)
  }

  #look(): Uint8Array {
    return new Uint8Array(this.#memory.buffer, this.#aggregation.address, this.#aggregation.capacity)
  }

  #written(length: number): void {
    this.#filled += length
    if (this.#filled === this.#view.length) this.#flush()
  }

  #flush(): void {
    this.#aggregation.feed(this.#filled)
    this.#filled = 0
  }
}

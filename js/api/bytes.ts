// What a caller may hand over where bytes are wanted.

import type { Bytes } from '../types/index.d.ts'

const encoder = new TextEncoder()

/** The bytes of it, not copied where it is bytes; `undefined` where it is none. */
export function bytesOf(source: unknown): Uint8Array | undefined {
  if (typeof source === 'string') return encoder.encode(source)
  // Not `instanceof`: bytes may come from another realm.
  if (ArrayBuffer.isView(source)) return isUint8Array(source) ? source : undefined
  return Object.prototype.toString.call(source) === '[object ArrayBuffer]'
    ? new Uint8Array(source as ArrayBuffer)
    : undefined
}

function isUint8Array(view: ArrayBufferView): view is Uint8Array {
  return Object.prototype.toString.call(view) === '[object Uint8Array]'
}

/** The bytes of it, or a sentence. */
export function checked(source: Bytes): Uint8Array {
  const bytes = bytesOf(source)
  if (bytes !== undefined) return bytes
  throw new TypeError('bytes: a Uint8Array, an ArrayBuffer or a string is needed')
}

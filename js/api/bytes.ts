// Reads the forms in which a caller may give bytes.

import type { Bytes } from '../types/index.d.ts'

const encoder = new TextEncoder()

/** The bytes of a string, Uint8Array or ArrayBuffer, without a copy where possible; `undefined` for anything else. */
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

/** The bytes, or an error that says what is needed. */
export function requireBytes(source: Bytes): Uint8Array {
  const bytes = bytesOf(source)
  if (bytes !== undefined) return bytes
  throw new TypeError('bytes: a Uint8Array, an ArrayBuffer or a string is needed')
}

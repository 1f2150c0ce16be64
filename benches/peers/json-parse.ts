// JSON.parse alone: no program that reads the events as objects is faster.

import type { Input, Peer } from './peer.ts'

let text = ''

/** The text is there already. */
export const jsonParse: Peer = {
  load({ bytes }: Input) {
    text = bytes.toString()
  },
  run() {
    return JSON.parse(text)
  },
}

let bytes: Buffer

const decoder = new TextDecoder()

/** From the bytes, as they come over HTTP. */
export const jsonParseBytes: Peer = {
  load(input: Input) {
    bytes = input.bytes
  },
  run() {
    return JSON.parse(decoder.decode(bytes))
  },
}

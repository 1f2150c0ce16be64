// Reads the homes of a file, one at a time.

import type { Dacc } from '../../types/index.d.ts'
import { isRefusal, UsageError } from '../terminal/errors.ts'
import type { Input } from './input.ts'
import { concatenate, LineReader } from './lines.ts'

/** The bytes of one home. */
export interface HomeBytes {
  bytes: Uint8Array
  /** Where it stands in a file of many; undefined if the file is one home. */
  line: number | undefined
}

/**
 * The homes of an input, one after the other, never all at once.
 *
 * Many homes are one a line: in a file whose name ends in `.ndjson`, and
 * wherever the first line is an object by itself and others follow. Anything
 * else is one home, however many lines it has.
 */
export async function* readHomes(input: Input, isObject: (bytes: Uint8Array) => boolean): AsyncGenerator<HomeBytes> {
  const lines = new LineReader(input.name, input.chunks)
  try {
    yield* input.name.endsWith('.ndjson') ? many(input.name, lines) : guessed(input.name, lines, isObject)
  } finally {
    await lines.close()
  }
}

async function* many(name: string, lines: LineReader): AsyncGenerator<HomeBytes> {
  let line = 0
  let isEmpty = true
  for (let bytes = await lines.next(); bytes !== undefined; bytes = await lines.next()) {
    line += 1
    if (isBlank(bytes)) continue
    isEmpty = false
    yield { bytes, line }
  }
  if (isEmpty) throw new UsageError(`${name}: it is empty; a home a line is needed`)
}

async function* guessed(
  name: string,
  lines: LineReader,
  isObject: (bytes: Uint8Array) => boolean,
): AsyncGenerator<HomeBytes> {
  const head: Uint8Array[] = []
  const first = await untilText(lines, head)
  if (first === undefined) {
    throw new UsageError(`${name}: it is empty; a home is needed, {"<doctype>": [document, …], …}`)
  }
  if (!isObject(first)) {
    yield { bytes: concatenate([...head, await lines.rest()]), line: undefined }
    return
  }
  let line = head.length
  const second = await untilText(lines, head)
  if (second === undefined) {
    yield { bytes: concatenate(head), line: undefined }
    return
  }
  yield { bytes: first, line }
  line = head.length
  for (let bytes: Uint8Array | undefined = second; bytes !== undefined; bytes = await lines.next(), line += 1) {
    if (!isBlank(bytes)) yield { bytes, line }
  }
}

/** The next line that is not blank; it and those before it are added to `seen`. */
async function untilText(lines: LineReader, seen: Uint8Array[]): Promise<Uint8Array | undefined> {
  for (let bytes = await lines.next(); bytes !== undefined; bytes = await lines.next()) {
    seen.push(bytes)
    if (!isBlank(bytes)) return bytes
  }
  return undefined
}

/** The label of a home in messages. */
export function homeLabel(input: Input, { line }: HomeBytes): string {
  return line === undefined ? input.name : `${input.name}, line ${line}`
}

/** Calls `work`; an error of the module gets the label of the home. */
export function withHomeLabel<T>(input: Input, home: HomeBytes, work: (bytes: Uint8Array) => T): T {
  const place = homeLabel(input, home)
  const begins = firstByte(home.bytes)
  if (begins === OPENING_BRACKET) {
    throw new UsageError(`${place}: this is an array; a home is an object, {"<doctype>": [document, …], …}`)
  }
  if (begins !== OPENING_BRACE) {
    throw new UsageError(`${place}: this is not a JSON object; a home is {"<doctype>": [document, …], …}`)
  }
  try {
    return work(home.bytes)
  } catch (error) {
    if (!isRefusal(error)) throw error
    const message = error.message.replace(/^the home: /, '')
    // The module saw one line only, so its number and the byte mean nothing.
    const own = home.line === undefined ? message : message.replace(/line 1, (column \d+) \(byte \d+\)$/, '$1')
    throw new UsageError(`${place}: ${own}`)
  }
}

const OPENING_BRACE = 0x7b
const OPENING_BRACKET = 0x5b
const BLANK = [0x20, 0x09, 0x0d, 0x0a]
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]

function isBlank(bytes: Uint8Array): boolean {
  return firstByte(bytes) === undefined
}

/** The first byte that is neither blank to JSON nor of a byte order mark. */
function firstByte(bytes: Uint8Array): number | undefined {
  const start = BYTE_ORDER_MARK.every((byte, at) => bytes[at] === byte) ? BYTE_ORDER_MARK.length : 0
  for (let at = start; at < bytes.length; at += 1) {
    if (!BLANK.includes(bytes[at]!)) return bytes[at]
  }
  return undefined
}

/** Whether the bytes are one JSON object, as a home is. */
export function isObject(dacc: Dacc, bytes: Uint8Array): boolean {
  try {
    dacc.homeName(bytes)
    return true
  } catch (error) {
    if (isRefusal(error)) return false
    throw error
  }
}

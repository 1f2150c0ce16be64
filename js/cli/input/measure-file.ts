// Reads the measures of a file, each with its position.

import { findNodeAtLocation, parseTree, visit } from 'jsonc-parser'
import { skipWhitespace, trimWhitespace } from '../../base/json-whitespace.ts'
import { parse } from '../../stand-in/dacc/python-json.ts'
import { UsageError } from '../terminal/errors.ts'
import type { Input } from './input.ts'
import { concatenate, LineReader } from './lines.ts'

/** A position in a file; both numbers start at 1. */
export interface Position {
  line: number
  column: number
}

/** The text of one measure and its position. */
export interface MeasureText extends Position {
  text: string
  /** Of a file of many homes, as `preview --ndjson` prints them: whose it is. */
  home: string | undefined
  /** How many bytes of the file are read with it. */
  bytes: number
}

/**
 * The measures of a file: one a line, or a JSON array of them, or one alone
 * over several lines. A line that is not JSON is one too: somebody has to say
 * so.
 */
export async function* readMeasures(input: Input): AsyncGenerator<MeasureText> {
  const lines = new LineReader(input.name, input.chunks)
  try {
    let line = 0
    let isFirst = true
    for (let bytes = await lines.next(); bytes !== undefined; bytes = await lines.next()) {
      line += 1
      const text = decoded(bytes, line)
      if (trimWhitespace(text) === '') continue
      if (isFirst && (trimWhitespace(text).startsWith('[') || trimWhitespace(text) === '{')) {
        yield* inText(input.name, decoded(concatenate([bytes, await lines.rest()]), line), line)
        return
      }
      isFirst = false
      yield ofLine(text, line, bytes.length)
    }
    if (isFirst) throw new UsageError(`${input.name}: it is empty; measures are needed, one a line or in a JSON array`)
  } finally {
    await lines.close()
  }
}

/** The position of a field in the file; of a missing field, that of its parent. */
export function fieldPosition({ text, line, column }: MeasureText, path: readonly string[]): Position {
  let node = parseTree(text, [], { disallowComments: true })
  let offset = 0
  for (const key of path) {
    const property = node?.children?.find(({ type, children }) => type === 'property' && children?.[0]?.value === key)
    if (property === undefined) break
    node = property.children?.[1]
    // A value that is none, as NaN, stands nowhere: its key does.
    offset = (node ?? property).offset
  }
  return shiftPosition(text, offset, { line, column })
}

/** The position of an offset in a text that itself begins at a position. */
export function shiftPosition(text: string, offset: number, { line, column }: Position): Position {
  const before = text.slice(0, offset).split('\n')
  const last = before.at(-1)?.length ?? 0
  return before.length === 1 ? { line, column: column + last } : { line: line + before.length - 1, column: last + 1 }
}

/** Finds where a text stops being valid JSON for the server, and why; undefined if it is valid. */
export function findJsonError(text: string): { at: number; sentence: string } | undefined {
  try {
    parse(text)
    return undefined
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const sentence = error.message.startsWith('Nested')
      ? 'arrays and objects lie in each other too deep'
      : 'this is not JSON'
    return { at: Number(/\d+$/.exec(error.message)?.[0] ?? 0), sentence }
  }
}

/** Keys that occur twice in a measure or a group: the server uses the last one. */
export function duplicateKeys(text: string): string[][] {
  const seen = new Set<string>()
  const twice: string[][] = []
  visit(text, {
    onObjectProperty: (key, _offset, _length, _line, _column, path) => {
      const full = [...path().map(String), key]
      const name = JSON.stringify(full)
      if (seen.has(name)) twice.push(full)
      seen.add(name)
    },
  })
  return twice
}

function ofLine(text: string, line: number, bytes: number): MeasureText {
  const own = trimWhitespace(text)
  const column = skipWhitespace(text) + 1
  // A look into it goes as deep as it does.
  if (!own.includes('"home"') || findJsonError(own) !== undefined)
    return { text: own, line, column, home: undefined, bytes }
  const root = parseTree(own, [], { disallowComments: true })
  const measure = root && findNodeAtLocation(root, ['measure'])
  const home = root && findNodeAtLocation(root, ['home'])
  if (measure === undefined || home === undefined) return { text: own, line, column, home: undefined, bytes }
  const { offset, length } = measure
  return { text: own.slice(offset, offset + length), line, column: column + offset, home: String(home.value), bytes }
}

/** The elements of an array, or the one value that a text is. */
function* inText(name: string, text: string, line: number): Generator<MeasureText> {
  const start = { line, column: 1 }
  const broken = findJsonError(text)
  if (broken !== undefined) {
    const place = shiftPosition(text, broken.at, start)
    throw new UsageError(`${name}: ${broken.sentence} at line ${place.line}, column ${place.column}`)
  }
  let place: Position = start
  let at = 0
  for (const [from, to] of elements(text)) {
    // From the last one on: a file has many.
    place = shiftPosition(text.slice(at, from), from - at, place)
    at = from
    yield { text: text.slice(from, to), ...place, home: undefined, bytes: to - from }
  }
}

/** From where to where each element of an array is; a text that is no array is one element. */
function elements(text: string): [from: number, to: number][] {
  const found: [number, number][] = []
  let depth = trimWhitespace(text).startsWith('[') ? 0 : 1
  let from = 0
  const begin = (offset: number) => {
    if (depth === 1) from = offset
    depth += 1
  }
  const end = (offset: number, length: number) => {
    depth -= 1
    if (depth === 1) found.push([from, offset + length])
  }
  visit(text, {
    onObjectBegin: begin,
    onArrayBegin: begin,
    onObjectEnd: end,
    onArrayEnd: end,
    onLiteralValue: (_, offset, length) => {
      if (depth === 1) found.push([offset, offset + length])
    },
  })
  return found
}

function decoded(bytes: Uint8Array, line: number): string {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  return line === 1 ? text.replace(/^\ufeff/, '') : text
}

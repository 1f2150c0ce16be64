// Finds the documents of a file without reading what is in them: each stays
// the text it was written as, so that what is computed is what was opened.

import { skipWhitespace, trimWhitespace } from '../../base/json-whitespace.ts'

const EVENTS = 'com.grandlyon.ecolyo.usageevents'

/** A file cut around its events: `before + events.join(separator) + after` is the file. */
export interface DocumentSlices {
  kind: 'home' | 'events'
  before: string
  separator: string
  after: string
  events: string[]
  /** How many documents of every other doctype. */
  others: Record<string, number>
}

/** A file of several homes, one a line. */
export interface Homes {
  homes: string[]
}

/** The text stops being JSON at a position. */
export class NotJson extends Error {}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN = new Set([0x5b, 0x7b])
const CLOSE = new Set([0x5d, 0x7d])

/** Where the string that begins at `at` ends. */
function endOfString(text: string, at: number): number {
  let end = at + 1
  for (;;) {
    end = text.indexOf('"', end)
    if (end === -1) throw new NotJson()
    let backslashes = 0
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1
    end += 1
    if (backslashes % 2 === 0) return end
  }
}

/** Where the value that begins at `at` ends. */
function endOfValue(text: string, at: number): number {
  const first = text.charCodeAt(at)
  if (first === QUOTE) return endOfString(text, at)
  if (!OPEN.has(first)) {
    let end = at
    while (end < text.length && !' \t\r\n,]}'.includes(text.charAt(end))) end += 1
    if (end === at) throw new NotJson()
    return end
  }
  let depth = 0
  for (let end = at; end < text.length; end += 1) {
    const character = text.charCodeAt(end)
    if (character === QUOTE) end = endOfString(text, end) - 1
    else if (OPEN.has(character)) depth += 1
    else if (CLOSE.has(character)) {
      depth -= 1
      if (depth === 0) return end + 1
    }
  }
  throw new NotJson()
}

/** Calls `item` with the bounds of each value of the array or object at `at`, and gives the end. */
function eachItem(text: string, at: number, item: (start: number, end: number, key: string) => void): number {
  const isObject = text.charAt(at) === '{'
  at = skipWhitespace(text, at + 1)
  if (CLOSE.has(text.charCodeAt(at))) return at + 1
  for (;;) {
    let key = ''
    if (isObject) {
      if (text.charCodeAt(at) !== QUOTE) throw new NotJson()
      const end = endOfString(text, at)
      key = JSON.parse(text.slice(at, end)) as string
      at = skipWhitespace(text, end)
      if (text.charAt(at) !== ':') throw new NotJson()
      at = skipWhitespace(text, at + 1)
    }
    const end = endOfValue(text, at)
    item(at, end, key)
    at = skipWhitespace(text, end)
    if (CLOSE.has(text.charCodeAt(at))) return at + 1
    if (text.charAt(at) !== ',') throw new NotJson()
    at = skipWhitespace(text, at + 1)
  }
}

/** Cuts an array of events out of a file. */
function cut(
  text: string,
  start: number,
  kind: DocumentSlices['kind'],
  others: Record<string, number>,
): DocumentSlices {
  const events: string[] = []
  const end = eachItem(text, start, (from, to) => events.push(text.slice(from, to)))
  return { kind, before: text.slice(0, start + 1), separator: ',', after: text.slice(end - 1), events, others }
}

function lines(text: string): DocumentSlices {
  const events = text
    .split('\n')
    .map(trimWhitespace)
    .filter((line) => line !== '')
  return { kind: 'events', before: '', separator: '\n', after: '', events, others: {} }
}

function countItems(text: string, at: number): number {
  let count = 0
  eachItem(text, at, () => {
    count += 1
  })
  return count
}

/** A home without events is given a place for them. */
function withoutEvents(text: string, at: number, isEmpty: boolean, others: Record<string, number>): DocumentSlices {
  const before = `${text.slice(0, at + 1)}"${EVENTS}":[`
  const after = `]${isEmpty ? '' : ','}${text.slice(at + 1)}`
  return { kind: 'home', before, separator: ',', after, events: [], others }
}

/**
 * Cuts a home file, or events as an array, a `_find` answer or NDJSON; of a
 * file that has a home on each line, its lines.
 *
 * @throws NotJson where the core is better at saying what is wrong.
 */
export function sliceDocuments(text: string): DocumentSlices | Homes {
  const start = skipWhitespace(text, 0)
  if (text.charAt(start) === '[') return cut(text, start, 'events', {})
  if (text.charAt(start) !== '{') throw new NotJson()
  // A line that is whole, with more after it, is NDJSON whatever is in it.
  const end = endOfFirst(text, start)
  if (end === undefined || skipWhitespace(text, end) < text.length) {
    const found = lines(text)
    return end !== undefined && isHome(text.slice(start, end)) ? { homes: found.events } : found
  }

  const arrays = new Map<string, number>()
  let keys = 0
  let isEvent = false
  eachItem(text, start, (at, _, key) => {
    keys += 1
    if (key === 'type' || key === 'eventDate') isEvent = true
    if (text.charAt(at) === '[') arrays.set(key, at)
  })
  const docs = arrays.get('docs')
  if (docs !== undefined) return cut(text, docs, 'events', {})
  if (isEvent) {
    return { kind: 'events', before: '[', separator: ',', after: ']', events: [text.slice(start, end)], others: {} }
  }
  const others: Record<string, number> = {}
  for (const [key, at] of arrays) if (key !== EVENTS) others[key] = countItems(text, at)
  const events = arrays.get(EVENTS)
  return events === undefined ? withoutEvents(text, start, keys === 0, others) : cut(text, events, 'home', others)
}

/** Documents by doctype, and no event, which has lists in none of its fields. */
function isHome(object: string): boolean {
  let [lists, isEvent] = [0, false]
  eachItem(object, 0, (at, _, key) => {
    if (key === 'type' || key === 'eventDate') isEvent = true
    if (object.charAt(at) === '[') lists += 1
  })
  return lists > 0 && !isEvent
}

function endOfFirst(text: string, start: number): number | undefined {
  try {
    return endOfValue(text, start)
  } catch (error) {
    // One broken line among many.
    if (error instanceof NotJson && text.includes('\n')) return undefined
    throw error
  }
}

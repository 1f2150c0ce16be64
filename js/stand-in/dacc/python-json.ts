// Reads JSON as Python does, which accepts more than JavaScript and keeps how a number is written.

/**
 * JSON as the DACC's Python reads it. Node's parser does not fit: it refuses NaN and Infinity, which Python
 * accepts; it loses the order of keys that look like numbers, and the first key of a group matters; and it reads
 * 1.0 as 1, which are different groups.
 */

/** A number as it was written: `1`, `1.0`, `NaN`, `-Infinity`. */
export class JsonNumber {
  constructor(readonly text: string) {}

  get value(): number {
    return Number(this.text)
  }

  /** Python distinguishes integers, of any size, from floats by how they are written. */
  get isInteger(): boolean {
    return /^-?\d+$/.test(this.text)
  }
}

/** A JSON object, its keys in the order of the text. */
export type JsonObject = Map<string, JsonValue>

/** A JSON value. */
export type JsonValue = null | boolean | string | JsonNumber | JsonValue[] | JsonObject

/** Half of a surrogate pair: a JSON escape can express it, UTF-8 and databases cannot. */
export const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * Reads a JSON text.
 * @throws SyntaxError if it is no JSON.
 */
export function parse(text: string): JsonValue {
  const reader = new Reader(text)
  const value = reader.value()
  reader.end()
  return value
}

/** The value in JavaScript's own types. */
export function toPlain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return value.value
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [key, toPlain(inner)]))
  return Array.isArray(value) ? value.map(toPlain) : value
}

/** A text that is equal for two values exactly if the database treats them as equal. */
export function canonical(value: JsonValue): string {
  if (value instanceof JsonNumber) {
    if (value.isInteger) return BigInt(value.text).toString()
    const digits = String(value.value)
    return /^-?\d+$/.test(digits) ? `${digits}.0` : digits
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value instanceof Map) {
    const entries = [...value].map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`)
    return `{${entries.sort().join(',')}}`
  }
  return JSON.stringify(value)
}

const SPACE = /[ \t\n\r]*/y
const STRING = /"[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*"/y
const NUMBER = /-?(?:Infinity|(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)|NaN/y
const WORD = /true|false|null/y
const WORDS: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
])

/** The nesting depth at which Python gives up. */
const MAX_DEPTH = 1_000

class Reader {
  #at = 0
  #depth = 0
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  value(): JsonValue {
    this.#space()
    if (this.#take('{')) return this.#deeper(() => this.#object())
    if (this.#take('[')) return this.#deeper(() => this.#array())
    if (this.#text[this.#at] === '"') return this.#string()
    const number = this.#match(NUMBER)
    if (number !== undefined) return new JsonNumber(number)
    const word = WORDS.get(this.#match(WORD) ?? '')
    return word === undefined ? this.#fail('a value') : word
  }

  end(): void {
    this.#space()
    if (this.#at < this.#text.length) this.#fail('the end')
  }

  #deeper<Value>(read: () => Value): Value {
    this.#depth += 1
    if (this.#depth > MAX_DEPTH) throw new SyntaxError(`Nested too deep at character ${this.#at}`)
    const value = read()
    this.#depth -= 1
    return value
  }

  #object(): JsonObject {
    const object: JsonObject = new Map()
    this.#space()
    if (this.#take('}')) return object
    do {
      this.#space()
      const key = this.#string()
      this.#space()
      if (!this.#take(':')) this.#fail('a colon')
      object.set(key, this.value())
      this.#space()
    } while (this.#take(','))
    if (!this.#take('}')) this.#fail('a comma or the end of the object')
    return object
  }

  #array(): JsonValue[] {
    const array: JsonValue[] = []
    this.#space()
    if (this.#take(']')) return array
    do {
      array.push(this.value())
      this.#space()
    } while (this.#take(','))
    if (!this.#take(']')) this.#fail('a comma or the end of the array')
    return array
  }

  #string(): string {
    const literal = this.#match(STRING) ?? this.#fail('a string')
    return JSON.parse(literal) as string
  }

  #space(): void {
    this.#match(SPACE)
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    this.#at += found?.length ?? 0
    return found
  }

  #fail(expected: string): never {
    throw new SyntaxError(`Expecting ${expected} at character ${this.#at}`)
  }
}

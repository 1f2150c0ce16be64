// What lies open: the documents of one file, and every change made to them.

import type { Book } from '../protocol.ts'
import { type Fields, fieldsOf } from './event.ts'
import type { Slices } from './slices.ts'

interface Change {
  index: number
  /** Undefined: it was not there. */
  was: string | undefined
}

/** Counts the books and their changes, so that none is taken for another. */
let generations = 0

export class Desk {
  readonly #slices: Slices
  readonly #name: string
  readonly #isLive: boolean
  #generation = generations += 1
  /** By the place in the file; undefined where one was removed. */
  readonly #texts: (string | undefined)[]
  readonly #fields: (Fields | undefined)[]
  readonly #changes: Change[] = []

  constructor(slices: Slices, name: string, isLive: boolean) {
    this.#slices = slices
    this.#name = name
    this.#isLive = isLive
    this.#texts = slices.events
    this.#fields = slices.events.map(fieldsOf)
  }

  get kind(): Slices['kind'] {
    return this.#slices.kind
  }

  book(): Book {
    const { kind, others } = this.#slices
    return {
      kind, name: this.#name, isLive: this.#isLive, generation: this.#generation,
      events: this.indexes().length, others, changes: this.#changes.length,
    }
  }

  /** Which events there are, in the order of the file. */
  indexes(): number[] {
    return [...this.#texts.keys()].filter((index) => this.#texts[index] !== undefined)
  }

  /** The file, as it stands now. */
  text(): string {
    return this.textWith(this.#texts.filter((text) => text !== undefined))
  }

  /** The file with other events in the place of its own. */
  textWith(events: string[]): string {
    const { before, separator, after } = this.#slices
    return before + events.join(separator) + after
  }

  textOf(index: number): string {
    return this.#texts[index] ?? ''
  }

  fieldsOf(index: number): Fields | undefined {
    return this.#fields[index]
  }

  isEdited(index: number): boolean {
    return this.#changes.some((change) => change.index === index)
  }

  edit(index: number, text: string): void {
    // What is typed letter by letter is taken back at once.
    if (this.#changes.at(-1)?.index !== index) this.#changes.push({ index, was: this.#texts[index] })
    this.#put(index, text)
  }

  add(text: string): number {
    const index = this.#texts.length
    this.edit(index, text)
    return index
  }

  remove(index: number): void {
    this.#changes.push({ index, was: this.#texts[index] })
    this.#put(index, undefined)
  }

  /** Takes the last change back, and says which event it concerned. */
  undo(): number | undefined {
    const change = this.#changes.pop()
    if (change !== undefined) this.#put(change.index, change.was)
    return change?.index
  }

  #put(index: number, text: string | undefined): void {
    this.#generation = generations += 1
    // In a file of lines an event stays on its line.
    this.#texts[index] = this.#slices.separator === '\n' ? text?.replace(/\s*\n\s*/g, ' ') : text
    this.#fields[index] = text === undefined ? undefined : fieldsOf(text)
  }
}

// What lies open: the documents of one file, and every change made to them.

import type { Book, Edit } from '../protocol/protocol.ts'
import type { Slices } from './document-slices.ts'
import { type Fields, fieldsOf } from './event-fields.ts'

interface Change {
  index: number
  /** Undefined: it was not there. */
  was: string | undefined
  /** Undefined: it is no longer there. */
  becomes: string | undefined
}

/** What is known of what was opened beside its events. */
interface About {
  name: string
  isLive: boolean
  key: string
  among: Book['among']
}

/** Counts the books and their changes, so that none is taken for another. */
let generations = 0

function nextGeneration(): number {
  generations += 1
  return generations
}

export class Desk {
  readonly #slices: Slices
  readonly #about: About
  readonly #news: number[]
  #generation = nextGeneration()
  /** By the place in the file; undefined where one was removed. */
  readonly #texts: (string | undefined)[]
  readonly #fields: (Fields | undefined)[]
  readonly #changes: Change[] = []

  /** `before`: the same home without the latest news. */
  constructor(slices: Slices, about: About, before?: Desk) {
    this.#slices = slices
    this.#about = about
    this.#texts = [...slices.events]
    this.#fields = slices.events.map(fieldsOf)
    this.#news = before === undefined ? [] : this.#unknownTo(before)
  }

  /** The events that another desk does not have. */
  #unknownTo(before: Desk): number[] {
    const nameOf = (desk: Desk, index: number) => desk.fieldsOf(index)?.id ?? desk.textOf(index)
    const known = new Set(before.indexes().map((index) => nameOf(before, index)))
    return this.indexes().filter((index) => !known.has(nameOf(this, index)))
  }

  get kind(): Slices['kind'] {
    return this.#slices.kind
  }

  book(): Book {
    const { kind, others } = this.#slices
    return {
      kind,
      ...this.#about,
      generation: this.#generation,
      news: this.#news,
      events: this.indexes().length,
      others,
      changes: this.#changes.length,
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
    const last = this.#changes.at(-1)
    if (last?.index === index) last.becomes = text
    else this.#changes.push({ index, was: this.#texts[index], becomes: text })
    this.#put(index, text)
  }

  add(text: string): number {
    const index = this.#texts.length
    this.edit(index, text)
    return index
  }

  remove(index: number): void {
    this.#changes.push({ index, was: this.#texts[index], becomes: undefined })
    this.#put(index, undefined)
  }

  /** Everything that was changed and not taken back. */
  edits(): Edit[] {
    return this.#changes.map(({ index, becomes }) => [index, becomes ?? null])
  }

  /** Changes all that was changed before. */
  redo(edits: Edit[]): void {
    for (const [index, text] of edits) {
      if (text === null) this.remove(index)
      else this.edit(index, text)
    }
  }

  /** Takes the last change back, and says which event it concerned. */
  undo(): number | undefined {
    const change = this.#changes.pop()
    if (change !== undefined) this.#put(change.index, change.was)
    return change?.index
  }

  #put(index: number, text: string | undefined): void {
    this.#generation = nextGeneration()
    // In a file of lines an event stays on its line.
    this.#texts[index] = this.#slices.separator === '\n' ? text?.replace(/\s*\n\s*/g, ' ') : text
    this.#fields[index] = text === undefined ? undefined : fieldsOf(text)
  }
}

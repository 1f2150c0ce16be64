// Holds the documents of the open file, and every change to them.

import type { Edit, Workspace } from '../protocol/protocol.ts'
import type { DocumentSlices } from './document-slices.ts'
import { type Fields, fieldsOf } from './event-fields.ts'

interface Change {
  index: number
  /** Undefined if the change added the event. */
  was: string | undefined
  /** Undefined if the change removed the event. */
  becomes: string | undefined
}

/** What is known of the file beside its events. */
interface Description {
  name: string
  isLive: boolean
  key: string
  among: Workspace['among']
}

/** Counts opened files and changes, so that each state has a number of its own. */
let generations = 0

function nextGeneration(): number {
  generations += 1
  return generations
}

export class DocumentStore {
  readonly #slices: DocumentSlices
  readonly #about: Description
  readonly #newEvents: number[]
  #generation = nextGeneration()
  /** By index in the file; undefined where an event was removed. */
  readonly #texts: (string | undefined)[]
  readonly #fields: (Fields | undefined)[]
  readonly #changes: Change[] = []

  /** `before`: the same home before the last update from the Cozy. */
  constructor(slices: DocumentSlices, about: Description, before?: DocumentStore) {
    this.#slices = slices
    this.#about = about
    this.#texts = [...slices.events]
    this.#fields = slices.events.map(fieldsOf)
    this.#newEvents = before === undefined ? [] : this.#newSince(before)
  }

  /** The events that `before` does not have. */
  #newSince(before: DocumentStore): number[] {
    const nameOf = (documents: DocumentStore, index: number) => documents.fieldsOf(index)?.id ?? documents.textOf(index)
    const known = new Set(before.indexes().map((index) => nameOf(before, index)))
    return this.indexes().filter((index) => !known.has(nameOf(this, index)))
  }

  get kind(): DocumentSlices['kind'] {
    return this.#slices.kind
  }

  workspace(): Workspace {
    const { kind, others } = this.#slices
    return {
      kind,
      ...this.#about,
      generation: this.#generation,
      newEvents: this.#newEvents,
      events: this.indexes().length,
      others,
      changes: this.#changes.length,
    }
  }

  /** The indexes of the events, in the order of the file. */
  indexes(): number[] {
    return [...this.#texts.keys()].filter((index) => this.#texts[index] !== undefined)
  }

  /** The text of the file as it is now. */
  text(): string {
    return this.textWith(this.#texts.filter((text) => text !== undefined))
  }

  /** The text of the file with other events instead of its own. */
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
    // Text that is typed letter by letter is one change.
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

  /** All changes that were not undone. */
  edits(): Edit[] {
    return this.#changes.map(({ index, becomes }) => [index, becomes ?? null])
  }

  /** Applies changes of an earlier session. */
  redo(edits: Edit[]): void {
    for (const [index, text] of edits) {
      if (text === null) this.remove(index)
      else this.edit(index, text)
    }
  }

  /** Undoes the last change; returns the index of its event. */
  undo(): number | undefined {
    const change = this.#changes.pop()
    if (change !== undefined) this.#put(change.index, change.was)
    return change?.index
  }

  #put(index: number, text: string | undefined): void {
    this.#generation = nextGeneration()
    // In NDJSON an event must stay on one line.
    this.#texts[index] = this.#slices.separator === '\n' ? text?.replace(/\s*\n\s*/g, ' ') : text
    this.#fields[index] = text === undefined ? undefined : fieldsOf(text)
  }
}

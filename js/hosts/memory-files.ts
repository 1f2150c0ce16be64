// The files of a rights command, in memory: for pages.

import type { RightsFiles } from '../types/index.d.ts'

/** Files in memory, as blobs, which a browser may move to its disk. */
export class MemoryFiles implements RightsFiles {
  readonly #blobs = new Map<string, Blob>()
  readonly #making = new Map<string, Blob>()

  /** `given`: the files that exist. */
  constructor(given: Readonly<Record<string, Blob | Uint8Array<ArrayBuffer> | string>> = {}) {
    for (const [file, content] of Object.entries(given)) this.#blobs.set(file, new Blob([content]))
  }

  /** A file as it is now; undefined if it is none. */
  get(file: string): Blob | undefined {
    return this.#blobs.get(file)
  }

  async read(file: string, at: number, length: number): Promise<Uint8Array> {
    const blob = (file.startsWith('scratch:') ? this.#making : this.#blobs).get(file)
    if (blob === undefined) throw new Error('there is no such file')
    return new Uint8Array(await blob.slice(at, at + length).arrayBuffer())
  }

  async append(file: string, bytes: Uint8Array): Promise<void> {
    const before = this.#making.get(file)
    this.#making.set(file, new Blob([...(before === undefined ? [] : [before]), bytes as Uint8Array<ArrayBuffer>]))
  }

  async commit(file: string): Promise<void> {
    this.#blobs.set(file, this.#making.get(file) ?? new Blob())
    this.#making.delete(file)
  }

  async discard(file: string): Promise<void> {
    this.#making.delete(file)
  }
}

// A peer in a process of its own, so that no heap disturbs another.

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Cell } from '../peers/peer.ts'
import type { InputFile } from './inputs.ts'
import { inMade, MADE, NATIVE } from './places.ts'

/** What one run took, in milliseconds. */
export interface Took {
  /** By the clock on the wall. */
  readonly wall: number
  /** Of processors, by all threads of the peer; of the native one unknown on other systems than Linux. */
  readonly cpu: number | undefined
}

export type PeerName = keyof typeof PEERS

const node = (name: string) => [process.execPath, inMade('peer.mjs'), name]

/** Every peer: how it is started, and what it is. */
export const PEERS = {
  ours: { command: node('ours'), what: 'ours: the package in Node' },
  'ours-streamed': { command: node('ours-streamed'), what: 'ours, of an async stream of chunks' },
  'ours-plain': { command: node('ours-plain'), what: 'ours, without 128-bit vectors' },
  native: { command: [NATIVE, 'peer', 'ours'], what: 'the same code, native Rust' },
  memcpy: { command: [NATIVE, 'peer', 'memcpy'], what: 'memcpy of the bytes' },
  'json-parse': { command: node('json-parse'), what: 'JSON.parse alone, of a text' },
  'json-parse-bytes': { command: node('json-parse-bytes'), what: 'JSON.parse alone, of the bytes' },
  'hand-written': { command: node('hand-written'), what: 'hand-written JavaScript' },
  objects: { command: node('objects'), what: 'objects by serde-wasm-bindgen' },
  'luxon-lodash': { command: node('luxon-lodash'), what: 'luxon + lodash' },
  duckdb: { command: node('duckdb'), what: 'DuckDB, native' },
  'duckdb-lines': { command: node('duckdb-lines'), what: 'DuckDB, native, of a file of lines' },
} as const

interface Answer {
  readonly millis?: number
  readonly cpu?: number | null
  readonly cells?: readonly Cell[]
}

export class PeerProcess {
  readonly name: PeerName
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #answers: AsyncIterator<string>

  constructor(name: PeerName) {
    this.name = name
    const [program = '', ...parameters] = PEERS[name].command
    this.#child = spawn(program, parameters, { cwd: MADE, stdio: ['pipe', 'pipe', 'inherit'] })
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  async load({ file, lines, options }: InputFile): Promise<void> {
    await this.#ask({ do: 'load', file, lines: this.name === 'duckdb-lines' ? lines() : '', options })
  }

  /** The mean of so many runs. */
  async run(times: number): Promise<Took> {
    const { millis = NaN, cpu } = await this.#ask({ do: 'run', times })
    return { wall: millis / times, cpu: typeof cpu === 'number' ? cpu / times : undefined }
  }

  /** Undefined of a peer that does not do the whole work. */
  async cells(): Promise<readonly Cell[] | undefined> {
    return (await this.#ask({ do: 'cells' })).cells
  }

  end(): void {
    this.#child.kill()
  }

  async #ask(command: object): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`)
    const { value, done } = await this.#answers.next()
    if (done === true) throw new Error(`the peer ${this.name} ended: see what it printed`)
    return JSON.parse(value as string) as Answer
  }
}

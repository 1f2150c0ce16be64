// What a program waits for before it can work, and how much it downloads.

import { readdirSync, readFileSync } from 'node:fs'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { inRoot } from './places.ts'
import { runProgram } from './programs.ts'
import { median, pairedRatio, shuffled } from './statistics.ts'

export interface Size {
  readonly file: string
  readonly raw: number
  readonly gzip: number
  readonly brotli: number
}

const FOLDER = 'pkg/wasm'

/** The module that a process loads which only aggregates, where the engine has 128-bit vectors. */
export const AGGREGATION = 'aggregate/dacc_aggregator_bg.simd.wasm'

export function sizes(): Size[] {
  const files = readdirSync(inRoot(FOLDER), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.wasm'))
    .sort()
  return files.map((file) => {
    const bytes = readFileSync(inRoot(`${FOLDER}/${file}`))
    const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } })
    return { file, raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotli.length }
  })
}

export interface Loading {
  readonly rounds: number
  /** `require` of luxon and lodash. */
  readonly libraries: number
  /** Our glue, the module's file, compiled and instantiated. */
  readonly ours: number
  /** Of that, compiling and instantiating. */
  readonly instantiate: number
  /** How often faster compiling and instantiating is, and the whole. */
  readonly ratio: number
  readonly wholeRatio: number
}

export async function loading(rounds: number): Promise<Loading> {
  const [libraries, ours, instantiate]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < rounds; round += 1) {
    for (const what of shuffled(['libraries', 'ours'] as const)) {
      const { printed } = await runProgram('load', [what, inRoot(`${FOLDER}/${AGGREGATION}`)])
      const took = printed as { whole: number; instantiate?: number }
      if (what === 'libraries') libraries.push(took.whole)
      else ours.push(took.whole)
      if (took.instantiate !== undefined) instantiate.push(took.instantiate)
    }
  }
  return {
    rounds,
    libraries: median(libraries),
    ours: median(ours),
    instantiate: median(instantiate),
    ratio: pairedRatio(libraries, instantiate),
    wholeRatio: pairedRatio(libraries, ours),
  }
}

// A peer as a process: takes one command a line, answers one line.

import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Options } from '../../js/types/index.d.ts'
import type { Peer } from './peer.ts'

const PEERS: Record<string, () => Promise<Peer>> = {
  'json-parse': async () => (await import('./json-parse.ts')).jsonParse,
  'json-parse-bytes': async () => (await import('./json-parse.ts')).jsonParseBytes,
  'luxon-lodash': async () => (await import('./luxon-lodash.ts')).luxonLodash,
  'hand-written': async () => (await import('./hand-written.ts')).handWritten,
  objects: async () => (await import('./objects.ts')).objects,
  duckdb: async () => (await import('./duckdb.ts')).duckdb,
  'duckdb-lines': async () => (await import('./duckdb.ts')).duckdbLines,
  ours: async () => (await import('./ours.ts')).ours,
  'ours-streamed': async () => (await import('./ours.ts')).oursStreamed,
  'ours-plain': async () => (await import('./ours.ts')).oursPlain,
}

type Command =
  | { readonly do: 'load'; readonly file: string; readonly lines: string; readonly options: Options }
  | { readonly do: 'run'; readonly times: number }
  | { readonly do: 'cells' }

const name = process.argv[2] ?? ''
const find = PEERS[name]
if (find === undefined) throw new RangeError(`\`${name}\` is no peer; these are: ${Object.keys(PEERS).join(', ')}`)
const peer = await find()

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line) as Command)))
}

async function answer(command: Command): Promise<object> {
  switch (command.do) {
    case 'load':
      await peer.load({ ...command, bytes: readFileSync(command.file) })
      return {}
    case 'run':
      return measure(command.times)
    case 'cells':
      return { cells: peer.cells?.(await peer.run()) }
  }
}

async function measure(times: number): Promise<object> {
  const before = process.cpuUsage()
  const started = performance.now()
  for (let time = 0; time < times; time += 1) {
    const outcome = peer.run()
    if (outcome instanceof Promise) await outcome
  }
  const millis = performance.now() - started
  const { user, system } = process.cpuUsage(before)
  return { millis, cpu: (user + system) / 1000 }
}

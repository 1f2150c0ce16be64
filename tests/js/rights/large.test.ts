// 250 001 documents, one more than CouchDB's largest page of many kinds: each
// command within 64 MB of wasm memory, whatever the home's size.

import assert from 'node:assert/strict'
import { open, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { NodeFiles, type Paths } from '../../../js/hosts/files/node-files.ts'
import { executeCommand } from '../../../js/hosts/rights.ts'
import type { RightsTask } from '../../../pkg/wasm/dacc_aggregator.js'
import { initSync } from '../../../pkg/wasm/dacc_aggregator.js'
import { EVENTS, folder } from './support.ts'

const COUNT = 250_001
const MOST = 64 * 2 ** 20
const OPTIONS = { now: '2024-04-10T12:00:00' }

const at = (name: string) => path.join(folder, name)

/** Carries a command out; the memory of the module is what the commands before it made it, and only ever grows. */
async function measured(
  task: RightsTask,
  paths: Paths,
  mayMiss: string[] = [],
): Promise<{ outcome: unknown; memory: number }> {
  const wasm = fileURLToPath(new URL('../../../pkg/wasm/dacc_aggregator_bg.wasm', import.meta.url))
  const { memory } = initSync({ module: await readFile(wasm) })
  const files = new NodeFiles(paths, { mayMiss, rewrites: ['home'] })
  try {
    const outcome = await executeCommand(task, OPTIONS, {
      files,
      request: (_, { url }) =>
        Promise.resolve({ status: 200, contentType: 'application/json', retryAfter: undefined, body: page(url) }),
      wait: () => Promise.resolve(),
    })
    return { outcome, memory: memory.buffer.byteLength }
  } finally {
    await files.close()
  }
}

/** A Cozy that makes its pages up as they are asked for. */
function page(url: string): Uint8Array {
  if (!url.startsWith(`/data/${EVENTS}/_normal_docs`)) return new TextEncoder().encode('{"rows":[],"bookmark":""}')
  const from = Number(/bookmark=(\d+)/.exec(url)?.[1] ?? 0)
  const to = Math.min(COUNT, from + 1_000)
  const rows = Array.from({ length: to - from }, (_, nth) => ({
    _id: `e${from + nth}`,
    _rev: '1-a',
    type: 'ProfileSetEvent',
    eventDate: '2023-03-01T08:00:00Z',
  }))
  return new TextEncoder().encode(JSON.stringify({ rows, total_rows: COUNT, bookmark: String(to) }))
}

describe(`${COUNT} documents`, () => {
  before(async () => {
    const file = await open(at('large.json'), 'w')
    await file.write(`{"${EVENTS}":[`)
    for (let from = 0; from < COUNT; from += 1_000) {
      const lines: string[] = []
      for (let nth = from; nth < Math.min(COUNT, from + 1_000); nth += 1) {
        const day = String(1 + (nth % 28)).padStart(2, '0')
        const cozyMetadata = {
          doctypeVersion: 1,
          metadataVersion: 1,
          createdAt: `2023-03-${day}T08:00:00.000Z`,
          createdByApp: 'ecolyo',
        }
        lines.push(
          JSON.stringify({
            _id: `b1946ac92492d2347c6235b8d26${String(nth).padStart(6, '0')}`,
            _rev: '1-967a00dff5e02add41819138abb3284d',
            type: 'NavigationEvent',
            target: 'consumption',
            context: null,
            result: null,
            startDate: null,
            eventDate: `2023-03-${day}T08:00:00.000Z`,
            aggregated: false,
            cozyMetadata,
          }),
        )
      }
      await file.write(`${from === 0 ? '' : ',\n'}${lines.join(',\n')}`)
    }
    await file.write(']}')
    await file.close()
  })

  const commands: [string, RightsTask, Paths, string[], (outcome: never) => number][] = [
    [
      'an export',
      { home: 'file', command: { export: {} } },
      { home: 'large.json', output: 'large.export.json' },
      [],
      ({ counts }: { counts: Record<string, number> }) => counts[EVENTS]!,
    ],
    [
      'an export of a Cozy',
      { home: 'cozy', command: { export: {} } },
      { output: 'cozy.export.json' },
      [],
      ({ counts }: { counts: Record<string, number> }) => counts[EVENTS]!,
    ],
    [
      'an import into an empty home',
      { home: 'file', command: { import: {} } },
      { home: 'large.copy.json', 'input:0': 'large.export.json' },
      ['home'],
      ({ collections }: { collections: { events: { inserted: number } } }) => collections.events.inserted,
    ],
    [
      'an import of what is there',
      { home: 'file', command: { import: {} } },
      { home: 'large.copy.json', 'input:0': 'large.export.json' },
      [],
      ({ collections }: { collections: { events: { unchanged: number } } }) => collections.events.unchanged,
    ],
    [
      'a purge with a backup',
      { home: 'file', command: { purge: {} } },
      { home: 'large.copy.json', backup: 'large.backup.json' },
      [],
      ({ deleted }: { deleted: { events: number } }) => deleted.events,
    ],
    [
      'a recovery',
      { home: 'file', command: { recover: { files: 1 } } },
      { home: 'large.copy.json', 'input:0': 'large.backup.json' },
      [],
      ({ collections }: { collections: { events: { inserted: number } } }) => collections.events.inserted,
    ],
  ]
  for (const [what, task, paths, mayMiss, count] of commands) {
    it(`${what} stays within 64 MB of wasm memory`, async (t) => {
      const places = Object.fromEntries(Object.entries(paths).map(([name, file]) => [name, at(file)]))
      const { outcome, memory } = await measured(task, places, mayMiss)
      assert.equal(count(outcome as never), COUNT)
      t.diagnostic(
        `${(memory / 2 ** 20).toFixed(1)} MiB of wasm memory, a home of ${((await stat(at('large.json'))).size / 2 ** 20).toFixed(0)} MiB`,
      )
      assert.ok(memory <= MOST, `${memory} bytes`)
    })
  }
})

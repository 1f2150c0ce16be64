// One document as large as any that is read: it blocks no command, and no more
// is held of it than a few copies.

import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { NodeFiles, type Paths, type Uses } from '../../../js/hosts/files/node-files.ts'
import { executeCommand } from '../../../js/hosts/rights.ts'
import type { RightsTask } from '../../../pkg/wasm/dacc_aggregator.js'
import { initSync } from '../../../pkg/wasm/dacc_aggregator.js'
import { EVENTS, file, folder } from './support.ts'

const MOST = 512 * 2 ** 20
const LARGE = 63 * 2 ** 20

describe('an event of 63 MiB', () => {
  it('is exported, purged with a backup and recovered within 512 MiB of wasm memory', async (t) => {
    const wasm = fileURLToPath(new URL('../../../pkg/wasm/dacc_aggregator_bg.wasm', import.meta.url))
    const { memory } = initSync({ module: await readFile(wasm) })
    const event = (id: string, text: string) => ({
      _id: id,
      type: 'ProfileSetEvent',
      eventDate: '2023-03-01T08:00:00Z',
      text,
    })
    file('large.json', { [EVENTS]: [event('large', 'x'.repeat(LARGE)), event('small', '')] })
    const at = (name: string) => path.join(folder, name)
    const done = async (command: RightsTask['command'], paths: Paths, uses: Uses) => {
      const files = new NodeFiles({ home: at('large.json'), ...paths }, uses)
      try {
        await files.take()
        return await executeCommand(
          { home: 'file', command },
          { now: '2024-04-10T12:00:00' },
          {
            files,
            request: () => Promise.reject(new Error('there is no Cozy')),
            wait: () => Promise.resolve(),
          },
        )
      } finally {
        await files.close()
      }
    }
    await done({ export: {} }, { output: at('large.out') }, {})
    await done({ purge: {} }, { backup: at('large.backup') }, { rewrites: ['home'] })
    assert.ok(statSync(at('large.json')).size < 1_000)
    await done(
      { recover: { files: 1 } } as RightsTask['command'],
      { 'input:0': at('large.backup') },
      { rewrites: ['home'] },
    )
    const events = (
      JSON.parse(readFileSync(at('large.json'), 'utf8')) as Record<string, { _id: string; text: string }[]>
    )[EVENTS]
    assert.deepEqual(
      events?.map(({ _id, text }) => [_id, text.length]),
      [
        ['large', LARGE],
        ['small', 0],
      ],
    )
    t.diagnostic(`${(memory.buffer.byteLength / 2 ** 20).toFixed(0)} MiB of wasm memory`)
    assert.ok(memory.buffer.byteLength <= MOST, `${memory.buffer.byteLength} bytes`)
  })
})

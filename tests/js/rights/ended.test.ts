// A command that is ended by a signal, by a password in the wrong place or by a
// panic: what it leaves, and what it tells.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { initSync, Rights } from '../../../pkg/wasm/dacc_aggregator.js'
import { carryOut } from '../../../js/rights/drive.ts'
import { MemoryFiles } from '../../../js/rights/memory-files.ts'
import { fetchHost } from '../../../js/rights/fetch-host.ts'
import { program } from '../cli/process.ts'
import { dacc, EVENTS, file, folder, NOW } from './support.ts'

describe('a command', () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`ended by ${signal} leaves neither what it read from stdin nor a lock`, async (t) => {
      file('home.json', { [EVENTS]: [] })
      const scratch = mkdtempSync(path.join(folder, 'scratch-'))
      const child = spawn(process.execPath, [program, 'import', 'home.json', '-', ...NOW], { cwd: folder, env: { ...process.env, TMPDIR: scratch } })
      t.after(() => child.kill('SIGKILL'))
      const ended = new Promise((resolve) => child.on('close', (_, by) => resolve(by)))
      child.stdin.on('error', () => {}).write('[{"_col":"dacc.export"')
      for (let waited = 0; readdirSync(scratch, { recursive: true }).length < 2; waited += 10) {
        assert.ok(waited < 10_000 && child.exitCode === null, 'nothing was spooled')
        await setTimeout(10)
      }
      const [own] = readdirSync(scratch)
      assert.equal(statSync(path.join(scratch, own!)).mode & 0o777, 0o700)
      assert.equal(statSync(path.join(scratch, own!, 'input')).mode & 0o077, 0)
      assert.ok(readdirSync(folder).includes('.home.json.dacc-lock'))
      child.kill(signal)
      assert.equal(await ended, signal)
      assert.deepEqual(readdirSync(scratch), [])
      assert.ok(!readdirSync(folder).includes('.home.json.dacc-lock'))
    })
  }

  it('never tells the password in the address of a home', async () => {
    for (const scheme of ['http', 'HTTP', 'ftp']) {
      const ended = await dacc(['status', `${scheme}://someone:hunter2@127.0.0.1:9/`, ...NOW], { env: { COZY_CREDENTIALS: 'token' } })
      assert.equal(ended.code, scheme === 'ftp' ? 2 : 4, ended.stderr)
      assert.ok(!`${ended.stdout}${ended.stderr}`.includes('hunter2'), ended.stderr)
    }
  })

  it('that panics tells the panic, and not that it cannot be freed', async (t) => {
    initSync({ module: readFileSync(fileURLToPath(new URL('../../../pkg/wasm/dacc_aggregator_bg.wasm', import.meta.url))) })
    t.mock.method(Rights.prototype, 'start', () => { throw new Error('unreachable') })
    t.mock.method(Rights.prototype, 'free', () => { throw new Error('attempted to take ownership while borrowed') })
    const host = fetchHost(new MemoryFiles({ home: '{}' }))
    await assert.rejects(carryOut({ home: 'file', command: { status: {} } }, {}, host), /^Error: unreachable$/)
  })
})

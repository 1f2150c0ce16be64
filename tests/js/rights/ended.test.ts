// A command that is ended by a signal, by a password in the wrong place or by a
// panic: what it leaves, and what it tells.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { fetchHost } from '../../../js/hosts/fetch-host.ts'
import { MemoryFiles } from '../../../js/hosts/memory-files.ts'
import { executeCommand } from '../../../js/hosts/rights.ts'
import { initSync, Rights } from '../../../pkg/wasm/dacc_aggregator.js'
import { program } from '../cli/process.ts'
import { world } from '../service/world.ts'
import { dacc, EVENTS, file, folder, NOW } from './support.ts'

describe('a command', () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`ended by ${signal} leaves neither what it read from stdin nor a lock`, async (t) => {
      file('home.json', { [EVENTS]: [] })
      const scratch = mkdtempSync(path.join(folder, 'scratch-'))
      const child = spawn(process.execPath, [program, 'import', 'home.json', '-', ...NOW], {
        cwd: folder,
        env: { ...process.env, TMPDIR: scratch },
      })
      t.after(() => child.kill('SIGKILL'))
      const ended = new Promise((resolve) => child.on('close', (_, by) => resolve(by)))
      child.stdin.on('error', () => {}).write('[{"_col":"dacc.export"')
      for (let waited = 0; readdirSync(scratch, { recursive: true }).length < 2; waited += 10) {
        assert.ok(waited < 10_000 && child.exitCode === null, 'nothing was spooled')
        await setTimeout(10)
      }
      const [own] = readdirSync(scratch)
      assert.equal(statSync(path.join(scratch, own!)).mode & 0o777, 0o700)
      assert.equal(statSync(path.join(scratch, own!, readdirSync(path.join(scratch, own!))[0]!)).mode & 0o077, 0)
      assert.ok(readdirSync(folder).includes('.home.json.dacc-lock'))
      child.kill(signal)
      assert.equal(await ended, signal)
      assert.deepEqual(readdirSync(scratch), [])
      assert.ok(!readdirSync(folder).includes('.home.json.dacc-lock'))
    })
  }

  it('sweeps what others that were killed have left of a person, and nothing else', async () => {
    const scratch = mkdtempSync(path.join(folder, 'swept-'))
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    for (const name of [
      `dacc-${pid}-abcDE1`,
      `dacc-${process.pid}-abcDE1`,
      `dacc-${pid}-other-name`,
      'dacc-cli-abcDE1',
    ]) {
      mkdirSync(path.join(scratch, name))
      writeFileSync(path.join(scratch, name, 'input'), "a person's")
    }
    const { code } = await dacc(['status', file('swept.json', '{}'), ...NOW], { env: { TMPDIR: scratch } })
    assert.equal(code, 0)
    assert.deepEqual(
      readdirSync(scratch).sort(),
      ['dacc-cli-abcDE1', `dacc-${process.pid}-abcDE1`, `dacc-${pid}-other-name`].sort(),
    )
  })

  it('names the Cozy that is shut, and sends no token to another', async (t) => {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(`${request.headers.authorization}`)
      response.writeHead(401, { 'content-type': 'application/json' }).end('{}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => server.close())
    const former = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const merged = (env: Record<string, string>) =>
      dacc(['merge', former, file('current.json', '{}'), '--no-backup', ...NOW], {
        env: { COZY_CREDENTIALS: 'of-the-home', ...env },
      })
    const without = await merged({})
    assert.deepEqual(
      [without.code, without.stderr],
      [2, "dacc: --former-credentials: the app's token is needed; or set FORMER_COZY_CREDENTIALS\n"],
    )
    assert.deepEqual(asked, [])
    const shut = await merged({ FORMER_COZY_CREDENTIALS: 'of-the-former' })
    assert.equal(shut.code, 4)
    assert.ok(shut.stderr.startsWith(`dacc: ${former}: `), shut.stderr)
    assert.deepEqual([...new Set(asked)], ['Bearer of-the-former'])
    // Both are Cozys, and the home answers.
    const { cozy } = await world(t, {})
    const dead = await dacc(['merge', 'http://127.0.0.1:1', cozy.url, '--no-backup', ...NOW], {
      env: { COZY_CREDENTIALS: cozy.token, FORMER_COZY_CREDENTIALS: 'x' },
    })
    assert.equal(dead.code, 4)
    assert.ok(dead.stderr.startsWith('dacc: http://127.0.0.1:1: '), dead.stderr)
  })

  it('never tells the password in the address of a home', async () => {
    for (const scheme of ['http', 'HTTP', 'ftp']) {
      const ended = await dacc(['status', `${scheme}://someone:hunter2@127.0.0.1:9/`, ...NOW], {
        env: { COZY_CREDENTIALS: 'token' },
      })
      assert.equal(ended.code, scheme === 'ftp' ? 2 : 4, ended.stderr)
      assert.ok(!`${ended.stdout}${ended.stderr}`.includes('hunter2'), ended.stderr)
    }
  })

  it('that panics tells the panic, and not that it cannot be freed', async (t) => {
    initSync({
      module: readFileSync(fileURLToPath(new URL('../../../pkg/wasm/dacc_aggregator_bg.wasm', import.meta.url))),
    })
    t.mock.method(Rights.prototype, 'start', () => {
      throw new Error('unreachable')
    })
    t.mock.method(Rights.prototype, 'free', () => {
      throw new Error('attempted to take ownership while borrowed')
    })
    const host = fetchHost(new MemoryFiles({ home: '{}' }))
    await assert.rejects(executeCommand({ home: 'file', command: { status: {} } }, {}, host), /^Error: unreachable$/)
  })
})

describe('a host over fetch', () => {
  const given = (cozyUrl: string, token: string) => fetchHost(new MemoryFiles(), { home: { cozyUrl, token } })

  it('tells an address or a token that is none at once, and not the token', () => {
    for (const cozyUrl of ['', 'name.mycozy.cloud', 'ftp://name.mycozy.cloud']) {
      assert.throws(() => given(cozyUrl, 'token'), /^TypeError: home: the address of a Cozy is needed/)
    }
    for (const token of ['', 'sec\nret', 'sécret']) {
      assert.throws(() => given('https://name.mycozy.cloud', token), {
        name: 'TypeError',
        message: 'home: this is no token; one has neither spaces nor letters beyond ASCII',
      })
    }
  })

  it('waits no longer than half a minute for an answer', async (t) => {
    const server = createServer(() => {})
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => {
      server.closeAllConnections()
      server.close()
    })
    const timeout = AbortSignal.timeout.bind(AbortSignal)
    const limits = t.mock.method(AbortSignal, 'timeout', () => timeout(50))
    const host = given(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'token')
    assert.equal(await host.request('home', { method: 'GET', url: '/data/x' }), undefined)
    assert.deepEqual(
      limits.mock.calls.map((call) => call.arguments),
      [[30_000]],
    )
  })
})

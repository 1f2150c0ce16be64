// What `send` keeps beside a file: nothing is sent twice, whatever ends it.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import type { Definitions } from '../../../js/types/index.d.ts'
import { DACC_TOKEN, dacc as startDacc } from '../stand-in/support.ts'
import { dacc, file, folder, MEASURES, program } from './process.ts'

const definitions = JSON.parse((await dacc(['definitions'])).stdout) as Definitions
const env = { DACC_TOKEN }
const content = `${MEASURES.join('\n')}\n`

const journal = (name: string) =>
  readFileSync(path.join(folder, `${name}.sent`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { state: string; line?: number })

describe('a journal', () => {
  it('lets a second send of a file send nothing', async (t) => {
    const server = await startDacc(t, { definitions })
    const name = file('twice.ndjson', content)
    const first = await dacc(['send', name, '--dacc', server.url], { env })
    assert.deepEqual([first.code, first.stderr], [0, ''])
    const { code, stdout, stderr } = await dacc(['send', name, '--dacc', server.url], { env })
    assert.deepEqual(
      { code, stdout, stderr },
      { code: 0, stdout: '0 measures sent.\n', stderr: '3 measures were sent before, as twice.ndjson.sent says.\n' },
    )
    assert.deepEqual(
      (await server.measures()).map(({ sent }) => sent),
      MEASURES,
    )
    assert.deepEqual(
      journal(name).map(({ state }) => state),
      ['sending', 'sent', 'sending', 'sent', 'sending', 'sent'],
    )
    assert.equal(statSync(path.join(folder, `${name}.sent`)).mode & 0o777, 0o600)
    const { summary } = JSON.parse((await dacc(['send', name, '--dacc', server.url, '--json'], { env })).stdout) as {
      summary: object
    }
    assert.deepEqual(summary, {
      measures: 0,
      sent: 0,
      refused: 0,
      held: 0,
      'not-sent': 0,
      unknown: 0,
      before: { sent: 3, refused: 0, unknown: 0 },
    })
  })

  it('knows a measure by its cell: another value or another place is no other one', async (t) => {
    const server = await startDacc(t, { definitions })
    const name = file('changed.ndjson', content)
    await dacc(['send', name, '--dacc', server.url], { env })
    file('changed.ndjson', `${[...MEASURES].reverse().join('\n').replace('"value":1', '"value":7')}\n`)
    assert.equal((await dacc(['send', name, '--dacc', server.url], { env })).stdout, '0 measures sent.\n')
    // Two observations of one cell are two.
    file('changed.ndjson', `${content}${MEASURES[2]}\n`)
    assert.match((await dacc(['send', name, '--dacc', server.url], { env })).stdout, /^line 4 .*\n1 measure sent\.\n$/)
    assert.equal((await server.measures()).length, 4)
  })

  it('is of one server: another has got nothing', async (t) => {
    const name = file('two.ndjson', content)
    for (const _ of [1, 2]) {
      const server = await startDacc(t, { definitions })
      assert.equal((await dacc(['send', name, '--dacc', server.url], { env })).code, 0)
      assert.equal((await server.measures()).length, 3)
    }
  })

  it('goes on after a kill at any request, and never sends what may have been stored', async (t) => {
    for (const moment of ['before', 'after'] as const) {
      for (let at = 1; at <= MEASURES.length; at += 1) {
        const server = await startDacc(t, { definitions })
        const name = file(`killed-${moment}-${at}.ndjson`, content)
        let requests = 0
        const child = spawn(process.execPath, [program, 'send', name, '--dacc', server.url], {
          cwd: folder,
          env: { ...process.env, ...env },
          stdio: 'ignore',
        })
        server.intercept = async ({ method }) => {
          if (method !== 'POST') return 'pass'
          requests += 1
          if (requests !== at) return 'pass'
          child.kill('SIGKILL')
          await new Promise((resolve) => child.once('close', resolve))
          return moment === 'before' ? 'drop-before' : 'drop-after'
        }
        await new Promise((resolve) =>
          child.exitCode === null && child.signalCode === null ? child.once('close', resolve) : resolve(undefined),
        )
        server.intercept = undefined
        const { code, stderr } = await dacc(['send', name, '--dacc', server.url], { env })
        assert.equal(code, 3, stderr)
        assert.match(stderr, /^1 measure may have been stored before, and is never sent again\.$/m)
        const sent = (await server.measures()).map((each) => each.sent)
        assert.equal(new Set(sent).size, sent.length, `${moment} ${at}: a measure twice`)
        assert.deepEqual(
          sent,
          MEASURES.filter((_, number) => moment === 'after' || number !== at - 1),
        )
      }
    }
  })

  it('tries again what surely did not arrive, and what only lacks a definition', async (t) => {
    const some = { definitions: definitions.definitions.filter(({ name }) => name !== 'navigation-count-daily') }
    const server = await startDacc(t, { definitions: some })
    const name = file('held.ndjson', content)
    assert.equal((await dacc(['send', name, '--dacc', server.url, '--dacc-token', 'wrong'])).code, 4)
    assert.equal((await dacc(['send', name, '--dacc', server.url], { env })).code, 3)
    assert.deepEqual(
      journal(name).map(({ state }) => state),
      ['sending', 'not-sent', 'sending', 'sent', 'sending', 'held', 'sending', 'sent'],
    )
    assert.match(
      (await dacc(['send', name, '--dacc', server.url], { env })).stdout,
      /^line 2 .* held: No measure definition found/,
    )
  })

  it('that a crash cut off in a line goes on after the last whole one', async (t) => {
    const server = await startDacc(t, { definitions })
    const name = file('cut.ndjson', content)
    await dacc(['send', name, '--dacc', server.url], { env })
    const at = path.join(folder, `${name}.sent`)
    const whole = readFileSync(at, 'utf8')
    for (const length of [whole.length - 1, whole.length - 30, whole.lastIndexOf('\n', whole.length - 2) + 2]) {
      writeFileSync(at, whole.slice(0, length))
      const { code, stderr } = await dacc(['send', name, '--dacc', server.url], { env })
      // Its outcome was lost.
      assert.equal(code, 3)
      assert.match(stderr, /^1 measure may have been stored before/m)
    }
    assert.equal((await server.measures()).length, 3)
  })

  it('lets one send work at a time', async (t) => {
    const server = await startDacc(t, { definitions })
    const name = file('both.ndjson', content)
    const both = await Promise.all([1, 2].map(() => dacc(['send', name, '--dacc', server.url], { env })))
    assert.deepEqual(
      (await server.measures()).map(({ sent }) => sent),
      MEASURES,
    )
    for (const { code, stderr } of both)
      if (code !== 0) assert.match(stderr, /^dacc: both\.ndjson\.sent: another command is at work on it/)
  })

  it('is not begun by a dry run, which leaves out what was sent', async (t) => {
    const server = await startDacc(t, { definitions })
    const name = file('dry.ndjson', content)
    await dacc(['send', name, '--dacc', server.url, '--dry-run'], { env })
    assert.ok(!existsSync(path.join(folder, `${name}.sent`)))
    await dacc(['send', name, '--dacc', server.url], { env })
    const { stdout, stderr } = await dacc(['send', name, '--dacc', server.url, '--dry-run'], { env })
    assert.equal(stdout, '')
    assert.match(
      stderr,
      /^3 measures were sent before, as dry\.ndjson\.sent says\.\nNothing was sent: 0 measures would go to /,
    )
  })

  it('is kept elsewhere where that is said, also of stdin, and no other file is taken for one', async (t) => {
    const server = await startDacc(t, { definitions })
    for (const expected of ['3 measures sent.\n', '0 measures sent.\n']) {
      const { stdout } = await dacc(['send', '-', '--dacc', server.url, '--journal', 'mine'], { env, stdin: content })
      assert.ok(stdout.endsWith(expected), stdout)
    }
    const { code, stderr } = await dacc(
      ['send', file('m.ndjson', content), '--dacc', server.url, '--journal', 'm.ndjson'],
      { env },
    )
    assert.deepEqual(
      [code, stderr],
      [2, 'dacc: m.ndjson: line 1 is none of a journal of dacc send; --journal FILE names another file\n'],
    )
    assert.equal(readFileSync(path.join(folder, 'm.ndjson'), 'utf8'), content)
    const nowhere = await dacc(['send', 'm.ndjson', '--dacc', server.url, '--journal', 'no/where'], { env })
    assert.deepEqual(
      [nowhere.code, nowhere.stderr],
      [2, 'dacc: no/where: there is no such file; what was sent is kept there, --journal FILE says where else\n'],
    )
  })
})

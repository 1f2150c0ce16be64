import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { generateHome } from '../../../js/generate/home.ts'
import type { Cozy } from '../../../js/stand-in/cozy/cozy.ts'
import type { Dacc } from '../../../js/stand-in/dacc/dacc.ts'
import type { Definitions, Level, Measure, Report } from '../../../js/types/index.d.ts'
import { COZY_TOKEN, cozy, DACC_TOKEN, dacc as startDacc } from '../stand-in/support.ts'
import { interrupted, interruptedOnTerminal } from './interrupted.ts'
import { dacc, file, home, MEASURES, NOW, withoutReader } from './process.ts'
import { noTerminal } from './terminal.ts'

const definitions = JSON.parse((await dacc(['definitions'])).stdout) as Definitions
const LEDGER = 'com.grandlyon.ecolyo.dacc.measures'
const MEMORY = 'com.grandlyon.ecolyo.dacc.memory'

interface World {
  server: Dacc
  stack: Cozy
  env: Record<string, string>
}

async function world(t: TestContext, documents: unknown = home): Promise<World> {
  const server = await startDacc(t, { definitions })
  const stack = await cozy(t, { home: documents, dacc: server.url, daccToken: DACC_TOKEN })
  return { server, stack, env: { COZY_URL: stack.url, COZY_CREDENTIALS: COZY_TOKEN } }
}

const sentOf = async (server: Dacc) => (await server.measures()).map(({ sent }) => sent)

describe('dacc run', () => {
  it('sends what was never sent, once, and keeps the ledger', async (t) => {
    const { server, stack, env } = await world(t)
    const first = await dacc(['run', ...NOW], { env })
    assert.deepEqual({ code: first.code, stderr: first.stderr }, { code: 0, stderr: '' })
    assert.match(first.stdout, /^info {6}the run is complete: 3 planned, 3 sent$/m)
    const again = await dacc(['run', ...NOW, '--json'], { env })
    const { report, log } = JSON.parse(again.stdout) as { report: Report; log: { level: Level; message: string }[] }
    assert.deepEqual([report.end, report.planned, report.sent], ['complete', 0, 0])
    assert.ok(log.some(({ message }) => message.startsWith('the run is complete')))
    assert.deepEqual((await sentOf(server)).sort(), [...MEASURES].sort())
    assert.deepEqual(
      stack
        .documents(LEDGER)
        .filter((entry) => 'state' in entry)
        .map((entry) => entry['state']),
      ['sent', 'sent', 'sent'],
    )
  })

  it('reads its options as the service does, and flags win', async (t) => {
    const { server, env } = await world(t)
    const fields = JSON.stringify({ now: '2024-03-12T02:00:00', firstDay: '2024-03-08', createdBy: 'fields' })
    const config = file('config.json', { createdBy: 'config' })
    const { code } = await dacc(['run', '--config', config, ...NOW], { env: { ...env, COZY_FIELDS: fields } })
    assert.equal(code, 0)
    assert.deepEqual(
      new Set((await server.measures()).map(({ createdBy, startDate }) => `${createdBy} ${startDate.slice(0, 10)}`)),
      new Set(['config 2024-03-09']),
    )
  })

  it('ends with 3 where the server refuses a measure', async (t) => {
    const { server, stack, env } = await world(t)
    server.intercept = ({ body }) =>
      body.includes('session-duration')
        ? { status: 400, contentType: 'application/json', body: '{"error":"A value must be given"}' }
        : 'pass'
    const { code, stderr } = await dacc(['run', ...NOW], { env })
    assert.deepEqual(
      { code, stderr },
      { code: 3, stderr: 'dacc: the server refused 1 measure; the ledger tells why\n' },
    )
    assert.deepEqual(
      stack
        .documents(LEDGER)
        .filter((entry) => 'state' in entry)
        .map((entry) => entry['state'])
        .sort(),
      ['refused', 'sent', 'sent'],
    )
  })

  it('ends with 3 where the server has no definition yet, and keeps the measure for it', async (t) => {
    const { server, stack, env } = await world(t)
    server.intercept = ({ body }) =>
      body.includes('session-duration')
        ? {
            status: 400,
            contentType: 'application/json',
            body: '{"error":"No measure definition found for: session-duration"}',
          }
        : 'pass'
    const { code, stderr } = await dacc(['run', ...NOW], { env })
    const waits = 'dacc: 1 measure waits for a definition that the server does not have; `dacc definitions` prints it\n'
    assert.deepEqual({ code, stderr }, { code: 3, stderr: waits })
    assert.deepEqual(
      stack
        .documents(LEDGER)
        .filter((entry) => 'state' in entry)
        .map((entry) => entry['state'])
        .sort(),
      ['held', 'sent', 'sent'],
    )
    server.intercept = undefined
    assert.equal((await dacc(['run', ...NOW], { env })).code, 0)
    assert.deepEqual(
      stack
        .documents(LEDGER)
        .filter((entry) => 'state' in entry)
        .map((entry) => entry['state'])
        .sort(),
      ['sent', 'sent', 'sent'],
    )
  })

  it('says in one sentence why it was not let in, and ends with 4', async (t) => {
    const { stack, env } = await world(t)
    const gone = await dacc(['run', '--dry-run', '--cozy-url', 'http://127.0.0.1:9', ...NOW], { env })
    assert.deepEqual(gone, {
      code: 4,
      stdout: '',
      stderr: 'dacc: http://127.0.0.1:9: the memory: the Cozy did not answer; nothing was sent or written\n',
    })
    const wrong = await dacc(['run', '--json', '--credentials', 'wrong', ...NOW], { env })
    assert.deepEqual(
      { code: wrong.code, stderr: wrong.stderr },
      { code: 4, stderr: `dacc: ${stack.url}: the memory: the token is not accepted; 0 measures sent\n` },
    )
  })

  it('keeps what is not sent for the next run when Ctrl-C comes, and lets it in at once', async (t) => {
    const { server, stack, env } = await world(t)
    const { code, stderr } = await interrupted(server, ['run', ...NOW], env)
    assert.deepEqual(
      { code, stderr },
      { code: 130, stderr: 'dacc: interrupted; what was not sent is planned, and the next run sends it\n' },
    )
    assert.deepEqual(
      stack
        .documents(LEDGER)
        .filter((entry) => 'state' in entry)
        .map((entry) => entry['state'])
        .sort(),
      ['planned', 'planned', 'sent'],
    )
    server.intercept = undefined
    assert.equal((await dacc(['run', ...NOW], { env })).code, 0)
    assert.deepEqual((await sentOf(server)).sort(), [...MEASURES].sort())
  })

  it('gives its lease back on a terminal, too, where a progress line listens', { skip: noTerminal }, async (t) => {
    const { server, stack, env } = await world(t)
    const { code, text } = await interruptedOnTerminal(server, ['run', ...NOW], 2, env)
    assert.match(text, /requests, 1 measure sent/)
    assert.match(text, /warn {6}[^\n]*sending stopped: it was interrupted\n/)
    assert.match(text, /dacc: interrupted; what was not sent is planned, and the next run sends it\n$/)
    assert.equal(code, 130)
    assert.deepEqual(
      stack
        .documents(LEDGER)
        .filter((entry) => 'state' in entry)
        .map((entry) => entry['state'])
        .sort(),
      ['planned', 'sent', 'sent'],
    )
    server.intercept = undefined
    assert.equal((await dacc(['run', ...NOW], { env })).code, 0)
  })

  it('hears Ctrl-C while it waits', async (t) => {
    const { server, stack, env } = await world(t)
    const begun = Date.now()
    const { code, stdout } = await interrupted(server, ['run', ...NOW, '--remote', server.url, '--json'], env, {
      status: 429,
      contentType: 'application/json',
      body: '{"error":"slow down"}',
      headers: { 'retry-after': '25' },
    })
    assert.ok(Date.now() - begun < 20_000)
    assert.equal(code, 130)
    const { report, log } = JSON.parse(stdout) as { report: Report; log: { level: Level; message: string }[] }
    assert.equal(report.left, 3)
    assert.deepEqual(
      log.filter(({ message }) => message.startsWith('sending stopped')),
      [{ level: 'warn', message: 'sending stopped: it was interrupted' }],
    )
    assert.deepEqual(
      stack
        .documents(LEDGER)
        .filter((entry) => 'state' in entry)
        .map((entry) => entry['state']),
      ['planned', 'planned', 'planned'],
    )
  })

  it('ends what it began when who reads of it is gone', async (t) => {
    const { server, stack, env } = await world(t)
    const { code, stderr } = await withoutReader(['run', ...NOW], env)
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.deepEqual((await sentOf(server)).sort(), [...MEASURES].sort())
    assert.deepEqual(
      stack
        .documents(LEDGER)
        .filter((entry) => 'state' in entry)
        .map((entry) => entry['state']),
      ['sent', 'sent', 'sent'],
    )
    assert.equal((await dacc(['run', ...NOW], { env })).code, 0)
  })

  it('never tells the password or the query of an address', async (t) => {
    const { stack, env } = await world(t)
    const withPassword = (url: string) => `${url.replace('//', '//someone:hunter2@')}/?key=hunter3`
    const told = [
      await dacc(['run', '--cozy-url', withPassword('http://127.0.0.1:9'), ...NOW], { env }),
      await dacc(['run', '--dry-run', '--remote', withPassword(stack.url), ...NOW], { env }),
      await dacc(['run', '--remote', withPassword('http://127.0.0.1:9'), ...NOW], { env }),
    ]
    assert.deepEqual(
      told.map(({ code }) => code),
      [4, 0, 3],
    )
    for (const { stdout, stderr } of told) assert.doesNotMatch(`${stdout}${stderr}`, /hunter/)
    assert.match(told[1]?.stderr ?? '', new RegExp(`3 measures would go to ${stack.url}\\.\n$`))
  })

  it('refuses what cannot be sent as a token, without telling it', async () => {
    const env = { COZY_URL: 'http://127.0.0.1:9' }
    for (const token of ['ab\ncd', 'ab漢cd', 'ab\u0001cd', 'ab cd', '{"token":{"accessToken":"ab\\ncd"}}']) {
      for (const command of [
        ['run'],
        ['status', 'http://127.0.0.1:9'],
        ['send', file('m.ndjson', MEASURES.join('\n')), '--remote', 'cc.cozycloud.dacc_v2'],
      ]) {
        const { code, stdout, stderr } = await dacc([...command, '--credentials', token], { env })
        assert.deepEqual(
          { code, stdout, stderr },
          {
            code: 2,
            stdout: '',
            stderr: 'dacc: --credentials: this is no token; one has neither spaces nor letters beyond ASCII\n',
          },
        )
      }
      const { stderr } = await dacc(['run'], { env: { ...env, COZY_CREDENTIALS: token } })
      assert.match(stderr, /^dacc: COZY_CREDENTIALS: this is no token;/)
    }
    const direct = await dacc([
      'send',
      file('m.ndjson', MEASURES.join('\n')),
      '--dacc',
      'http://127.0.0.1:9',
      '--dacc-token',
      'ab\ncd',
    ])
    assert.deepEqual(
      [direct.code, direct.stderr],
      [2, 'dacc: --dacc-token: this is no token; one has neither spaces nor letters beyond ASCII\n'],
    )
  })

  it('names what it needs', async () => {
    const env = { COZY_URL: '', COZY_CREDENTIALS: '' }
    for (const [flags, sentence] of [
      [[], /^dacc: --cozy-url: the address of a Cozy is needed, as https:/],
      [['--cozy-url', 'ftp://a'], /^dacc: --c/],
      [
        ['--cozy-url', 'http://a.localhost'],
        /^dacc: --credentials: the app's token is needed; or set COZY_CREDENTIALS\n$/,
      ],
      [
        ['--cozy-url', 'http://a.localhost', '--credentials', 'x', '--remote', '../files'],
        /^dacc: --remote: a doctype or an http:\/\/ address is needed\n$/,
      ],
      [
        ['--cozy-url', 'http://a.localhost', '--credentials', 'x', '--first-day', 'soon'],
        /^dacc: --first-day: "soon" is not a day/,
      ],
    ] as const) {
      const { code, stdout, stderr } = await dacc(['run', ...flags], { env })
      assert.match(stderr, sentence)
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
    }
  })
})

describe('dacc run --dry-run', () => {
  const busy = generateHome({
    seed: 3,
    name: 'a',
    from: '2024-01-01',
    to: '2024-03-09',
    habit: 'devoted',
    consent: 'given',
    joined: '2023-11-01',
  })
  const month = [...NOW, '--first-day', '2024-02-01']

  it('shows exactly what the run then sends, and writes nothing', async (t) => {
    const { server, stack, env } = await world(t, busy)
    const dry = await dacc(['run', '--dry-run', '--json', ...month], { env })
    const { measures } = JSON.parse(dry.stdout) as { measures: Measure[] }
    assert.ok(measures.length > 50)
    assert.deepEqual(server.requests, [])
    const writes = stack.requests.filter(({ method, path }) => method !== 'GET' && !/_find$|_all_docs\?/.test(path))
    assert.deepEqual(writes, [])
    assert.deepEqual([stack.documents(LEDGER), stack.documents(MEMORY)], [[], []])
    assert.equal((await dacc(['run', ...month], { env })).code, 0)
    assert.deepEqual(
      measures.map((measure) => JSON.stringify(measure)),
      await sentOf(server),
    )
  })

  it('shows what waits in the ledger, and nothing that was sent', async (t) => {
    const { server, env } = await world(t)
    let sends = 0
    server.intercept = () => {
      sends += 1
      return sends > 1 ? { status: 403, contentType: 'application/json', body: '{}' } : 'pass'
    }
    assert.equal((await dacc(['run', ...NOW], { env })).code, 3)
    const { stdout, stderr } = await dacc(['run', '--dry-run', ...NOW], { env })
    assert.equal(stdout.split('\n').filter((line) => line.includes('2024-03-09')).length, 2)
    assert.equal(stderr, 'Nothing was sent or written: 2 measures would go to cc.cozycloud.dacc_v2.\n')
  })

  it('says why there is nothing', async (t) => {
    const { env } = await world(t, {})
    const { code, stdout, stderr } = await dacc(['run', '--dry-run', ...NOW], { env })
    assert.deepEqual(
      { code, stdout, stderr },
      { code: 0, stdout: '', stderr: 'Nothing was sent or written: the person does not consent today.\n' },
    )
  })
})

import assert from 'node:assert/strict'
import { closeSync, existsSync, openSync } from 'node:fs'
import { describe, it } from 'node:test'
import { load } from '../../../js/api/index.node.ts'
import { describeDelivery } from '../../../js/cli/measures/delivery.ts'
import type { Intercept } from '../../../js/stand-in/http/server.ts'
import type { Definitions } from '../../../js/types/index.d.ts'
import { COZY_TOKEN, cozy, DACC_TOKEN, dacc as startDacc } from '../stand-in/support.ts'
import { interrupted, interruptedOnTerminal } from './interrupted.ts'
import { dacc, file, MEASURES, withoutReader } from './process.ts'
import { noTerminal } from './terminal.ts'

const definitions = JSON.parse((await dacc(['definitions'])).stdout) as Definitions
const input = file('measures.ndjson', MEASURES.join('\n'))
const FAULTY = MEASURES[0]?.replace('"value":1', '"value":null') ?? ''

/** Answers the sends after the first `passed` in this way. */
function after(passed: number, decision: Awaited<ReturnType<Intercept>>): Intercept {
  let sends = 0
  return ({ method }) => {
    if (method !== 'POST') return 'pass'
    sends += 1
    return sends > passed ? decision : 'pass'
  }
}

describe('dacc send', () => {
  it('sends each measure once to a DACC, as it stands in the file', async (t) => {
    const server = await startDacc(t, { definitions })
    const { code, stdout, stderr } = await dacc(['send', input, '--dacc', server.url], { env: { DACC_TOKEN } })
    assert.equal(
      stdout,
      [
        'line 1  connection-count-daily 2024-03-09  sent',
        'line 2  navigation-count-daily 2024-03-09  sent',
        'line 3  session-duration 2024-03-09  sent',
        '3 measures sent.',
        '',
      ].join('\n'),
    )
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.deepEqual(
      (await server.measures()).map(({ sent }) => sent),
      MEASURES,
    )
  })

  const TERMS = {
    'com.grandlyon.ecolyo.term': [{ _id: 't', accepted: true, version: '1.0.0', date: '2024-01-01T08:00:00Z' }],
  }

  it('sends through a Cozy in the form of each remote doctype, by way of its ledger: nothing twice', async (t) => {
    for (const remote of [
      'cc.cozycloud.dacc_v2',
      'cc.cozycloud.dacc.dev_v2',
      'eu.mycozy.dacc_v2',
      'cc.cozycloud.dacc',
    ]) {
      const server = await startDacc(t, { definitions })
      const stack = await cozy(t, { dacc: server.url, home: TERMS })
      const env = { COZY_URL: stack.url, COZY_CREDENTIALS: COZY_TOKEN }
      const dry = await dacc(['send', '-', '--remote', remote, '--dry-run'], { stdin: MEASURES.join('\n'), env })
      assert.equal(dry.code, 0, dry.stderr)
      assert.equal(dry.stdout.split('\n').filter(Boolean).length, 3)
      assert.deepEqual(await server.measures(), [])
      for (const sent of [3, 0]) {
        const { code, stdout, stderr } = await dacc(['send', '-', '--remote', remote, '--json'], {
          stdin: MEASURES.join('\n'),
          env,
        })
        assert.equal(code, 0, stderr)
        assert.equal((JSON.parse(stdout) as { report: { sent: number } }).report.sent, sent)
      }
      assert.deepEqual((await server.measures()).map((each) => each.sent).sort(), [...MEASURES].sort(), remote)
    }
  })

  it('sends nothing through a Cozy that does not consent', async (t) => {
    const server = await startDacc(t, { definitions })
    const stack = await cozy(t, { dacc: server.url })
    const { stdout } = await dacc(['send', '-', '--remote', 'cc.cozycloud.dacc_v2'], {
      stdin: MEASURES.join('\n'),
      env: { COZY_URL: stack.url, COZY_CREDENTIALS: COZY_TOKEN },
    })
    assert.match(stdout, /no consent today/)
    assert.deepEqual(await server.measures(), [])
  })

  it('shows on a dry run what would be sent, and makes no request', async (t) => {
    const server = await startDacc(t, { definitions })
    const { code, stdout, stderr } = await dacc(['send', input, '--dacc', server.url, '--dry-run'])
    assert.equal(stdout, MEASURES.map((measure) => `${measure}\n`).join(''))
    assert.deepEqual(
      { code, stderr },
      { code: 0, stderr: `Nothing was sent: 3 measures would go to ${server.url}/measure.\n` },
    )
    assert.deepEqual(server.requests, [])
  })

  it('sends nothing where one has a fault, and the others if it shall', async (t) => {
    const server = await startDacc(t, { definitions })
    const faulty = file('faulty.ndjson', `${FAULTY}\n${MEASURES[1]}\n`)
    const args = ['send', faulty, '--dacc', server.url, '--dacc-token', DACC_TOKEN]
    const none = await dacc(args)
    assert.match(
      none.stderr,
      /^faulty\.ndjson:1:\d+: value must be a JSON number; the server answers 500\ndacc: faulty\.ndjson: 1 of 2 measures must not be sent, so none was; --skip-faulty sends the others\n$/,
    )
    assert.deepEqual(
      { code: none.code, stdout: none.stdout, requests: server.requests },
      { code: 3, stdout: '', requests: [] },
    )
    const others = await dacc([...args, '--skip-faulty'])
    assert.equal(others.code, 3)
    assert.deepEqual(
      (await server.measures()).map(({ sent }) => sent),
      [MEASURES[1]],
    )
  })

  it('goes on after what the server refuses, and ends with 3', async (t) => {
    const some = { definitions: definitions.definitions.filter(({ name }) => name !== 'navigation-count-daily') }
    const server = await startDacc(t, { definitions: some })
    const { code, stdout, stderr } = await dacc(['send', input, '--dacc', server.url, '--dacc-token', DACC_TOKEN])
    assert.match(
      stdout,
      /^line 2 {2}navigation-count-daily 2024-03-09 {2}held: No measure definition found for: navigation-count-daily$/m,
    )
    assert.match(stdout, /\n2 measures sent, 1 held\.\n$/)
    assert.deepEqual(
      { code, stderr },
      {
        code: 3,
        stderr: 'dacc: the server has no such definition of 1 of 3 measures yet; send it again when it has\n',
      },
    )
  })

  it('stops at what surely did not arrive, and goes on there when told to', async (t) => {
    const server = await startDacc(t, { definitions })
    server.intercept = after(1, { status: 429, contentType: 'application/json', body: '{"error":"slow down"}' })
    const args = ['send', input, '--dacc', server.url, '--dacc-token', DACC_TOKEN]
    const { code, stderr } = await dacc(args)
    assert.deepEqual(
      { code, stderr },
      {
        code: 4,
        stderr: `dacc: ${server.url}/measure: too many requests: it was turned away; send measures.ndjson again to go on\n`,
      },
    )
    server.intercept = undefined
    assert.equal((await dacc([...args, '--skip', '1'])).code, 0)
    assert.deepEqual(
      (await server.measures()).map(({ sent }) => sent),
      MEASURES,
    )
  })

  it('stops at what may have been stored, and never sends it again', async (t) => {
    const server = await startDacc(t, { definitions })
    server.intercept = after(1, 'drop-after')
    const args = ['send', input, '--dacc', server.url, '--dacc-token', DACC_TOKEN]
    const { code, stdout, stderr } = await dacc(args)
    assert.match(stdout, /^line 2 .* unknown: no answer came$/m)
    assert.deepEqual(
      { code, stderr },
      {
        code: 4,
        stderr: `dacc: ${server.url}/measure: no answer came, and line 2 may have been stored; send measures.ndjson again to go on\n`,
      },
    )
    server.intercept = undefined
    assert.equal((await dacc([...args, '--skip', '2'])).code, 0)
    assert.deepEqual(
      (await server.measures()).map(({ sent }) => sent),
      MEASURES,
    )
  })

  it('says where nobody answers, and what is not let in', async (t) => {
    const server = await startDacc(t, { definitions })
    const gone = await dacc(['send', input, '--dacc', 'http://127.0.0.1:9'])
    assert.deepEqual(
      { code: gone.code, stderr: gone.stderr },
      { code: 4, stderr: 'dacc: http://127.0.0.1:9/measure: no connection was made; nothing was sent\n' },
    )
    const wrong = await dacc(['send', input, '--dacc', server.url, '--dacc-token', 'wrong'])
    assert.deepEqual(
      { code: wrong.code, stderr: wrong.stderr },
      { code: 4, stderr: `dacc: ${server.url}/measure: the token is not accepted; nothing was sent\n` },
    )
  })

  it('names the permission that an app lacks', async (t) => {
    const server = await startDacc(t, { definitions })
    const permissions = Object.fromEntries(
      [
        'com.grandlyon.ecolyo.term',
        'com.grandlyon.ecolyo.dacc.measures',
        'com.grandlyon.ecolyo.dacc.memory',
        'cc.cozycloud.dacc_v2',
      ].map((type) => [type, { type, verbs: ['GET', 'POST', 'PUT'] }]),
    )
    const stack = await cozy(t, { dacc: server.url, home: TERMS, permissions })
    const { code, stderr } = await dacc(
      ['send', file('dev.ndjson', MEASURES[0] ?? ''), '--remote', 'cc.cozycloud.dacc.dev_v2'],
      { env: { COZY_URL: stack.url, COZY_CREDENTIALS: COZY_TOKEN } },
    )
    assert.match(stderr, /the app has no permission: its manifest lacks POST on cc\.cozycloud\.dacc\.dev_v2/)
    assert.equal(code, 3)
  })

  it('never tells the password of an address', async () => {
    for (const [address, more] of [
      ['http://someone:hunter2@127.0.0.1:9', []],
      ['http://someone:hunter2@127.0.0.1:9', ['--dry-run']],
      ['htp://someone:hunter2@here', []],
    ] as const) {
      const { stdout, stderr } = await dacc(['send', input, '--dacc', address, ...more])
      assert.match(stderr, /\bhttp:\/\/127\.0\.0\.1:(?:9\/measure|8081)\b/)
      assert.doesNotMatch(`${stdout}${stderr}`, /hunter2|someone/)
    }
  })

  it('sends all, whoever reads of it', async (t) => {
    const server = await startDacc(t, { definitions })
    const many = file('many.ndjson', `${MEASURES.join('\n')}\n`.repeat(100))
    const { code, stderr } = await withoutReader(['send', many, '--dacc', server.url], { DACC_TOKEN })
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.equal((await server.measures()).length, 300)
  })

  it('sends all where nothing can be written of it, and says that', {
    skip: !existsSync('/dev/full') && 'this machine has no disk that is always full',
  }, async (t) => {
    const server = await startDacc(t, { definitions })
    const full = openSync('/dev/full', 'w')
    t.after(() => closeSync(full))
    const { code, stderr } = await withoutReader(['send', input, '--dacc', server.url], { DACC_TOKEN }, full)
    assert.deepEqual(
      { code, stderr },
      { code: 2, stderr: 'dacc: stdout: the disk is full; what was begun goes on untold\n' },
    )
    assert.equal((await server.measures()).length, 3)
  })

  it('asks for one place to send to', async () => {
    const env = { COZY_URL: '', COZY_CREDENTIALS: '' }
    for (const [flags, sentence] of [
      [[], /^dacc: where to is needed: /],
      [['--dacc', 'http://a', '--remote', 'b'], /^dacc: where to is needed: /],
      [['--dacc', 'localhost'], /^dacc: --dacc: this is not an address/],
      [['--remote', 'a/b'], /^dacc: --remote: "a\/b" is not a doctype/],
      [['--remote', 'cc.cozycloud.dacc_v2'], /^dacc: --cozy-url: the address of a Cozy is needed/],
      [
        ['--remote', 'cc.cozycloud.dacc_v2', '--cozy-url', 'http://a.localhost'],
        /^dacc: --credentials: the app's token is needed/,
      ],
    ] as const) {
      const { code, stdout, stderr } = await dacc(['send', input, ...flags], { env })
      assert.match(stderr, sentence)
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
    }
  })
})

describe('Ctrl-C while sending', () => {
  it('lets the measure that is under way end, and tells how to go on', async (t) => {
    const server = await startDacc(t, { definitions })
    const { code, stderr } = await interrupted(server, [
      'send',
      input,
      '--dacc',
      server.url,
      '--dacc-token',
      DACC_TOKEN,
    ])
    assert.deepEqual(
      { code, stderr },
      { code: 130, stderr: 'dacc: interrupted; send measures.ndjson again to go on\n' },
    )
    assert.deepEqual(
      (await server.measures()).map(({ sent }) => sent),
      MEASURES.slice(0, 1),
    )
  })

  it('does so on a terminal, where a progress bar listens too', { skip: noTerminal }, async (t) => {
    const server = await startDacc(t, { definitions })
    const { code, text } = await interruptedOnTerminal(
      server,
      ['send', input, '--dacc', server.url, '--dacc-token', DACC_TOKEN],
      2,
    )
    assert.match(text, /33 % {2}1 measure of 3/)
    assert.match(
      text,
      /\r\u001b\[Kline 2 [^\n]* sent\n(?:[^\n]*\r\u001b\[K)?dacc: interrupted; send measures\.ndjson again to go on\n$/,
    )
    assert.equal(code, 130)
    assert.deepEqual(
      (await server.measures()).map(({ sent }) => sent),
      MEASURES.slice(0, 2),
    )
  })

  it('ends with 130 and tells how to go on, whatever was refused before', async (t) => {
    const some = { definitions: definitions.definitions.filter(({ name }) => name !== 'connection-count-daily') }
    const server = await startDacc(t, { definitions: some })
    const bad = file('faulty-last.ndjson', `${MEASURES.join('\n')}\n${FAULTY}\n`)
    const { code, stderr } = await interrupted(server, [
      'send',
      bad,
      '--skip-faulty',
      '--dacc',
      server.url,
      '--dacc-token',
      DACC_TOKEN,
    ])
    assert.match(stderr, /\ndacc: interrupted; send faulty-last\.ndjson again to go on\n$/)
    assert.equal(code, 130)
  })
})

describe('what an answer means', () => {
  const told = (status: number, contentType: string, body: string) =>
    describeDelivery({ status, contentType, body: new TextEncoder().encode(body), retryAfter: undefined }).outcome

  it('is what the nightly run takes it for', async () => {
    await load()
    // The rows of src/remote/delivery.rs, as they come through the module.
    for (const [status, contentType, body, expected] of [
      [201, 'application/json', '{"ok":true}', 'sent'],
      [201, '', '', 'sent'],
      [201, 'text/html', '<html>', 'unknown'],
      [200, 'text/html; charset=utf-8', '<html>', 'unknown'],
      [200, 'application/json', '{"ok":true}', 'unknown'],
      [302, 'text/html', '', 'not-sent'],
      [400, 'application/json', '{"error":"Expired token"}', 'not-sent'],
      [400, 'application/json', '{"error":"A value must be given"}', 'refused'],
      [400, 'application/json', '{"error":"No measure definition found for: quiz-stars"}', 'held'],
      [400, 'application/json', '{"error":"Group1 key does not match measure definition: page"}', 'held'],
      [400, 'application/vnd.api+json', '{"errors":[{"status":"400"}]}', 'not-sent'],
      [400, 'text/html', '<html>', 'not-sent'],
      [401, 'text/html', 'Unauthorized Access', 'not-sent'],
      [403, 'application/vnd.api+json', '{"errors":[]}', 'not-sent'],
      [404, 'application/vnd.api+json', '{"errors":[]}', 'not-sent'],
      [408, '', '', 'not-sent'],
      [429, 'application/json', '{"error":"slow down"}', 'not-sent'],
      [500, 'application/json', '{"error":"boom"}', 'unknown'],
      [502, 'application/vnd.api+json', '{"errors":[{"status":"502"}]}', 'unknown'],
      [502, 'text/html', '<html>', 'unknown'],
      [0, '', '', 'unknown'],
    ] as const) {
      assert.equal(told(status, contentType, body), expected, `${status} ${contentType} ${body}`)
    }
    assert.equal(describeDelivery({ written: false }).outcome, 'not-sent')
    assert.equal(describeDelivery({ written: true }).outcome, 'unknown')
  })
})

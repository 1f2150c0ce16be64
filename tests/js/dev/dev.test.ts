import assert from 'node:assert/strict'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect, createServer, type Server } from 'node:net'
import path from 'node:path'
import { test } from 'node:test'
import { file, folder, home } from '../cli/process.ts'
import { runService } from '../service/stack.ts'
import { dev, type Running, refused } from './process.ts'

const EVENTS = 'com.grandlyon.ecolyo.usageevents'
const MEASURE = {
  createdBy: 'ecolyo',
  measureName: 'navigation-count-daily',
  startDate: '2024-03-09',
  value: 2,
  group1: { page: 'consumption' },
}

function ask({ cozy }: Running, method: string, where: string, body?: unknown): Promise<Response> {
  return fetch(cozy.url + where, {
    method,
    headers: { authorization: `Bearer ${cozy.token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

async function json(answer: Promise<Response>): Promise<any> {
  return (await answer).json()
}

function sendMeasure(running: Running): Promise<Response> {
  return ask(running, 'POST', '/remote/cc.cozycloud.dacc_v2', { data: JSON.stringify(MEASURE), path: 'measure' })
}

test('without a file the home is made up; the service runs with the environment that is printed', async (t) => {
  const running = await dev(t)
  assert.equal((await fetch(running.page)).status, 200)
  assert.ok((running.home.documents ?? 0) > 100)
  assert.equal(running.dacc.mode, 'strict')
  const { code, lines } = await runService(running.environment)
  assert.equal(code, 0, JSON.stringify(lines))
  const { counts } = await json(fetch(`${running.cozy.url}/dev/state`))
  assert.ok(counts.measures > 50, JSON.stringify(lines))
  assert.equal(await running.end('SIGINT'), 0)
  assert.equal(running.stderr(), '')
})

test('what was answered outlives a SIGKILL', async (t) => {
  const state = path.join(folder, 'kept')
  // One that an older version made.
  mkdirSync(state, { mode: 0o777 })
  const first = await dev(t, [file('home.json', home), '--folder', state])
  assert.equal(first.home.documents, 3)
  await ask(first, 'POST', `/data/${EVENTS}/_index`, { index: { fields: ['type'] }, ddoc: 'by_type' })
  const { _rev } = await json(ask(first, 'GET', `/data/${EVENTS}/e1`))
  await ask(first, 'DELETE', `/data/${EVENTS}/e2?rev=${(await json(ask(first, 'GET', `/data/${EVENTS}/e2`)))._rev}`)
  assert.equal((await sendMeasure(first)).status, 201)
  const updated = await json(ask(first, 'PUT', `/data/${EVENTS}/e1`, { ...home[EVENTS][0], _rev, odd: 'a\0b\ud800' }))
  assert.equal(await first.end('SIGKILL'), 'SIGKILL')

  assert.deepEqual(open(state), [], 'only their owner may read or write the files')
  const second = await dev(t, [file('other.json', {}), '--folder', state])
  const found = await json(
    ask(second, 'POST', `/data/${EVENTS}/_find`, { selector: { type: { $gt: null } }, use_index: '_design/by_type' }),
  )
  assert.deepEqual(
    found.docs.map(({ _id, _rev: rev, odd }: any) => [_id, rev, odd]),
    [['e1', updated.rev, 'a\0b\ud800']],
  )
  assert.equal((await json(ask(second, 'GET', `/data/${EVENTS}/e2`))).reason, 'deleted')
  assert.equal((await json(fetch(`${second.cozy.url}/dev/state`))).counts.measures, 1)
  assert.equal((await json(ask(second, 'GET', '/data/io.cozy.remote.requests/_normal_docs'))).total_rows, 1)

  const { code, stderr } = await refused(['--folder', state])
  assert.equal(code, 2)
  assert.match(stderr, /^dacc: \S+ is in use by the process \d+; [^\n]+\n$/)
  assert.equal(await second.end('SIGTERM'), 0)
})

test('flags: a faithful DACC, permissions of a manifest, own definitions, latency, faults', async (t) => {
  const manifest = file('manifest.json', { permissions: { dacc: { type: 'cc.cozycloud.dacc_v2', verbs: ['POST'] } } })
  const definitions = file('definitions.json', {
    definitions: [{ name: 'navigation-count-daily', group1Key: 'page', aggregationThreshold: 1, accessApp: true }],
  })
  const flags = [
    '--mode',
    'faithful',
    '--manifest',
    manifest,
    '--definitions',
    definitions,
    '--token',
    'chosen',
    '--latency',
    '150',
    '--fault',
    '429:1',
    '--fault',
    '500:1',
  ]
  const running = await dev(t, [file('home.json', home), ...flags])
  assert.equal(running.cozy.token, 'chosen')
  assert.equal((await ask(running, 'GET', `/data/${EVENTS}/e1`)).status, 403)
  const began = performance.now()
  const statuses: number[] = []
  for (let time = 0; time < 3; time += 1) statuses.push((await sendMeasure(running)).status)
  assert.deepEqual(statuses, [429, 500, 201])
  assert.ok(performance.now() - began >= 440)
  const lost = { data: JSON.stringify({ ...MEASURE, value: true }), path: 'measure' }
  assert.equal((await ask(running, 'POST', '/remote/cc.cozycloud.dacc_v2', lost)).status, 201)
  const query = { measureName: MEASURE.measureName, startDate: '2024-03-01', endDate: '2024-04-01' }
  const aggregates = await json(
    ask(running, 'POST', '/remote/cc.cozycloud.dacc_v2', { data: JSON.stringify(query), path: 'aggregate' }),
  )
  assert.deepEqual(
    aggregates.map(({ sum, count }: any) => [sum, count]),
    [[2, 1]],
  )
})

test('malformed requests, huge bodies and uploads that break off do not end it', { timeout: 120_000 }, async (t) => {
  const running = await dev(t, [file('home.json', home)])
  const port = Number(new URL(running.cozy.url).port)
  for (const bytes of [
    'nonsense\r\n\r\n',
    '\0\x01\x02\xff',
    'GET /dev/%zz HTTP/1.1\r\nHost: [\r\n\r\n',
    'POST /dev/home HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'x'.repeat(100_000)}`,
  ]) {
    await raw(port, bytes)
  }
  await raw(port, 'PUT /dev/home HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\n{"a":')
  for (const where of [
    '/dev/home',
    '/dev/faults',
    '/dev/measures',
    '/dev/neighbours',
    `/data/${EVENTS}/_find`,
    '/remote/cc.cozycloud.dacc_v2',
    '/jobs/queue/service',
    '/dacc/measure',
  ]) {
    for (const method of ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS']) {
      for (const body of ['{', '[[[[', '\ud800', 'null', '"text"', '['.repeat(200_000)]) {
        const headers = { authorization: `Bearer ${running.cozy.token}`, 'content-type': 'application/json' }
        const answer = await fetch(running.cozy.url + where, { method, headers, ...(method !== 'GET' && { body }) })
        await answer.arrayBuffer()
        assert.ok(
          answer.status < 500 || where === '/dacc/measure',
          `${method} ${where} ${body.slice(0, 9)}: ${answer.status}`,
        )
      }
    }
  }
  assert.equal(await upload(running, 65 * 1024 * 1024), 413)
  assert.equal((await json(ask(running, 'GET', `/data/${EVENTS}/e1`))).context, 'mobile')
  assert.equal(running.child.exitCode, null)
  assert.equal(running.stderr(), '')
})

/** Sends bytes and breaks off. */
function raw(port: number, bytes: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(Buffer.from(bytes, 'latin1'))
      setTimeout(() => socket.destroy(), 50)
    })
    socket
      .on('error', () => {})
      .on('close', () => resolve())
      .resume()
  })
}

/** The status of an upload of so many bytes, whose length is told before. */
function upload({ cozy }: Running, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${cozy.url}/dev/home`, { method: 'PUT', headers: { 'content-length': bytes } }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
      sent.destroy()
    })
    sent.on('error', reject)
    sent.write(Buffer.alloc(64 * 1024, 0x20))
  })
}

test('a port that was asked for and is taken ends it; the usual one that is taken does not', async (t) => {
  const server = await occupy(0)
  t.after(() => server.close())
  const taken = String((server.address() as { port: number }).port)
  const { code, stderr } = await refused(['--port', taken])
  assert.deepEqual([code, stderr], [2, `dacc: --port: ${taken} is taken; choose another, or 0 for a free one\n`])

  // Whoever has it already does just as well.
  const usual = await occupy(7373).catch(() => undefined)
  t.after(() => usual?.close())
  const running = await dev(t, [file('home.json', home)], [])
  assert.notEqual(new URL(running.page).port, '7373')
})

function occupy(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .once('error', reject)
      .listen(port, '127.0.0.1', () => resolve(server))
  })
}

for (const [says, args, sentence] of [
  ['a file that is not there', ['none.json'], 'none.json: there is no such file'],
  [
    'a home that is an array',
    [file('array.json', '[]')],
    'array.json: this is an array; a home is an object, {"<doctype>": [document, …], …}',
  ],
  [
    'a file of several homes',
    [file('several.ndjson', '{}\n{}\n')],
    'several.ndjson: it holds several homes; a Cozy is that of one',
  ],
  [
    'a fault nobody knows',
    ['--fault', 'teapot'],
    '--fault: The fault "teapot" is not known; write 429, 500, html-502 or drop-after-accept',
  ],
  [
    'a latency that is none',
    ['--latency', 'long'],
    '--latency: "long" is not a number of milliseconds from 0 to 60000',
  ],
  ['a port that is none', ['--port', '70000'], '--port: "70000" is not a port; write a number from 0 to 65535'],
  [
    'a manifest without permissions',
    ['--manifest', file('empty.json', {})],
    'empty.json: it has no "permissions"; a manifest.webapp is needed',
  ],
  [
    'definitions that are none',
    ['--definitions', file('empty.json', {})],
    'empty.json: The definitions file must be an object with a list "definitions"',
  ],
  ['a host of another machine', ['--host', '192.0.2.1'], '--host: 192.0.2.1 is not an address of this machine'],
] as const) {
  test(`${says} is refused in one sentence`, async () => {
    const { code, stdout, stderr } = await refused(args)
    assert.deepEqual([code, stdout, stderr], [2, '', `dacc: ${sentence}\n`])
  })
}

test('a home that is not JSON is refused with its line and column, and without its text', async () => {
  const { code, stderr } = await refused([file('broken.json', '{\n  "a": [secret]\n}')])
  assert.equal(code, 2)
  assert.match(stderr, /^dacc: broken\.json: .*line 2, column \d+.*\n$/)
  assert.ok(!stderr.includes('secret'))
})

test('a folder that cannot be made, or written to, is refused in one sentence', {
  skip: !existsSync('/proc/self'),
}, async () => {
  for (const [where, why] of [
    ['/proc/none', /^dacc: \/proc\/none cannot be made \(ENOENT: [^\n]+\)\n$/],
    ['/proc/none/deeper', /^dacc: \/proc\/none\/deeper cannot be made \(ENOENT: [^\n]+\)\n$/],
    [file('a-file', ''), /^dacc: a-file cannot be (made|locked) \([^\n]+\)\n$/],
    [path.join(file('a-file', ''), 'in-it'), /^dacc: a-file\/in-it cannot be made \(ENOTDIR: [^\n]+\)\n$/],
  ] as const) {
    const { code, stdout, stderr } = await refused(['--folder', where])
    assert.deepEqual([code, stdout], [2, ''], stderr)
    assert.match(stderr, why)
  }
})

test('a server that cannot be reached is told, and not its password', async () => {
  const { code, stderr } = await refused([], { DATABASE_URL: 'postgres://someone:secret@127.0.0.1:9/dacc' })
  assert.equal(code, 4)
  assert.match(
    stderr,
    /^dacc: DATABASE_URL: the PostgreSQL server 127\.0\.0\.1:9\/dacc cannot be reached \([^\n]+\)\n$/,
  )
  assert.ok(!stderr.includes('secret'))
})

test('the developers’ tool gets in with the file it is given, and finds its Cozy well', async (t) => {
  const tokens = path.join(folder, '.token.json')
  const running = await dev(t, [file('home.json', home), '--token-file', tokens])
  assert.equal(lstatSync(tokens).mode & 0o777, 0o600)
  const credentials = JSON.parse(readFileSync(tokens, 'utf8')) as {
    oauthOptions: object
    token: { accessToken: string }
  }
  assert.equal(credentials.token.accessToken, running.cozy.token)
  assert.equal(typeof credentials.oauthOptions, 'object')
  // What the tool passes on to the service, whole.
  const { code, lines } = await runService({ ...running.environment, COZY_CREDENTIALS: JSON.stringify(credentials) })
  assert.equal(code, 0, JSON.stringify(lines))
  for (const where of ['/status', '/status/']) assert.equal((await json(fetch(running.cozy.url + where))).message, 'OK')
  const { code: refusedCode, stderr } = await refused(['--token-file', path.join(folder, 'none', '.token.json')])
  assert.deepEqual([refusedCode, stderr.split('\n').length], [2, 2], stderr)
  assert.match(stderr, /^dacc: --token-file: /)
  // Begun again, it writes over its own file, and over no other.
  await dev(t, [file('home.json', home), '--token-file', tokens])
  for (const content of [
    '{"oauthOptions":{"clientName":"my app"},"token":{"accessToken":"real"}}',
    'null',
    '',
    'a note',
  ]) {
    const other = path.join(folder, 'other.token.json')
    writeFileSync(other, content)
    const { code: otherCode, stderr: why } = await refused(['--token-file', other])
    assert.deepEqual([otherCode, readFileSync(other, 'utf8')], [2, content])
    assert.match(why, /^dacc: --token-file: .* was not written by dacc dev; name another, or take it away\n$/)
  }
})

test('a document is taken in by the rules that importing tools meet', async (t) => {
  const running = await dev(t, [file('empty.json', {})])
  const rev = `1-${'a'.repeat(32)}`
  for (const [method, where, body, status, says] of [
    ['POST', '', { n: 1 }, 201],
    ['PUT', 'fixed', { n: 1 }, 200],
    ['PUT', 'again', { _id: 'again', n: 1 }, 400, /either provide an _id and _rev/],
    ['POST', '', { _rev: rev, n: 1 }, 400, /either provide an _id and _rev/],
    ['PUT', 'unknown', { _rev: rev, n: 1 }, 400, /either provide an _id and _rev/],
    ['PUT', 'unknown', { _id: 'unknown', _rev: rev, n: 1 }, 409, /conflict/],
  ] as const) {
    const answer = await ask(running, method, `/data/${EVENTS}/${where}`, body)
    const text = await answer.text()
    assert.equal(answer.status, status, `${method} ${JSON.stringify(body)}: ${text}`)
    if (says !== undefined) assert.match(text, says)
  }
})

/** What in a folder others than its owner may read or write, the folder included. */
function open(folder: string): string[] {
  const all = [
    folder,
    ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => path.join(folder, name)),
  ]
  return all.filter((name) => (lstatSync(name).mode & 0o077) !== 0)
}

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { load } from '../../../js/api/index.node.ts'
import { type Stack, type StackOptions, startStack } from '../../../js/stand-in/stack.ts'
import { type Answer, send } from './support.ts'

const TERMS = 'com.grandlyon.ecolyo.term'
const MEASURE = {
  createdBy: 'ecolyo',
  measureName: 'navigation-count-daily',
  startDate: '2024-03-09',
  value: 2,
  group1: { page: 'consumption' },
}

async function stack(t: TestContext, options: Partial<StackOptions> = {}): Promise<Stack> {
  const started = await startStack({
    aggregator: await load(),
    home: { [TERMS]: [{ _id: 't', accepted: true }] },
    ...options,
  })
  t.after(() => started.close())
  return started
}

function ask(
  server: Stack,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return send(server.url + path, { method, headers, ...(body !== undefined && { body }) })
}

/** Sends a measure as an app does. */
function sendMeasure(server: Stack, measure: object): Promise<Answer> {
  const body = { data: JSON.stringify(measure), path: 'measure' }
  return send(`${server.url}/remote/cc.cozycloud.dacc_v2`, { method: 'POST', token: server.token, body })
}

describe('one port', () => {
  test('has the Cozy, the DACC, the page and what the page needs', async (t) => {
    const server = await stack(t)
    assert.equal((await send(`${server.url}/data/${TERMS}/t`, { token: server.token })).json.accepted, true)
    assert.equal((await sendMeasure(server, MEASURE)).status, 201)
    assert.equal((await send(`${server.dacc.url}/status`)).json.global_status, 'ok')
    assert.match((await ask(server, 'GET', '/')).text, /cargo xtask build/)
    assert.equal((await ask(server, 'GET', '/dev/state')).json.counts.measures, 1)
    for (const path of ['/unknown', '/dev/unknown', '/dacc/unknown'])
      assert.equal((await ask(server, 'GET', path)).status, 404, path)
  })

  test('the page’s files are served with a policy that lets it talk to nobody else', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'dacc-page-'))
    t.after(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'index.html'), '<title>page</title>')
    await writeFile(join(folder, 'module.wasm'), '\0asm')
    const server = await stack(t, { page: folder })
    const answer = await fetch(`${server.url}/`)
    assert.equal(await answer.text(), '<title>page</title>')
    const policy = answer.headers.get('content-security-policy') ?? ''
    for (const part of ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "connect-src 'self'"])
      assert.ok(policy.includes(part), part)
    assert.equal((await fetch(`${server.url}/module.wasm`)).headers.get('content-type'), 'application/wasm')
    for (const path of ['/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json'])
      assert.equal((await ask(server, 'GET', path)).status, 404, path)
  })

  test('a taken port is told, or a free one is used where that will do', async (t) => {
    const port = Number(new URL((await stack(t)).url).port)
    await assert.rejects(stack(t, { port }), { name: 'PortTaken', message: /^Port \d+ on 127\.0\.0\.1 is taken/ })
    assert.notEqual(new URL((await stack(t, { port, anyPort: true })).url).port, String(port))
  })
})

describe('who may ask', () => {
  for (const [host, isAnswered] of [
    ['127.0.0.1:80', true],
    ['localhost:7373', true],
    ['ecolyo.cozy.localhost', true],
    ['[::1]:80', true],
    ['evil.example', false],
    ['127.0.0.1.evil.example', false],
    ['localhost.evil.example', false],
    ['192.168.0.1', false],
  ] as const) {
    test(`a request to the name ${host} is ${isAnswered ? 'answered' : 'refused'}: names that point here are not all ours`, async (t) => {
      const server = await stack(t)
      for (const path of ['/', '/dev/state', '/dacc/status']) {
        assert.equal((await ask(server, 'GET', path, undefined, { host })).status === 421, !isAnswered, path)
      }
    })
  }

  const preflight = {
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'authorization,content-type',
  }
  for (const [origin, isAllowed] of [
    ['http://localhost:3000', true],
    ['http://127.0.0.1:8888', true],
    ['https://app.cozy.localhost', true],
    ['http://evil.example', false],
    ['http://localhost.evil.example', false],
    ['null', false],
  ] as const) {
    test(`a page of ${origin} ${isAllowed ? 'may use' : 'may not use'} the Cozy and the DACC`, async (t) => {
      const server = await stack(t)
      for (const url of [`${server.url}/data/${TERMS}/t`, `${server.dacc.url}/status`]) {
        const asked = await fetch(url, { method: 'OPTIONS', headers: { origin, ...preflight } })
        assert.equal(asked.headers.get('access-control-allow-origin'), isAllowed ? origin : null, url)
        const got = await fetch(url, { headers: { origin, authorization: `Bearer ${server.token}` } })
        assert.equal(got.headers.get('access-control-allow-origin'), isAllowed ? origin : null, url)
        if (isAllowed) assert.equal(asked.headers.get('access-control-allow-credentials'), 'true')
      }
    })
  }

  test('/dev answers its own page and no other', async (t) => {
    const server = await stack(t)
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await ask(server, 'GET', '/dev/state', undefined, headers)).status
    assert.equal(await status({ origin: server.url, 'sec-fetch-site': 'same-origin' }), 200)
    assert.equal(await status({}), 200)
    for (const headers of [
      { origin: 'http://localhost:3000' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      assert.equal(await status(headers), 403, JSON.stringify(headers))
    }
    const simple = await send(`${server.url}/dev/neighbours`, {
      method: 'POST',
      contentType: 'text/plain',
      headers: { origin: 'http://evil.example' },
      body: '{"count":1}',
    })
    assert.equal(simple.status, 403)
  })

  test('with another host than the usual every name and page may ask', async (t) => {
    const server = await stack(t, { host: '0.0.0.0' })
    assert.equal((await ask(server, 'GET', '/dacc/status', undefined, { host: 'cozy.example' })).status, 200)
    const got = await fetch(`${server.dacc.url}/status`, { headers: { origin: 'http://app.example' } })
    assert.equal(got.headers.get('access-control-allow-origin'), 'http://app.example')
  })
})

describe('/dev', () => {
  test('the home is given and replaced', async (t) => {
    const server = await stack(t)
    const { json } = await ask(server, 'GET', '/dev/home')
    assert.deepEqual(Object.keys(json), [TERMS])
    assert.deepEqual(
      json[TERMS].map(({ _rev, ...document }: { _rev: string }) => document),
      [{ _id: 't', accepted: true }],
    )
    const replaced = await ask(server, 'PUT', '/dev/home', { a: [{ _id: '1' }, { _id: '1' }, 7], b: [] })
    assert.deepEqual(replaced.json, { documents: 1, malformed: 1, duplicates: 1 })
    assert.deepEqual(Object.keys((await ask(server, 'GET', '/dev/home')).json), ['a', 'b'])
    for (const body of ['[]', '{', '7', { a: {} }]) {
      const refused = await ask(server, 'PUT', '/dev/home', body)
      assert.equal(refused.status, 400)
      assert.match(refused.json.error, /nothing was replaced\.$/)
    }
    assert.equal((await ask(server, 'GET', '/dev/home')).json.a.length, 1)
  })

  test('measures are answered one by one, as the strict DACC does', async (t) => {
    const server = await stack(t)
    const { json } = await ask(server, 'POST', '/dev/measures', [
      MEASURE,
      { ...MEASURE, value: true },
      { ...MEASURE, measureName: 'X' },
      7,
    ])
    assert.deepEqual(
      json.map(({ status }: { status: number }) => status),
      [201, 400, 400, 500],
    )
    const meanings = json.map(({ outcome, isFinal }: { outcome: string; isFinal: boolean }) => [outcome, isFinal])
    assert.deepEqual(meanings, [
      ['sent', true],
      ['refused', true],
      ['held', false],
      ['unknown', true],
    ])
    assert.equal(json[0].sentence, 'Stored.')
    assert.match(json[1].sentence, /^value is the boolean true/)
    assert.equal(json[2].sentence, 'No measure definition found for: X')
    assert.equal((await ask(server, 'POST', '/dev/measures', {})).status, 400)
  })

  test('the faithful DACC’s 201 is told for what it is worth', async (t) => {
    const server = await stack(t, { mode: 'faithful' })
    const { json } = await ask(server, 'POST', '/dev/measures', [{ ...MEASURE, value: true }])
    assert.deepEqual(json, [
      { status: 201, sentence: 'Answered 201 and lost: the value is a boolean.', outcome: 'sent', isFinal: true },
    ])
  })

  test('a cell is published with the fifth home, and shows no figure before', async (t) => {
    const server = await stack(t)
    const cells = async (): Promise<any[]> =>
      (await ask(server, 'GET', `/dev/aggregates?measureName=${MEASURE.measureName}`)).json
    await ask(server, 'POST', '/dev/measures', [MEASURE, MEASURE, MEASURE, MEASURE])
    const { startDate, createdBy, group1 } = { ...MEASURE }
    const cell = { measureName: MEASURE.measureName, startDate, createdBy, group1, threshold: 5 }
    assert.deepEqual(await cells(), [{ ...cell, count: 4, published: false }])
    await ask(server, 'POST', '/dev/measures', [{ ...MEASURE, value: 7 }])
    assert.deepEqual(await cells(), [
      // 2, 2, 2, 2, 7: mean 3, squares 16 + 4 = 20, variance 20 / 4 = 5, its root 2.236…
      {
        ...cell,
        count: 5,
        published: true,
        aggregate: { sum: 15, count: 5, countNotZero: 5, min: 2, max: 7, avg: 3, std: 2.24 },
      },
    ])
    assert.equal((await ask(server, 'GET', '/dev/aggregates?measureName=none')).status, 404)
    assert.equal((await ask(server, 'GET', '/dev/aggregates')).json.length, 1)
  })

  test('neighbours are other homes, in the days and months that are there, and bring cells over the threshold', async (t) => {
    const server = await stack(t)
    const monthly = { createdBy: 'ecolyo', measureName: 'connection-count-monthly', startDate: '2024-02-01', value: 3 }
    await ask(server, 'POST', '/dev/measures', [MEASURE, { ...MEASURE, startDate: '2024-03-04' }, monthly])
    const published = async (): Promise<any[]> =>
      (await ask(server, 'GET', '/dev/aggregates')).json.filter(({ published }: { published: boolean }) => published)
    assert.deepEqual(await published(), [])
    const first = await ask(server, 'POST', '/dev/neighbours', { count: 3 })
    assert.deepEqual(first.json.period, { from: '2024-03-04', to: '2024-03-09', months: ['2024-02'] })
    const months = async (): Promise<any> =>
      (await ask(server, 'GET', '/dev/aggregates?measureName=connection-count-monthly')).json
    // Each home has this measure of each month, and one at most.
    assert.deepEqual(
      (await months()).map(({ count }: { count: number }) => count),
      [4],
    )
    const second = await ask(server, 'POST', '/dev/neighbours', { count: 30 })
    assert.equal(second.json.neighbours, 33)
    assert.deepEqual(
      (await months()).map(({ count }: { count: number }) => count),
      [34],
    )
    const dates = new Set((await published()).map(({ startDate }) => startDate))
    assert.ok(dates.has('2024-02-01') && dates.size > 1)
    assert.ok([...dates].every((date) => date === '2024-02-01' || (date >= '2024-03-04' && date <= '2024-03-09')))
    for (const count of [0, 101, 1.5, '3', undefined])
      assert.equal((await ask(server, 'POST', '/dev/neighbours', { count })).status, 400)
  })

  test('neighbours send of the days that are asked for, whatever is there', async (t) => {
    const server = await stack(t)
    await ask(server, 'POST', '/dev/measures', [{ ...MEASURE, startDate: '2026-05-10' }])
    const period = async (from: unknown, to: unknown): Promise<any> =>
      (await ask(server, 'POST', '/dev/neighbours', { count: 1, from, to })).json.period
    assert.deepEqual(await period('2024-02-20', '2024-04-09'), {
      from: '2024-02-20',
      to: '2024-04-09',
      months: ['2024-03'],
    })
    assert.deepEqual(await period('2024-03-09', '2024-03-09'), { from: '2024-03-09', to: '2024-03-09', months: [] })
    // 62 days end on 30 June, of which 30 are June's, 31 May's and one April's.
    assert.deepEqual(await period('2014-03-09', '2024-06-30'), {
      from: '2024-04-30',
      to: '2024-06-30',
      months: ['2024-03', '2024-04', '2024-05', '2024-06'],
    })
    const days = (await ask(server, 'GET', '/dev/aggregates?measureName=navigation-count-daily')).json.map(
      ({ startDate }: { startDate: string }) => startDate,
    )
    assert.ok(days.some((day: string) => day < '2024-04-30'))
    for (const [from, to] of [
      ['2024-03-09'],
      [undefined, '2024-03-09'],
      ['2024-03-09', '2024-03-08'],
      ['2024-02-30', '2024-03-09'],
      [7, 8],
      ['0001-01-01', '0001-01-02'],
      ['9999-12-31', '9999-12-31'],
    ]) {
      const refused = await ask(server, 'POST', '/dev/neighbours', { count: 1, from, to })
      assert.equal(refused.status, 400)
      assert.match(refused.json.error, /^from and to are the first and the last day, .* no neighbour was added\.$/)
    }
    assert.equal((await ask(server, 'GET', '/dev/state')).json.counts.neighbours, 3)
  })

  test('faults are switched on and off, and strike where they should', async (t) => {
    const server = await stack(t)
    const put = async (rules: object[]): Promise<void> =>
      assert.equal((await ask(server, 'PUT', '/dev/faults', { latency: 0, rules })).status, 200)
    const statuses: (number | string)[] = []
    const count = async (): Promise<number> => (await ask(server, 'GET', '/dev/state')).json.counts.measures
    for (const rule of [
      { kind: '429' },
      { kind: '500' },
      { kind: 'html-502' },
      { kind: 'drop-after-accept' },
      { kind: '429', at: 'remote' },
      { kind: 'drop-after-accept', at: 'remote' },
    ]) {
      await put([{ at: 'dacc', ...rule }])
      statuses.push(
        await sendMeasure(server, MEASURE).then(
          ({ status }) => status,
          () => 'dropped',
        ),
        await count(),
      )
    }
    // A gateway's page and a dropped answer arrive as the stack's own 502; only a dropped answer was stored.
    assert.deepEqual(statuses, [429, 0, 500, 0, 502, 0, 502, 1, 429, 1, 'dropped', 2])
    await put([])
    assert.equal((await sendMeasure(server, MEASURE)).status, 201)
    const refused = await ask(server, 'PUT', '/dev/faults', { rules: [{ kind: 'teapot' }] })
    assert.deepEqual(
      [refused.status, refused.json.error],
      [400, 'The fault "teapot" is not known; write 429, 500, html-502 or drop-after-accept.'],
    )
  })

  test('latency delays every answer of the Cozy, and no other', async (t) => {
    const server = await stack(t, { faults: { latency: 300, rules: [] } })
    const timed = async (url: string): Promise<number> => {
      const began = performance.now()
      await send(url, { token: server.token })
      return performance.now() - began
    }
    for (const path of [
      `/data/${TERMS}/t`,
      '/data/_all_doctypes',
      '/remote/cc.cozycloud.dacc_v2',
      '/jobs/queue/service',
      '/jobs/none',
    ]) {
      assert.ok((await timed(server.url + path)) >= 290, path)
    }
    for (const path of ['/dev/state', '/dacc/status', '/']) assert.ok((await timed(server.url + path)) < 250, path)
  })

  test('the stream tells earlier requests, then requests, changes, measures, faults as they come', async (t) => {
    const server = await stack(t)
    await sendMeasure(server, MEASURE)
    const stop = new AbortController()
    const answer = await fetch(`${server.url}/dev/events`, { signal: stop.signal })
    assert.match(answer.headers.get('content-type') ?? '', /^text\/event-stream/)
    const events: [string, any][] = []
    const reading = read(answer, events).catch(() => {})
    await until(() => events.length === 2)
    assert.deepEqual(
      events.map(([kind, { server: of, status }]) => [kind, of, status]),
      [
        ['request', 'dacc', 201],
        ['request', 'cozy', 201],
      ],
    )
    await ask(server, 'PUT', '/dev/faults', { rules: [] })
    await sendMeasure(server, { ...MEASURE, value: true })
    await until(() => events.filter(([kind]) => kind === 'request').length === 4)
    assert.deepEqual(
      events
        .slice(2)
        .map(([kind]) => kind)
        .sort(),
      ['change', 'faults', 'measure', 'request', 'request'],
    )
    const [, measure] = events.find(([kind]) => kind === 'measure') ?? []
    assert.equal(measure.status, 400)
    stop.abort()
    await reading
  })
})

async function read(answer: Response, events: [string, any][]): Promise<void> {
  let text = ''
  for await (const chunk of answer.body ?? []) {
    text += Buffer.from(chunk).toString()
    const parts = text.split('\n\n')
    text = parts.pop() ?? ''
    for (const part of parts) {
      const [, kind = '', data = ''] = /^event: (.*)\ndata: (.*)$/.exec(part) ?? []
      events.push([kind, JSON.parse(data)])
    }
  }
}

async function until(isSo: () => boolean): Promise<void> {
  for (const limit = Date.now() + 5000; !isSo(); await new Promise((resolve) => setTimeout(resolve, 10))) {
    assert.ok(Date.now() < limit, 'it did not come')
  }
}

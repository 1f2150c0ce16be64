import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import type { Cozy, CozyOptions } from '../../../js/stand-in/cozy/cozy.ts'
import type { Dacc } from '../../../js/stand-in/dacc/dacc.ts'
import { type Answer, call, cozy, dacc, valid } from './support.ts'

const V2 = ['cc.cozycloud.dacc_v2', 'cc.cozycloud.dacc.dev_v2', 'eu.mycozy.dacc_v2']
const V1 = ['cc.cozycloud.dacc', 'cc.cozycloud.dacc.dev']
const DACC_V2 = 'cc.cozycloud.dacc_v2'
const data = JSON.stringify(valid)

async function both(t: TestContext, options: Partial<CozyOptions> = {}): Promise<{ server: Cozy; aggregator: Dacc }> {
  const aggregator = await dacc(t)
  return { server: await cozy(t, { dacc: aggregator.url, ...options }), aggregator }
}

function post(server: Cozy, body: unknown, doctype = DACC_V2): Promise<Answer> {
  return call(server, 'POST', `/remote/${doctype}`, body)
}

/** A remote server that gives one answer to everything. */
async function remoteAnswering(
  t: TestContext,
  status: number,
  contentType: string | undefined,
  body: string,
): Promise<string> {
  const server = createServer((_, response) => {
    if (contentType !== undefined) response.setHeader('content-type', contentType)
    response.writeHead(status)
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function jsonApiError(answer: Answer, status: number, title: string, detail: string): void {
  assert.equal(answer.status, status)
  assert.match(answer.contentType, /^application\/vnd\.api\+json/)
  assert.deepEqual(answer.json, { errors: [{ status: String(status), title, detail, source: {} }] })
}

describe('POST /remote', () => {
  for (const doctype of [...V2, ...V1]) {
    const body = V2.includes(doctype) ? { data, path: 'measure' } : { data }
    test(`${doctype} brings a measure to the DACC and its answer back`, async (t) => {
      const { server, aggregator } = await both(t)
      const answer = await post(server, body, doctype)
      assert.equal(answer.status, 201)
      assert.deepEqual(answer.json, { ok: true })
      assert.equal((await aggregator.measures())[0]?.sent, data)
      assert.deepEqual(aggregator.requests, [{ method: 'POST', path: '/measure', status: 201 }])
    })
  }

  test('the first versions go to /measure whatever the path says', async (t) => {
    const { server, aggregator } = await both(t)
    assert.equal((await post(server, { data, path: 'aggregate' }, 'cc.cozycloud.dacc')).status, 201)
    assert.equal(aggregator.requests[0]?.path, '/measure')
  })

  test('the path aggregate asks for aggregates', async (t) => {
    const { server } = await both(t)
    const query = { measureName: 'navigation-count-daily', startDate: '2022-01-01', endDate: '2022-02-01' }
    const answer = await post(server, { data: JSON.stringify(query), path: 'aggregate' })
    assert.deepEqual([answer.status, answer.json], [200, []])
  })

  test("the DACC's refusal is passed through", async (t) => {
    const { server } = await both(t)
    const answer = await post(server, { data: JSON.stringify({ ...valid, measureName: 'X' }), path: 'measure' })
    assert.deepEqual([answer.status, answer.json], [400, { error: 'No measure definition found for: X' }])
  })

  for (const body of [
    { data: valid, path: 'measure' },
    { data, path: 'measure', n: 1 },
    { data: null, path: 'measure' },
    [],
    'no JSON',
    '',
  ]) {
    test(`variables that are not strings are not valid: ${JSON.stringify(body).slice(0, 40)}`, async (t) => {
      const { server, aggregator } = await both(t)
      jsonApiError(await post(server, body), 400, 'Bad Request', 'the variables are not valid')
      assert.deepEqual(aggregator.requests, [])
    })
  }

  test('a variable that the request needs must be there', async (t) => {
    const { server } = await both(t)
    assert.equal((await post(server, { data })).status, 400)
    assert.equal((await post(server, { path: 'measure' })).status, 400)
  })

  test('an unknown doctype has no request', async (t) => {
    const { server } = await both(t)
    jsonApiError(
      await post(server, { data, path: 'measure' }, 'org.example'),
      404,
      'Not Found',
      'the doctype has no request defined',
    )
  })

  test('GET is not the verb of these doctypes', async (t) => {
    const { server } = await both(t)
    assert.equal((await call(server, 'GET', `/remote/${DACC_V2}`)).status, 405)
  })

  test('it needs POST in the manifest', async (t) => {
    const { server } = await both(t, { permissions: { dacc: { type: DACC_V2, verbs: ['POST'] } } })
    assert.equal((await post(server, { data, path: 'measure' })).status, 201)
    assert.equal((await post(server, { data, path: 'measure' }, 'eu.mycozy.dacc_v2')).status, 403)
  })

  test("the DACC's 401 page is HTML and arrives as 502; nothing is stored or logged", async (t) => {
    const { server, aggregator } = await both(t, { daccToken: 'wrong' })
    jsonApiError(
      await post(server, { data, path: 'measure' }),
      502,
      'Bad Gateway',
      'the content-type for the response is not authorized',
    )
    assert.deepEqual(await aggregator.measures(), [])
    assert.deepEqual(server.documents('io.cozy.remote.requests'), [])
  })

  test('a DACC that does not answer is 502', async (t) => {
    const server = await cozy(t)
    assert.equal((await post(server, { data, path: 'measure' })).status, 502)
  })

  test('an answer lost after the insertion is 502 although the measure is stored', async (t) => {
    const { server, aggregator } = await both(t)
    aggregator.intercept = () => 'drop-after'
    assert.equal((await post(server, { data, path: 'measure' })).status, 502)
    assert.equal((await aggregator.measures()).length, 1)
  })

  for (const [contentType, passes] of [
    ['application/json; charset=utf-8', true],
    ['text/plain', true],
    ['application/xml', true],
    ['text/xml', true],
    ['image/png', true],
    ['text/html', false],
    ['application/octet-stream', false],
    [undefined, false],
  ] as const) {
    test(`an answer of type ${contentType} ${passes ? 'is passed through' : 'becomes 502'}`, async (t) => {
      const server = await cozy(t, { dacc: await remoteAnswering(t, 429, contentType, 'slow down') })
      const answer = await post(server, { data, path: 'measure' })
      assert.deepEqual([answer.status, answer.text === 'slow down'], passes ? [429, true] : [502, false])
      assert.equal(server.documents('io.cozy.remote.requests').length, passes ? 1 : 0)
    })
  }

  test('a 201 with an empty body stays one', async (t) => {
    const server = await cozy(t, { dacc: await remoteAnswering(t, 201, 'application/json', '') })
    const answer = await post(server, { data, path: 'measure' })
    assert.deepEqual([answer.status, answer.text], [201, ''])
  })

  test('each request is in the log of the user, with the full measure', async (t) => {
    const { server, aggregator } = await both(t)
    await post(server, { data, path: 'measure' })
    const [logged] = server.documents('io.cozy.remote.requests')
    const { _id, _rev, created_at, ...rest }: Record<string, unknown> = logged ?? {}
    assert.deepEqual(rest, {
      doctype: DACC_V2,
      verb: 'POST',
      url: `${aggregator.url}/measure`,
      response_code: 201,
      content_type: 'application/json',
      variables: { data, path: 'measure' },
    })
    assert.ok(Math.abs(Date.parse(String(created_at)) - Date.now()) < 60_000)
  })
})

describe('the queue of jobs', () => {
  const job = {
    data: {
      type: 'io.cozy.jobs',
      attributes: { arguments: { name: 'aggregatorUsageEvents', slug: 'ecolyo' }, options: {} },
    },
  }

  test('a service queues a new job', async (t) => {
    const { server } = await both(t)
    const answer = await call(server, 'POST', '/jobs/queue/service', job)
    assert.equal(answer.status, 202)
    assert.equal(answer.json.data.attributes.state, 'queued')
    const [queued] = server.documents('io.cozy.jobs')
    assert.deepEqual([queued?.['worker'], queued?.['message']], ['service', job.data.attributes.arguments])
    assert.equal((await call(server, 'GET', '/jobs/queue/service')).json.data.length, 1)
    assert.equal((await call(server, 'GET', `/jobs/${queued?._id}`)).json.data.id, queued?._id)
  })

  test('the 201st service job within an hour is refused', async (t) => {
    const { server } = await both(t)
    for (let count = 0; count < 200; count += 1)
      assert.equal((await call(server, 'POST', '/jobs/queue/service', job)).status, 202)
    assert.equal((await call(server, 'POST', '/jobs/queue/service', job)).status, 400)
  })

  test('it needs POST on jobs in the manifest, for this worker', async (t) => {
    const permissions = { jobs: { type: 'io.cozy.jobs', verbs: ['POST'], selector: 'worker', values: ['service'] } }
    const { server } = await both(t, { permissions })
    assert.equal((await call(server, 'POST', '/jobs/queue/service', job)).status, 202)
    assert.equal((await call(server, 'POST', '/jobs/queue/konnector', job)).status, 403)
  })

  test('a malformed job is 400, an unknown worker 404', async (t) => {
    const { server } = await both(t)
    assert.equal((await call(server, 'POST', '/jobs/queue/service', {})).status, 400)
    assert.equal((await call(server, 'POST', '/jobs/queue/none', job)).status, 404)
  })
})

import assert from 'node:assert/strict'
import { connect, Server } from 'node:net'
import { test } from 'node:test'
import { collate } from '../../../js/stand-in/cozy/collation.ts'
import { startCozy } from '../../../js/stand-in/cozy/cozy.ts'
import { COZY_TOKEN, call, cozy, dacc, postMeasure, send, valid } from './support.ts'

const TERMS = 'com.grandlyon.ecolyo.term'

/** Sends bytes that are not HTTP, and waits until the server closes. */
function sendRaw(url: string, bytes: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.end(bytes))
    socket.on('close', () => resolve())
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? resolve() : reject(error)))
    socket.resume()
  })
}

test('malformed requests never bring a server down', async (t) => {
  const servers = [await cozy(t, { home: { [TERMS]: [] } }), await dacc(t)]
  for (const { url } of servers) {
    for (const bytes of [
      'nonsense\r\n\r\n',
      'GET /data/%ff%zz/_find HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET // HTTP/1.1\r\nHost: [\r\n\r\n',
      'POST /measure HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{',
      'POST /measure HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      '\0\0\0\0',
    ]) {
      await sendRaw(url, bytes)
    }
    for (const path of ['/', '/data', '/data/', `/data/${TERMS}`, '/data/%', '/remote', '/jobs/queue', '/unknown']) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        assert.ok((await send(url + path, { method, token: COZY_TOKEN, body: '{' })).status < 500, `${method} ${path}`)
      }
    }
  }
  const [first, second] = servers
  assert.equal((await send(`${first?.url}/data/${TERMS}/_normal_docs`, { token: COZY_TOKEN })).status, 200)
  assert.equal((await send(`${second?.url}/status`)).status, 200)
})

test('the servers listen on the loopback address', async (t) => {
  assert.match((await cozy(t)).url, /^http:\/\/127\.0\.0\.1:\d+$/)
  assert.match((await dacc(t)).url, /^http:\/\/127\.0\.0\.1:\d+$/)
})

test('a port that is taken is told in one sentence', async (t) => {
  const server = await cozy(t)
  const port = Number(new URL(server.url).port)
  await assert.rejects(
    startCozy({ home: {}, token: 't', dacc: '', daccToken: '', port }),
    /^PortTaken: Port \d+ on 127\.0\.0\.1 is taken/,
  )
})

test('drop-before loses a request, drop-after its answer', async (t) => {
  const server = await cozy(t)
  server.intercept = ({ method }) => (method === 'PUT' ? 'drop-before' : 'pass')
  await assert.rejects(call(server, 'PUT', `/data/${TERMS}/x`, {}))
  assert.deepEqual(server.documents(TERMS), [])
  server.intercept = () => 'drop-after'
  await assert.rejects(call(server, 'PUT', `/data/${TERMS}/x`, {}))
  assert.equal(server.documents(TERMS).length, 1)
  assert.deepEqual(
    server.requests.map(({ status }) => status),
    [null, null],
  )
})

test('an interceptor answers in place of the server, before or after its work', async (t) => {
  const server = await dacc(t)
  server.intercept = () => ({
    status: 429,
    contentType: 'application/json',
    body: '{}',
    headers: { 'retry-after': '2' },
  })
  assert.equal((await postMeasure(server, valid)).status, 429)
  assert.equal((await server.measures()).length, 0)
  server.intercept = () => ({
    status: 502,
    contentType: 'text/html',
    body: '<h1>Bad Gateway</h1>',
    afterHandling: true,
  })
  const answer = await postMeasure(server, valid)
  assert.deepEqual([answer.status, answer.contentType, answer.text], [502, 'text/html', '<h1>Bad Gateway</h1>'])
  assert.equal((await server.measures()).length, 1)
  assert.deepEqual(
    server.requests.map(({ status }) => status),
    [429, 502],
  )
})

test('an interceptor sees the request and may delay it', async (t) => {
  const server = await cozy(t, {
    intercept: async ({ method, path, body, headers }) => {
      assert.deepEqual([method, path, body], ['POST', `/data/${TERMS}/?a=1`, '{"n":1}'])
      assert.equal(headers['authorization'], `Bearer ${COZY_TOKEN}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
      return 'pass' as const
    },
  })
  const started = Date.now()
  assert.equal((await call(server, 'POST', `/data/${TERMS}/?a=1`, { n: 1 })).status, 201)
  assert.ok(Date.now() - started >= 45)
})

test('a request is in the log while it is still open', async (t) => {
  const server = await cozy(t, { home: { [TERMS]: [] } })
  let during: unknown
  server.intercept = () => {
    during = structuredClone(server.requests)
    return 'pass' as const
  }
  await call(server, 'GET', `/data/${TERMS}/_normal_docs`)
  assert.deepEqual(during, [{ method: 'GET', path: `/data/${TERMS}/_normal_docs`, status: null }])
  assert.equal(server.requests[0]?.status, 200)
})

test('a server that listens has no listener left from its start, which would take what goes wrong later for it', async (t) => {
  const servers: Server[] = []
  const { listen } = Server.prototype
  t.mock.method(Server.prototype, 'listen', function (this: Server, ...given: Parameters<typeof listen>) {
    servers.push(this)
    return listen.apply(this, given)
  })
  await cozy(t)
  assert.deepEqual(
    servers.map((server) => server.listenerCount('error')),
    [0],
  )
})

test('the order of JSON values is that of CouchDB', () => {
  const ordered = [
    undefined,
    null,
    false,
    true,
    -1,
    0,
    1.5,
    10,
    '',
    '1',
    '10',
    '2',
    'a',
    'A',
    'aa',
    'b',
    'B',
    'ba',
    'bb',
    [],
    [1],
    [1, 2],
    ['a'],
    {},
    { a: 1 },
    { a: 2 },
    { b: 1 },
    { b: 1, c: 1 },
  ]
  for (let at = 1; at < ordered.length; at += 1) {
    assert.equal(collate(ordered[at - 1], ordered[at]), -1, JSON.stringify([ordered[at - 1], ordered[at]]))
    assert.equal(collate(ordered[at], ordered[at - 1]), 1)
    assert.equal(collate(ordered[at], structuredClone(ordered[at])), 0)
  }
})

// What somebody sends who wants it to go wrong, or whose program does.

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { load } from '../../../js/api/index.node.ts'
import { type Stack, startStack } from '../../../js/stand-in/stack.ts'
import { type Answer, send } from './support.ts'

const EVENTS = 'com.grandlyon.ecolyo.usageevents'
const DOCUMENT = { _id: 'a', n: 1, a: { b: 1 }, word: 'a'.repeat(40) }

/** Names that every object has, or that change what it has. */
const INHERITED = ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', '__defineGetter__']

async function stack(t: TestContext, documents: readonly object[] = [DOCUMENT]): Promise<Stack> {
  const started = await startStack({ aggregator: await load(), home: { [EVENTS]: documents } })
  t.after(() => started.close())
  await ask(started, 'POST', `/data/${EVENTS}/_index`, { index: { fields: ['n'] } })
  return started
}

function ask(server: Stack, method: string, path: string, body?: unknown): Promise<Answer> {
  const token = path.startsWith('/dacc') ? server.dacc.token : server.token
  return send(server.url + path, { method, token, ...(body !== undefined && { body }) })
}

const find = (server: Stack, query: object | string) => ask(server, 'POST', `/data/${EVENTS}/_find`, query)

describe('a name that objects inherit', () => {
  test('is a name like any other, wherever it stands', async (t) => {
    const server = await stack(t)
    const before = INHERITED.map((name) => Object.getOwnPropertyDescriptor(Object.prototype, name))
    const names = Reflect.ownKeys(Object.prototype)
    for (const name of INHERITED) {
      const field = JSON.stringify(name)
      const json = (text: string): string => text.replaceAll('NAME', name)
      for (const [method, path, body] of [
        ['GET', `/${name}`],
        ['GET', `/data/${name}`],
        ['GET', `/data/${name}/x`],
        ['GET', `/data/${EVENTS}/${name}`],
        ['GET', `/data/${EVENTS}/_design/${name}`],
        ['GET', `/remote/${name}`],
        ['POST', `/remote/${name}`, {}],
        ['GET', `/jobs/${name}`],
        ['GET', `/jobs/queue/${name}`],
        ['POST', `/jobs/queue/${name}`, { data: { attributes: {} } }],
        ['GET', `/dacc/${name}`],
        ['GET', `/dev/${name}`],
        ['GET', `/dev/aggregates?measureName=${name}`],
        ['GET', `/data/${EVENTS}/_normal_docs?${name}=1`],
        ['GET', `/jobs/triggers?Worker=${name}`],
        ['POST', `/data/${EVENTS}/_find`, json('{"selector":{"NAME":{"$exists":true}}}')],
        ['POST', `/data/${EVENTS}/_find`, json('{"selector":{"n":{"NAME":1}}}')],
        [
          'POST',
          `/data/${EVENTS}/_find`,
          json(
            '{"selector":{"n":1},"fields":["a.NAME.polluted","NAME","NAME.polluted","a.b","a.NAME"],"sort":["NAME"]}',
          ),
        ],
        [
          'POST',
          `/data/${EVENTS}/_find`,
          json('{"selector":{"n":1},"fields":["a.NAME.polluted","NAME","NAME.polluted","a.b","a.NAME"]}'),
        ],
        ['POST', `/data/${EVENTS}/_index`, json('{"index":{"fields":["NAME","a.NAME"]},"ddoc":"NAME","name":"NAME"}')],
        ['POST', `/data/${EVENTS}/_find`, json('{"selector":{"NAME":1},"use_index":["NAME","NAME"]}')],
        ['POST', `/data/${EVENTS}/_all_docs`, { keys: [name] }],
        ['POST', `/data/${EVENTS}/_bulk_docs`, json('{"docs":[{"_id":"NAME","NAME":{"polluted":1}}]}')],
        ['PUT', `/data/${name}/x`, json('{"NAME":{"polluted":1}}')],
        ['PUT', `/data/${name}/${name}`, '{}'],
        ['GET', `/data/${name}/${name}`],
        [
          'POST',
          '/dacc/measure',
          json('{"NAME":{"polluted":1},"measureName":"NAME","value":1,"startDate":"2024-03-09","group1":{"NAME":"x"}}'),
        ],
        [
          'POST',
          '/dacc/measure',
          json(
            '{"measureName":"navigation-count-daily","createdBy":"ecolyo","value":1,"startDate":"2024-03-09","group1":{"NAME":"x"}}',
          ),
        ],
        ['POST', '/dacc/aggregate', json('{"measureName":"NAME","NAME":{"polluted":1}}')],
        ['PUT', '/dev/faults', json('{"NAME":{"polluted":1},"rules":[{"kind":"NAME","at":"NAME"}]}')],
        ['POST', '/dev/measures', json('[{"NAME":{"polluted":1}}]')],
      ] as [string, string, unknown?][]) {
        const { status } = await ask(server, method, path, body)
        const isJudged = path === '/dacc/measure'
        assert.ok(status < 500 || isJudged, `${method} ${path} ${JSON.stringify(body)}: ${status}`)
      }
      // What begins with _ is CouchDB's own.
      const { status, json: kept } = await ask(server, 'GET', `/data/${name}/x`)
      if (name.startsWith('_')) assert.equal(status, 404)
      else assert.equal(Object.getOwnPropertyDescriptor(kept, name)?.value?.polluted, 1, field)
      assert.equal((await ask(server, 'GET', `/${name}`)).status, 404, name)
      // The only document without such a field is not found by it.
      assert.deepEqual((await find(server, `{"selector":{"n":1,${field}:{"$exists":true}}}`)).json.docs, [])
    }
    assert.deepEqual(
      INHERITED.map((name) => Object.getOwnPropertyDescriptor(Object.prototype, name)),
      before,
    )
    assert.deepEqual(Reflect.ownKeys(Object.prototype), names)
    assert.deepEqual((await find(server, { selector: { n: 1 }, fields: ['a.b'] })).json.docs, [{ a: { b: 1 } }])
  })

  test('is a doctype of a home that is put in, and comes back', async (t) => {
    const server = await stack(t)
    const home = '{"__proto__":[{"_id":"x","__proto__":{"polluted":1}}],"constructor":[{"_id":"y"}]}'
    assert.equal((await ask(server, 'PUT', '/dev/home', home)).json.documents, 2)
    assert.deepEqual(Object.keys((await ask(server, 'GET', '/dev/home')).json), ['__proto__', 'constructor'])
    assert.equal('polluted' in {}, false)
  })
})

describe('a query', () => {
  const soon = async (server: Stack, query: object | string): Promise<Answer> => {
    const started = Date.now()
    const answer = await find(server, query)
    assert.ok(Date.now() - started < 8_000, `${Date.now() - started} ms`)
    assert.equal((await find(server, { selector: { n: 1 } })).status, 200, 'the next one is answered')
    return answer
  }

  test('whose regular expression has no end in this world is ended', async (t) => {
    const server = await stack(t)
    const { status, json } = await soon(server, { selector: { n: 1, word: { $regex: '^(a+)+$x' } } })
    assert.deepEqual([status, json.error], [500, 'timeout'])
  })

  test('with tens of thousands of conditions, or as deep, is refused at once', async (t) => {
    const server = await stack(
      t,
      Array.from({ length: 5_000 }, (_, at) => ({ ...DOCUMENT, _id: `d${at}` })),
    )
    const deep = (open: string, close: string, times: number): string =>
      `${open.repeat(times)}{"n":1}${close.repeat(times)}`
    for (const selector of [
      JSON.stringify({ n: 1, $and: Array.from({ length: 30_000 }, () => ({ n: { $gte: 0 } })) }),
      JSON.stringify({ n: { $in: Array.from({ length: 30_000 }, (_, at) => at + 2) } }),
      `{"n":1,"$and":[${deep('{"$or":[', ']}', 300)}]}`,
      `{"n":1,"$not":${deep('{"$not":', '}', 200)}}`,
    ]) {
      const { status, json } = await soon(server, `{"selector":${selector}}`)
      assert.deepEqual([status, json.error], [400, 'invalid_selector_json'], selector.slice(0, 60))
    }
    assert.equal((await soon(server, `{"selector":{"n":1,"$not":${deep('{"$not":', '}', 100_000)}}}`)).status, 400)
    // As many as there may be take their time, and no more.
    const { status } = await soon(server, {
      selector: { n: 1, $and: Array.from({ length: 3_000 }, () => ({ word: { $gte: 'a' } })) },
    })
    assert.ok([200, 500].includes(status))
  })
})

describe('a document', () => {
  test('that is nested without end is refused, in a home and alone', async (t) => {
    const server = await stack(t)
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    for (const [method, path, body] of [
      ['PUT', `/data/${EVENTS}/x`, `{"a":${deep}}`],
      ['POST', `/data/${EVENTS}/_bulk_docs`, `{"docs":[{"a":${deep}}]}`],
      ['PUT', '/dev/home', `{"x":[{"a":${deep}}]}`],
      ['POST', '/remote/cc.cozycloud.dacc_v2', `{"data":${deep}}`],
    ] as const) {
      assert.equal((await ask(server, method, path, body)).status, 400, path)
    }
  })
})

describe('a body', () => {
  /** Says that so many bytes follow, sends none of them, and waits for the head of an answer. */
  function announce(url: string, path: string, headers: Record<string, string>, bytes: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const { hostname, port, host } = new URL(url)
      const head = Object.entries({
        host,
        'content-type': 'application/json',
        'content-length': String(bytes),
        ...headers,
      })
      const socket = connect(Number(port), hostname, () =>
        socket.write(`POST ${path} HTTP/1.1\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`),
      )
      const timer = setTimeout(() => {
        socket.destroy()
        reject(new Error('nothing was answered'))
      }, 2_000)
      socket.once('data', (chunk) => {
        clearTimeout(timer)
        socket.destroy()
        resolve(/^HTTP\/1\.1 (\d+)/.exec(chunk.toString())?.[1] ?? '')
      })
      socket.on('error', reject)
    })
  }

  test('of somebody who may not ask is not waited for', async (t) => {
    const server = await stack(t)
    const wrong = { authorization: 'Bearer wrong' }
    for (const [path, headers, status] of [
      [`/data/${EVENTS}/_bulk_docs`, wrong, '401'],
      ['/remote/cc.cozycloud.dacc_v2', {}, '401'],
      ['/jobs/queue/service', wrong, '401'],
      ['/dacc/measure', wrong, '401'],
      ['/dev/measures', { origin: 'https://elsewhere.example' }, '403'],
      [`/data/${EVENTS}/_bulk_docs`, { authorization: `Bearer ${server.token}`, host: 'elsewhere.example' }, '421'],
    ] as const) {
      assert.equal(await announce(server.url, path, headers, 60_000_000), status, path)
    }
  })

  test('is no larger than what is asked for needs', async (t) => {
    const server = await stack(t)
    const [app, dacc] = [server.token, server.dacc.token].map((token) => ({ authorization: `Bearer ${token}` }))
    const MB = 1_000_000
    for (const [path, headers, bytes] of [
      [`/data/${EVENTS}/_find`, app, 2 * MB],
      [`/data/${EVENTS}/`, app, 9 * MB],
      [`/data/${EVENTS}/_bulk_docs`, app, 70 * MB],
      ['/remote/cc.cozycloud.dacc_v2', app, 2 * MB],
      ['/jobs/queue/service', app, 2 * MB],
      ['/dacc/measure', dacc, 2 * MB],
      ['/dev/neighbours', {}, 2 * MB],
      ['/dev/home', {}, 70 * MB],
      ['/', {}, 2 * MB],
    ] as const) {
      assert.equal(await announce(server.url, path, headers ?? {}, bytes), '413', path)
    }
    const large = { _id: 'large', text: 'x'.repeat(7 * MB) }
    assert.equal(
      (await ask(server, 'POST', `/data/${EVENTS}/_bulk_docs`, { docs: [large, { ...large, _id: 'second' }] })).status,
      201,
    )
  })
})

// A Cozy whose answers, pages or bookmarks have no end: the service ends, says
// which it was, and stays small.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { describe, it } from 'node:test'
import { MAX_ANSWER_BYTES, MAX_PAGES, PAGE } from '../../../js/base/limits.ts'
import { HttpClient } from '../../../js/hosts/http-client.ts'
import { runService } from './stack.ts'
import { FULL_HOME, FULL_OPTIONS, stored, world } from './world.ts'

/** The service takes some 60 MiB without a document; an answer is held up to three times. */
const MOST_MEMORY = 256 * 2 ** 20

type Hostile = (answer: http.ServerResponse, times: number) => unknown

/** Hands requests on to `target`, but for those to this path. */
async function hostile(
  t: TestContext,
  target: string,
  path: string,
  answerTo: Hostile,
): Promise<{ url: string; asked: () => number }> {
  let times = 0
  const server = http.createServer((request, answer) => {
    const { method = 'GET', headers, url = '/' } = request
    if (url.includes(path)) {
      times += 1
      request.resume().on('end', () =>
        answerTo(
          answer.on('error', () => {}),
          times,
        ),
      )
      return
    }
    const onward = http.request(new URL(url, target), { method, headers }, (incoming) => {
      answer.writeHead(incoming.statusCode ?? 500, incoming.headers)
      incoming.pipe(answer)
    })
    request.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => times }
}

const MEGABYTE = 'x'.repeat(2 ** 20)

/** Writes without end, as fast as it is read. */
const endless =
  (begin: string, piece: string): Hostile =>
  (answer) => {
    answer.writeHead(200, { 'content-type': 'application/json' })
    const on = () => {
      while (!answer.destroyed && answer.write(piece)) {
        /* until it is full */
      }
    }
    answer.on('drain', on).write(begin)
    on()
  }

const json =
  (of: (times: number) => object): Hostile =>
  (answer, times) => {
    answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(of(times)))
  }

const page = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ _id: `p${at}`, filling: MEGABYTE.slice(0, 1_000) }))

const ATTACKS: Record<string, [path: string, hostile: Hostile, said: RegExp]> = {
  'an answer that does not end': [
    'ecolyo.term/',
    endless('{"rows":[{"_id":"', MEGABYTE),
    /term: an answer has more than 32 MiB$/,
  ],
  'a list of documents that does not end': [
    'ecolyo.profile/',
    endless('{"rows":[', '{},'.repeat(300_000)),
    /profile: an answer has more than 32 MiB$/,
  ],
  'a page of events that does not end': [
    'usageevents/_find',
    endless('{"docs":[', '{"_id":"x","type":"y"},'.repeat(40_000)),
    /usageevents: an answer has more than 32 MiB$/,
  ],
  'an event that does not end': [
    'usageevents/_find',
    endless('{"docs":[{"_id":"', MEGABYTE),
    /usageevents: an answer has more than 32 MiB$/,
  ],
  'bookmarks of profiles that do not end': [
    'ecolyo.profile/',
    json((times) => ({ rows: page(1_000), bookmark: `b${times}` })),
    /profile: its documents have more than 32 MiB$/,
  ],
  'bookmarks that go round': [
    'usageevents/_find',
    json((times) => ({ docs: page(1_000), next: true, bookmark: `b${times % 3}` })),
    /usageevents: its pages do not end: their bookmarks go round$/,
  ],
  'empty pages that do not end': [
    'usageevents/_find',
    json((times) => ({ docs: [], next: true, bookmark: `b${times}` })),
    /usageevents: its pages do not end: several in a row are empty$/,
  ],
}

describe('a Cozy without an end', () => {
  for (const [name, [path, answerTo, said]] of Object.entries(ATTACKS)) {
    it(`of ${name} is left, with a sentence, in bounded memory`, async (t) => {
      const { cozy, dacc, environment } = await world(t, FULL_HOME)
      const { url, asked } = await hostile(t, cozy.url, path, answerTo)
      const { code, lines, stderr, peak } = await runService({ ...environment(FULL_OPTIONS), COZY_URL: url })
      assert.deepEqual([code, stderr], [1, ''])
      assert.ok(
        lines.some(({ type, message }) => type === 'critical' && said.test(message)),
        JSON.stringify(lines),
      )
      assert.ok(asked() < 60, String(asked()))
      assert.deepEqual(await stored(dacc), [])
      t.diagnostic(`${Math.round(peak / 2 ** 20)} MiB`)
      if (process.platform === 'linux') assert.ok(peak > 0 && peak < MOST_MEMORY, String(peak))
    })
  }

  it('whose answer to a measure does not end leaves its fate unknown', async (t) => {
    const { cozy, environment } = await world(t, FULL_HOME)
    const { url } = await hostile(t, cozy.url, '/remote/', endless('{"ok":"', MEGABYTE))
    const { lines } = await runService({ ...environment(FULL_OPTIONS), COZY_URL: url })
    assert.ok(
      lines.some(({ message }) => /^sending stopped at a measure of \S+: the answer does not end$/.test(message)),
      JSON.stringify(lines),
    )
    const ledger = cozy.documents('com.grandlyon.ecolyo.dacc.measures') as { state?: string }[]
    assert.equal(ledger.filter(({ state }) => state === 'unknown').length, 1)
  })
})

describe('a client', () => {
  it('keeps no more of an answer than the bound, and closes the connection', async (t) => {
    const server = http.createServer((_, answer) => endless('', MEGABYTE)(answer, 1))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => {
      server.closeAllConnections()
      server.close()
    })
    const isClosed = new Promise((resolve) => server.on('connection', (socket) => socket.on('close', resolve)))
    const client = new HttpClient()
    t.after(() => client.close())
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    let given = 0
    for (const onPiece of [
      undefined,
      (bytes: Uint8Array) => {
        given += bytes.length
      },
    ]) {
      const outcome = await client.request('GET', url, {}, undefined, onPiece)
      assert.deepEqual({ ...outcome, sentence: '' }, { written: true, why: 'too-large', sentence: '' })
    }
    assert.ok(given <= MAX_ANSWER_BYTES, String(given))
    await isClosed
  })

  it('has the bounds of the module', () => {
    const limits = readFileSync(new URL('../../../src/limits.rs', import.meta.url), 'utf8')
    for (const [name, value] of Object.entries({ MAX_ANSWER_BYTES: '32 << 20', PAGE: '1_000', MAX_PAGES: '10_000' })) {
      assert.ok(limits.includes(`const ${name}: usize = ${value};`), name)
    }
    assert.deepEqual([MAX_ANSWER_BYTES, PAGE, MAX_PAGES], [32 * 2 ** 20, 1_000, 10_000])
  })
})

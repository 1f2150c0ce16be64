// The person's rights over a Cozy whose answers or pages have no end.

import assert from 'node:assert/strict'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { describe, it } from 'node:test'
import { load } from '../../../js/api/index.node.ts'
import { fetchHost } from '../../../js/hosts/fetch-host.ts'
import { MemoryFiles } from '../../../js/hosts/memory-files.ts'
import { dacc as run } from '../cli/process.ts'

const OPTIONS = { now: '2024-04-03T02:00:00' }

async function server(t: TestContext, listener: http.RequestListener): Promise<string> {
  const server = http.createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const endless: http.RequestListener = (request, answer) => {
  request.resume()
  answer.writeHead(200, { 'content-type': 'application/json' })
  const on = () => {
    while (!answer.destroyed && answer.write(' '.repeat(2 ** 20))) {
      /* until it is full */
    }
  }
  answer.on('drain', on).on('error', () => {})
  on()
}

/** Full pages of documents, whose bookmarks go round. */
const round = (): http.RequestListener => {
  let times = 0
  return (request, answer) => {
    request.resume()
    times += 1
    const rows = Array.from({ length: 1_000 }, (_, at) => ({ _id: `e${at}`, _rev: '1-a' }))
    answer
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ rows, bookmark: `b${times % 3}` }))
  }
}

describe('an answer without an end', () => {
  it('ends a command in Node and, as in a page, over fetch', async (t) => {
    const cozyUrl = await server(t, endless)
    const { rights } = await load()
    const host = fetchHost(new MemoryFiles(), { home: { cozyUrl, token: 'token' } })
    await assert.rejects(
      rights({ home: 'cozy', command: { receipts: {} } }, OPTIONS, host),
      /: an answer has more than 32 MiB$/,
    )
    const { code, stderr } = await run(['receipts', cozyUrl], { env: { COZY_CREDENTIALS: 'token' } })
    assert.match(stderr, /^dacc: http:\/\/127\.0\.0\.1:\d+: the memory: an answer has more than 32 MiB$/m)
    assert.equal(code, 4)
  })
})

describe('a page of large documents', () => {
  it('is read in smaller ones', async (t) => {
    const limits: string[] = []
    const cozyUrl = await server(t, (request, answer) => {
      request.resume()
      const [, limit = ''] = /limit=(\d+)/.exec(request.url ?? '') ?? []
      if (request.url?.includes('dacc.measures/_normal_docs')) limits.push(limit)
      const filling = 'x'.repeat(limit === '1000' ? 40 * 2 ** 20 : 1)
      answer
        .on('error', () => {})
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ rows: [], filling }))
    })
    const { code, stdout, stderr } = await run(['receipts', cozyUrl], { env: { COZY_CREDENTIALS: 'token' } })
    assert.deepEqual([code, stdout, stderr, limits], [0, 'Nothing was ever planned or sent.\n', '', ['1000', '100']])
  })
})

describe('pages without an end', () => {
  it('end a command, which says so', async (t) => {
    const { code, stderr } = await run(['receipts', await server(t, round())], { env: { COZY_CREDENTIALS: 'token' } })
    assert.match(stderr, /its pages do not end: their bookmarks go round$/m)
    assert.equal(code, 3)
  })
})

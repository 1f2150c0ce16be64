// The person's rights in a page: the same commands, files as blobs.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import path from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startCozy } from '../../../js/stand-in/cozy/cozy.ts'
import { launch, skip } from './chromium.ts'

const PACKAGE = fileURLToPath(new URL('../../../pkg/', import.meta.url))
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.wasm': 'application/wasm' }

/** As text: the test runner's compiler would give the function helpers that the page lacks. */
const IN_PAGE = `async () => {
  const { fetchHost, load, MemoryFiles } = await import('/index.browser.js')
  const dacc = await load()
  const home = '{"com.grandlyon.ecolyo.usageevents":[{"_id":"a","n":1.10,"eventDate":"2024-04-08T08:00:00Z"}]}'
  const host = (files) => fetchHost(files, { home: { cozyUrl: location.origin, token: 'the-token' } })
  const options = { now: '2024-04-10T12:00:00' }
  const one = new MemoryFiles({ home })
  const exported = await dacc.rights({ home: 'file', command: { export: {} } }, options, host(one))
  const other = new MemoryFiles({ home: '{}', 'input:0': one.get('output') })
  await dacc.rights({ home: 'file', command: { import: {} } }, options, host(other))
  const cut = new MemoryFiles({ home: '{}', 'input:0': one.get('output').slice(0, -9) })
  const why = await dacc.rights({ home: 'file', command: { import: {} } }, options, host(cut)).catch((error) => error.message)
  await dacc.rights({ home: 'cozy', command: { import: {} } }, options, host(other))
  const back = new MemoryFiles()
  const ofCozy = await dacc.rights({ home: 'cozy', command: { export: { collections: ['events'] } } }, options, host(back))
  return { ofCozy, exported, copy: await other.get('home').text(), why, untouched: await cut.get('home').text() }
}`

describe('in a page', { skip }, () => {
  it('a home goes out and comes in again, and what is cut does not', async (t) => {
    const cozy = await startCozy({ home: {}, token: 'the-token', dacc: 'http://127.0.0.1:1', daccToken: '' })
    t.after(() => cozy.close())
    const server = http.createServer((request, response) => {
      const url = request.url ?? '/'
      if (url.startsWith('/data/')) {
        const { method, headers } = request
        const forwarded = http.request(new URL(url, cozy.url), { method, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(response)
        })
        return void request.pipe(forwarded)
      }
      if (url === '/') return void response.setHeader('content-type', 'text/html').end('<!doctype html>')
      readFile(path.join(PACKAGE, url)).then(
        (bytes) => response.setHeader('content-type', TYPES[path.extname(url)] ?? 'text/plain').end(bytes),
        () => response.writeHead(404).end(),
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => {
      server.close()
      server.closeAllConnections()
    })
    const browser = await launch()
    t.after(() => browser.close())
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${(server.address() as { port: number }).port}/`)
    const told = (await page.evaluate(`(${IN_PAGE})()`)) as {
      ofCozy: { counts: Record<string, number> }
      exported: { counts: Record<string, number> }
      copy: string
      why: string
      untouched: string
    }
    assert.equal(told.exported.counts['com.grandlyon.ecolyo.usageevents'], 1)
    assert.deepEqual(told.ofCozy.counts, { 'com.grandlyon.ecolyo.usageevents': 1 })
    assert.equal(cozy.documents('com.grandlyon.ecolyo.usageevents')[0]?.['n'], 1.1)
    assert.match(told.copy, /\{"_id":"a","n":1\.10,"eventDate":"2024-04-08T08:00:00Z"\}/)
    assert.match(told.why, /^input:0: /)
    assert.equal(told.untouched, '{}')
  })
})

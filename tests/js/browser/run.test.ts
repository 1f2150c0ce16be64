// The nightly run in a page: the same run, its effects performed by gloo-net.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Options } from '../../../pkg/wasm/dacc_aggregator.js'
import { FULL_HOME, FULL_OPTIONS, previewed, stored, world } from '../service/world.ts'
import { launch, skip } from './chromium.ts'

const PACKAGE = fileURLToPath(new URL('../../../pkg/', import.meta.url))
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.wasm': 'application/wasm' }

/** Whether an answer without an end was closed by who asked. */
let isClosed = false

/** An origin that serves the package, and the Cozy under the rest of its paths, as a Cozy serves its apps. */
async function origin(t: TestContext, cozyUrl: string, cutsAnswers = false, endless = ''): Promise<string> {
  const server = http.createServer((request, response) => {
    const url = request.url ?? '/'
    if (url === '/') {
      response.setHeader('content-type', 'text/html')
      response.end('<!doctype html><title>an app</title>')
    } else if (url.startsWith('/pkg/')) {
      const file = path.join(PACKAGE, url.slice('/pkg/'.length))
      readFile(file).then(
        (bytes) => {
          response.setHeader('content-type', TYPES[path.extname(file)] ?? 'text/plain')
          response.end(bytes)
        },
        () => response.writeHead(404).end(),
      )
    } else if (endless !== '' && url.includes(endless)) {
      response.writeHead(200, { 'content-type': 'application/json' })
      const on = () => {
        while (!response.destroyed && response.write(' '.repeat(2 ** 20))) {
          /* until it is full */
        }
      }
      response
        .on('drain', on)
        .on('error', () => {})
        .on('close', () => {
          isClosed = true
        })
      on()
    } else {
      const { method, headers } = request
      const forwarded = http.request(new URL(url, cozyUrl), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        if (cutsAnswers && url.startsWith('/remote/')) response.write('{', () => response.destroy())
        else answer.pipe(response)
      })
      forwarded.on('error', () => response.destroy())
      request.pipe(forwarded)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}

interface Ran {
  report: { end: string; sent: number }
  log: string[]
}

/** Runs the package's run in a page of this origin, or in a worker of it. */
async function runInPage(
  t: TestContext,
  address: string,
  options: Options,
  token: string,
  inWorker = false,
): Promise<Ran> {
  const browser = await launch()
  t.after(() => browser.close())
  const page = await browser.newPage()
  await page.goto(address)
  // As text: the test runner's compiler would give the function helpers that the page lacks.
  const run = `(async () => {
    const { load } = await import(${JSON.stringify(`${address}/pkg/index.browser.js`)})
    const dacc = await load()
    const log = []
    const connection = { cozyUrl: ${JSON.stringify(address)}, token: ${JSON.stringify(token)}, log: ({ message }) => log.push(message) }
    const report = await dacc.run(${JSON.stringify(options)}, connection)
    return { report, log }
  })()`
  if (!inWorker) return page.evaluate(run)
  const source = `${run}.then((ran) => postMessage(ran), (error) => postMessage({ error: String(error) }))`
  return page.evaluate(
    (source) =>
      new Promise<Ran>((resolve) => {
        const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
        const worker = new Worker(url, { type: 'module' })
        worker.onmessage = ({ data }) => resolve(data as Ran)
      }),
    source,
  )
}

describe('the run in Chromium', { skip }, () => {
  for (const place of ['a page', 'a worker']) {
    it(`posts exactly the previewed measures from ${place}`, async (t) => {
      const { cozy, dacc } = await world(t, FULL_HOME)
      const { report, log } = await runInPage(
        t,
        await origin(t, cozy.url),
        FULL_OPTIONS,
        cozy.token,
        place === 'a worker',
      )
      const expected = await previewed(FULL_HOME, FULL_OPTIONS)
      assert.deepEqual(await stored(dacc), expected)
      assert.deepEqual([report.end, report.sent], ['complete', expected.length])
      assert.ok(log.some((message) => message.includes('the run is complete')))
    })
  }

  it('reads no more of an answer without an end than of any, and says so', async (t) => {
    const { cozy, dacc } = await world(t, FULL_HOME)
    const { report, log } = await runInPage(
      t,
      await origin(t, cozy.url, false, 'ecolyo.term/'),
      FULL_OPTIONS,
      cozy.token,
    )
    assert.equal(report.end, 'stopped')
    assert.ok(log.includes('com.grandlyon.ecolyo.term: an answer has more than 32 MiB'), log.join('\n'))
    assert.ok(isClosed)
    assert.deepEqual(await stored(dacc), [])
  })

  // The answer is cut after its head: one lost whole, on a connection that is
  // used again, Chromium answers by posting a second time, unasked.
  it('takes an answer that was cut off for an unknown fate, and stops', async (t) => {
    const { cozy, dacc } = await world(t, FULL_HOME)
    const { report } = await runInPage(t, await origin(t, cozy.url, true), FULL_OPTIONS, cozy.token)
    assert.deepEqual(report, { ...report, end: 'stopped', sent: 0, refused: 0, unknown: 1, cancelled: 0, retry: false })
    assert.equal((await stored(dacc)).length, 1)
  })
})

// An app under development, served from a port of its own, in a real browser.

import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { load } from '../../../js/api/index.node.ts'
import { type Stack, startStack } from '../../../js/stand-in/stack.ts'
import { launch, skip } from '../browser/chromium.ts'

const EVENTS = 'com.grandlyon.ecolyo.usageevents'
const MEASURE = {
  createdBy: 'ecolyo',
  measureName: 'navigation-count-daily',
  startDate: '2024-03-09',
  value: 2,
  group1: { page: 'consumption' },
}

interface Call {
  url: string
  method: string
  token?: string
  body?: unknown
}

/** What a page gets of a request, as cozy-client sends it: the status, or nothing. */
function ask(page: Page, call: Call): Promise<number | undefined> {
  return page.evaluate(async ({ url, method, token, body }) => {
    const headers: Record<string, string> = { accept: 'application/json', 'content-type': 'application/json' }
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`
    try {
      const answer = await fetch(url, {
        method,
        headers,
        credentials: 'include',
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      await answer.text()
      return answer.status
    } catch {
      return undefined
    }
  }, call)
}

describe('a page of another origin', { skip }, () => {
  let browser: Browser
  let app: Server
  let stack: Stack
  let port: number
  before(async () => {
    browser = await launch(['--host-resolver-rules=MAP evil.example 127.0.0.1'])
    app = createServer((_, response) => {
      response.setHeader('content-type', 'text/html')
      response.end('<title>app</title>')
    })
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve))
    port = (app.address() as AddressInfo).port
    stack = await startStack({ aggregator: await load(), home: { [EVENTS]: [{ _id: 'e' }] } })
  })
  after(async () => {
    await browser.close()
    app.closeAllConnections()
    app.close()
    await stack.close()
  })

  const calls = (url: string): Call[] => [
    { url: `${url}/data/${EVENTS}/e`, method: 'GET', token: stack.token },
    { url: `${url}/data/${EVENTS}/new`, method: 'PUT', token: stack.token, body: { type: 'NavigationEvent' } },
    {
      url: `${url}/remote/cc.cozycloud.dacc_v2`,
      method: 'POST',
      token: stack.token,
      body: { data: JSON.stringify(MEASURE), path: 'measure' },
    },
    { url: `${url}/dacc/measure`, method: 'POST', token: stack.dacc.token, body: MEASURE },
  ]

  it('of this machine uses the Cozy and the DACC with their tokens, and not what only the own page may', async () => {
    const page = await browser.newPage()
    await page.goto(`http://localhost:${port}/`)
    for (const call of calls(stack.url)) assert.ok([200, 201].includes((await ask(page, call)) ?? 0), call.url)
    assert.equal(await ask(page, { url: `${stack.url}/dev/state`, method: 'GET' }), undefined)
    assert.equal(await ask(page, { url: `${stack.url}/dev/home`, method: 'PUT', body: {} }), undefined)
    await page.close()
  })

  it('of this machine sees a fault that was asked for, not a question that failed', async () => {
    const faults = async (rules: object[]) => {
      const answer = await fetch(`${stack.url}/dev/faults`, { method: 'PUT', body: JSON.stringify({ rules }) })
      assert.equal(answer.status, 200)
    }
    const page = await browser.newPage()
    await page.goto(`http://localhost:${port}/`)
    const [, , send] = calls(stack.url) as [Call, Call, Call]
    for (const [kind, status] of [
      ['429', 429],
      ['500', 500],
      ['html-502', 502],
      ['drop-after-accept', undefined],
    ] as const) {
      await faults([{ kind, at: 'remote' }])
      assert.equal(await ask(page, send), status, kind)
    }
    await faults([])
    assert.equal(await ask(page, send), 201)
    await page.close()
  })

  it('of the web gets nothing, not even where its name points here', async () => {
    const page = await browser.newPage()
    await page.goto(`http://evil.example:${port}/`)
    const rebound = `http://evil.example:${new URL(stack.url).port}`
    for (const url of [stack.url, rebound]) {
      for (const call of [...calls(url), { url: `${url}/dev/state`, method: 'GET' }]) {
        const status = await ask(page, call)
        assert.ok(status === undefined || status === 421, `${call.url}: ${status}`)
      }
    }
    await page.goto(`${rebound}/dev/state`)
    assert.match(await page.innerText('body'), /Only names of this machine are answered/)
    await page.close()
  })
})

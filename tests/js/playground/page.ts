// The playground in Chromium: how it is started, and what must never happen in it.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { after, before } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { load } from '../../../js/api/index.node.ts'
import { startStack } from '../../../js/stand-in/stack.ts'
import { launch } from '../browser/chromium.ts'

export const FOLDER = fileURLToPath(new URL('../../../pkg/playground/', import.meta.url))

/** A machine that also compiles is slow. */
const PATIENCE = 15_000

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
}

/** Nobody promises that the page is at the root of its server. */
const BELOW = '/some/where/'

/** Serves the page as plain files, as any server would. */
export async function serveFiles(): Promise<{ url: string; close: () => void }> {
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const file = path.join(FOLDER, pathname === BELOW ? 'index.html' : pathname.replace(BELOW, ''))
    readFile(file).then(
      (bytes) => {
        response.setHeader('content-type', TYPES[path.extname(file)] ?? 'text/plain')
        response.end(bytes)
      },
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}${BELOW}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** Serves the page as `dacc dev` does, with a Cozy that holds this home and a DACC. */
export async function serveStack(home: unknown): Promise<{ url: string; close: () => Promise<void> }> {
  const stack = await startStack({ aggregator: await load(), home, page: FOLDER })
  return { url: `${stack.url}/`, close: stack.close }
}

/** One Chromium for all tests of a file; each test has a page of its own. */
export function useBrowser(): {
  open: (url: string, options?: BrowserContextOptions) => Promise<Page>
  /** For a test that tries on purpose what must not be. */
  forgive: (page: Page) => void
} {
  let browser: Browser
  const wrongOf = new Map<Page, string[]>()
  before(async () => {
    browser = await launch()
  })
  after(async () => {
    await browser.close()
    assert.deepEqual([...wrongOf.values()].flat(), [], 'no other origin, no violation of the policy, no error')
  })
  return {
    forgive: (page) => wrongOf.delete(page),
    async open(url, options = {}) {
      const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1400, height: 1000 }, ...options })
      context.setDefaultTimeout(PATIENCE)
      const page = await context.newPage()
      const { origin } = new URL(url)
      const wrong: string[] = []
      wrongOf.set(page, wrong)
      page.on('request', (request) => {
        const asked = new URL(request.url())
        if (asked.origin !== origin && !['data:', 'blob:'].includes(asked.protocol))
          wrong.push(`asked ${request.url()}`)
      })
      page.on('console', (message) => {
        // A server of plain files has nothing under /dev.
        if (message.type() === 'error' && !message.location().url.includes('/dev/state')) wrong.push(message.text())
      })
      page.on('pageerror', (error) => wrong.push(String(error)))
      await page.goto(url)
      return page
    },
  }
}

export interface TestEvent {
  _id?: string
  type: string
  eventDate: string
  target?: string
  context?: string
  result?: string | number
  startDate?: string
}

/** A home with consent from 1 March 2024 on, and these events. */
export function homeWith(
  events: unknown[],
  terms: object = { accepted: true, version: '1.0.0', date: '2024-03-01T08:00:00Z' },
): string {
  return JSON.stringify({ 'com.grandlyon.ecolyo.term': [terms], 'com.grandlyon.ecolyo.usageevents': events })
}

/** Two pages seen, and what is wrong with a third, fourth and fifth. */
export const EVENTS: TestEvent[] = [
  { _id: 'connected', type: 'ConnectionEvent', context: 'desktop', eventDate: '2024-03-09T10:00:00Z' },
  { _id: 'seen', type: 'NavigationEvent', target: 'faq', eventDate: '2024-03-09T10:01:00Z' },
  { _id: 'seen-again', type: 'NavigationEvent', target: 'faq', eventDate: '2024-03-09T10:02:00Z' },
  { _id: 'misspelt', type: 'NavigateEvent', target: 'faq', eventDate: '2024-03-09T10:03:00Z' },
  { _id: 'too-early', type: 'NavigationEvent', target: 'faq', eventDate: '2024-02-20T10:00:00Z' },
]

/** Drops a text as a file somewhere on the page. */
export async function drop(page: Page, text: string, name = 'home.json'): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([text = '', name = '']) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([text], name, { type: 'application/json' }))
      return transfer
    },
    [text, name],
  )
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
}

/** Opens a home, and waits until everything is told of it. */
export async function openHome(page: Page, text: string, name?: string): Promise<void> {
  await drop(page, text, name)
  if (name !== undefined) await page.getByRole('heading', { level: 1, name }).waitFor()
  await page.locator('.line').first().waitFor()
}

/** The list's line of an event, by the words in it. */
export const line = (page: Page, words: string): Locator =>
  page.locator('.lines').getByRole('option').filter({ hasText: words })

/** The card of an indicator. */
export const card = (page: Page, name: string): Locator => page.locator(`[data-indicator="${name}"]`)

/** Waits until an element has these words. */
export async function says(element: Locator, words: string | RegExp): Promise<void> {
  const wanted = (text: string) => (typeof words === 'string' ? text.includes(words) : words.test(text))
  let text = ''
  for (const until = Date.now() + PATIENCE; Date.now() < until; ) {
    text = (await element.allInnerTexts()).join('\n')
    if (wanted(text)) return
    await element.page().waitForTimeout(50)
  }
  assert.fail(`${String(words)} is not in: ${text}`)
}

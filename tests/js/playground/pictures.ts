// Draws the pictures of docs/playground.md again, by hand after the page has
// changed: node --import tsx tests/js/playground/pictures.ts

import { fileURLToPath } from 'node:url'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { launch } from '../browser/chromium.ts'
import { card, line, says, serveStack } from './page.ts'

const FOLDER = fileURLToPath(new URL('../../../docs/playground/', import.meta.url))

const stack = await serveStack({})
const browser = await launch()

async function picture(
  name: string,
  options: BrowserContextOptions,
  act: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB', ...options })
  const page = await context.newPage()
  await page.goto(stack.url)
  await act(page)
  // Where the last click was, something would be lit.
  await page.mouse.move(2, 2)
  await page.waitForTimeout(400)
  await page.screenshot({ path: `${FOLDER}${name}.png` })
  await context.close()
}

async function openSample(page: Page): Promise<void> {
  await page.locator('[data-sample=mistakes]').click()
  await page.locator('.line').first().waitFor()
  await says(page.locator('.source'), /computed in|calculé en/)
}

async function mend(page: Page): Promise<void> {
  await page.locator('input[value=not-counted]').check()
  await line(page, 'NavigateEvent').click()
  await page.locator('.fields').getByLabel('type', { exact: true }).fill('NavigationEvent')
  await page.locator('.differences').waitFor()
}

await picture('welcome', {}, async (page) => {
  await page.getByRole('heading', { level: 1 }).waitFor()
})

await picture('not-counted', { viewport: { width: 1600, height: 1000 } }, async (page) => {
  await openSample(page)
  await page.locator('input[value=not-counted]').check()
  await line(page, 'ActionEndEvent').click()
  await page.locator('.because, .readings').first().waitFor()
})

await picture(
  'change',
  { viewport: { width: 1600, height: 1000 }, locale: 'fr-FR', colorScheme: 'dark' },
  async (page) => {
    await openSample(page)
    await mend(page)
    await page.evaluate(() => scrollTo(0, 0))
  },
)

await picture('payload', {}, async (page) => {
  await openSample(page)
  await card(page, 'navigation-count-daily').click()
  await page.getByRole('row').getByRole('button').nth(2).click()
  await page.locator('.made-of li').first().waitFor()
  await page.locator('.columns').evaluate((columns) => columns.scrollIntoView())
})

await picture('server', {}, async (page) => {
  await openSample(page)
  await page.getByRole('tab', { name: 'Server' }).click()
  await page.getByRole('button', { name: /^Send/ }).click()
  await page.locator('.published-bar').waitFor()
  await page.getByRole('button', { name: /neighbours/ }).click()
  await page.getByRole('row').filter({ hasText: 'Published' }).first().waitFor()
  await page.locator('.columns').evaluate((columns) => columns.scrollIntoView())
})

await picture('phone', { viewport: { width: 380, height: 760 } }, async (page) => {
  await openSample(page)
  await mend(page)
})

await browser.close()
await stack.close()

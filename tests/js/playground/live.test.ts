// The home of the local Cozy, followed while it is looked at, changed, and left for another.

import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { skip } from '../browser/chromium.ts'
import { card, drop, EVENTS, homeWith, line, says, serveStack, useBrowser } from './page.ts'

/** What the app records while somebody looks: a third page. */
const NEWS = { _id: 'news', type: 'NavigationEvent', target: 'faq', eventDate: '2024-03-09T10:01:30Z' }
const OTHER = homeWith([
  { _id: 'other-home', type: 'NavigationEvent', target: 'faq', eventDate: '2024-05-09T10:00:00Z' },
])

describe('the live home on the playground', { skip }, () => {
  const { open, forgive } = useBrowser()
  let stack: Awaited<ReturnType<typeof serveStack>>
  before(async () => {
    stack = await serveStack({})
  })
  after(() => stack.close())
  beforeEach(() => put(EVENTS))

  async function put(events: unknown[]): Promise<void> {
    const { origin } = new URL(stack.url)
    const answer = await fetch(new URL('dev/home', stack.url), {
      method: 'PUT',
      headers: { 'content-type': 'application/json', origin },
      body: homeWith(events),
    })
    assert.equal(answer.status, 200)
  }

  async function inCozy(): Promise<string[]> {
    const home = (await (await fetch(new URL('dev/home', stack.url))).json()) as Record<
      string,
      { _id: string; target?: string }[]
    >
    return (home['com.grandlyon.ecolyo.usageevents'] ?? []).map(({ _id, target }) => `${_id} ${target ?? ''}`)
  }

  const save = (page: Page) => page.getByRole('button', { name: 'Save to the local Cozy' })
  const undo = (page: Page) => page.getByRole('button', { name: /^Undo/ })
  const title = (page: Page) => page.getByRole('heading', { level: 1 })

  async function live(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Live from the local Cozy' }).click()
    await says(card(page, 'navigation-count-daily'), '2\n1 measure')
  }

  async function writeTarget(page: Page, target: string): Promise<void> {
    await line(page, 'NavigateEvent').click()
    await page.locator('.fields').getByLabel('target', { exact: true }).fill(target)
    await undo(page).waitFor()
  }

  /** Holds what `dev/home` answers to a method back, until it is let go. */
  async function hold(page: Page, method: string): Promise<{ asked: Promise<void>; release: () => void }> {
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    let ask = () => {}
    const asked = new Promise<void>((resolve) => {
      ask = resolve
    })
    await page.route('**/dev/home*', async (route) => {
      if (route.request().method() !== method) return route.continue()
      const response = await route.fetch()
      ask()
      await released
      return route.fulfill({ response })
    })
    return { asked, release: () => release() }
  }

  for (const how of ['dropped', 'pasted'] as const) {
    it(`is left for a home that is ${how}: that one follows nothing, and is not saved to the Cozy`, async () => {
      const page = await open(stack.url)
      await live(page)
      if (how === 'dropped') await drop(page, OTHER, 'other.json')
      else {
        await page.evaluate((text) => {
          const clipboardData = new DataTransfer()
          clipboardData.setData('text/plain', text)
          document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }))
        }, OTHER)
      }
      const name = how === 'dropped' ? 'other.json' : 'Pasted text'
      await says(title(page), name)
      await says(page.locator('.source'), /(?<!\d)1 event/)
      const toldOf = page.waitForEvent('console', (message) => message.text() === 'changed')
      await page.evaluate(() => {
        new EventSource('dev/events').addEventListener('change', () => console.log('changed'))
      })
      await page.waitForTimeout(200)
      await put([...EVENTS, NEWS])
      await toldOf
      await page.waitForTimeout(500)
      await says(title(page), name)
      await says(page.locator('.source'), /(?<!\d)1 event/)
      await page.getByRole('button', { name: 'Add an event' }).click()
      await undo(page).waitFor()
      assert.equal(await save(page).count(), 0)
    })
  }

  it('loses no change to news that were already under way', async () => {
    const page = await open(stack.url)
    await live(page)
    const { asked, release } = await hold(page, 'GET')
    await put([...EVENTS, NEWS])
    await asked
    await writeTarget(page, 'analysis')
    release()
    await page.waitForTimeout(700)
    assert.ok(await undo(page).isVisible())
    await says(line(page, 'NavigateEvent'), 'analysis')
    await says(page.locator('.source'), '5 events')
  })

  it('shows the news once what was changed meanwhile is taken back', async () => {
    const page = await open(stack.url)
    await live(page)
    const { asked, release } = await hold(page, 'GET')
    await put([...EVENTS, NEWS])
    await asked
    await writeTarget(page, 'analysis')
    await undo(page).click()
    await undo(page).waitFor({ state: 'detached' })
    release()
    await says(card(page, 'navigation-count-daily'), '3\n1 measure')
  })

  it('loses no change that is made while it is saved', async () => {
    const page = await open(stack.url)
    await live(page)
    await writeTarget(page, 'analysis')
    const { asked, release } = await hold(page, 'PUT')
    await save(page).click()
    await asked
    await page.locator('.fields').getByLabel('target', { exact: true }).fill('options')
    await says(line(page, 'NavigateEvent'), 'options')
    release()
    await page.waitForTimeout(700)
    await says(line(page, 'NavigateEvent'), 'options')
    assert.ok((await inCozy()).includes('misspelt analysis'))
    await save(page).click()
    await save(page).waitFor({ state: 'detached' })
    assert.ok((await inCozy()).includes('misspelt options'))
  })

  it('saves nothing to the Cozy where another home was opened at that moment', async () => {
    const page = await open(stack.url)
    await live(page)
    await writeTarget(page, 'analysis')
    // The worker has the other home before the page knows it.
    await page.evaluate((text) => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File([text], 'other.json', { type: 'application/json' }))
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true }))
      const buttons = [...document.querySelectorAll('button')]
      buttons.find((button) => button.textContent?.includes('Save to the local Cozy'))?.click()
    }, OTHER)
    await says(title(page), 'other.json')
    await page.waitForTimeout(500)
    assert.ok((await inCozy()).includes('misspelt faq'))
  })

  for (const width of [320, 390]) {
    it(`has room for all its buttons on a screen of ${width} points`, async () => {
      const page = await open(stack.url, { viewport: { width, height: 800 }, locale: 'fr-FR' })
      await page.getByRole('button', { name: 'En direct du Cozy local' }).click()
      await page.getByRole('button', { name: 'Ajouter un événement' }).click()
      await page.getByRole('button', { name: 'Enregistrer dans le Cozy local' }).waitFor()
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width)
      const cut = await page
        .locator('.source .button')
        .evaluateAll((buttons) => buttons.map((button) => button.scrollWidth > button.clientWidth))
      assert.deepEqual(cut, [false, false, false, false, false])
    })
  }

  it('is not opened again by news that come when it was closed', async () => {
    const page = await open(stack.url)
    await live(page)
    const { asked, release } = await hold(page, 'GET')
    await put([...EVENTS, NEWS])
    await asked
    await page.getByRole('button', { name: 'Open another' }).click()
    release()
    await page.waitForTimeout(500)
    assert.equal(await page.locator('.source').count(), 0)
  })

  it('says on the page that it cannot be opened, or saved', async () => {
    const page = await open(stack.url)
    forgive(page)
    let broken = ['GET']
    await page.route('**/dev/home*', (route) =>
      broken.includes(route.request().method()) ? route.abort() : route.continue(),
    )
    await page.getByRole('button', { name: 'Live from the local Cozy' }).click()
    await says(page.getByRole('alert'), 'The local Cozy’s home could not be read')
    broken = ['PUT']
    await live(page)
    await says(page.getByRole('alert'), /^$/)
    await page.getByRole('button', { name: 'Add an event' }).click()
    await save(page).click()
    await says(page.getByRole('alert'), 'This could not be saved to the local Cozy')
    // What is computed meanwhile takes the sentence away from nobody.
    await writeTarget(page, 'analysis')
    await says(page.getByRole('alert'), 'This could not be saved to the local Cozy')
    broken = []
    await save(page).click()
    await save(page).waitFor({ state: 'detached' })
    await says(page.getByRole('alert'), /^$/)
  })
})

// For everybody: by keyboard alone, in both languages, light and dark.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { after, before, describe, it } from 'node:test'
import type axe from 'axe-core'
import type { Page } from 'playwright-core'
import { en } from '../../../js/playground/text/en.ts'
import { fr } from '../../../js/playground/text/fr.ts'
import { skip } from '../browser/chromium.ts'
import { card, EVENTS, homeWith, line, openHome, says, serveStack, useBrowser } from './page.ts'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** What axe finds wrong with the page as it stands, one line each; by the other scheme, of its colours. */
async function violations(page: Page): Promise<string[]> {
  if (await page.evaluate(() => !('axe' in window))) await page.evaluate(await readFile(AXE, 'utf8'))
  const run = async (options: axe.RunOptions) => {
    const { violations } = await page.evaluate(
      (options) => (window as unknown as { axe: typeof axe }).axe.run(document, options),
      options,
    )
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary}`),
    )
  }
  await page.emulateMedia({ colorScheme: 'dark' })
  const dark = await run({ runOnly: ['color-contrast'] })
  await page.emulateMedia({ colorScheme: 'light' })
  return [...dark, ...(await run({}))]
}

/** Moves on with the Tab key until the focus is on something of this name. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let tries = 0; tries < 80; tries += 1) {
    await page.keyboard.press('Tab')
    const found = await page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement | null
      return [element?.getAttribute('aria-label'), element?.labels?.[0]?.textContent, element?.textContent]
        .filter(Boolean)
        .join(' ')
    })
    if (found.includes(name)) return
  }
  assert.fail(`the focus never came to ${name}`)
}

describe('the playground for everybody', { skip }, () => {
  const { open } = useBrowser()
  let stack: Awaited<ReturnType<typeof serveStack>>
  before(async () => {
    stack = await serveStack(JSON.parse(homeWith(EVENTS)))
  })
  after(() => stack.close())

  it('is used from the first key to the mended event without a mouse', async () => {
    const page = await open(stack.url)
    await tabTo(page, 'A month with mistakes')
    await page.keyboard.press('Enter')
    await page.locator('.line').first().waitFor()
    await tabTo(page, 'Days with events')
    await page.keyboard.press('End')
    await says(page.locator('.results .card-head'), 'On Wed')
    await page.keyboard.press('Escape')
    await tabTo(page, 'Search events')
    await page.keyboard.type('NavigateEvent')
    await says(page.locator('.events .card-head'), '1 event')
    await tabTo(page, 'Events')
    await page.keyboard.press('ArrowDown')
    await says(page.locator('.story'), 'This event is not counted')
    await page.locator('.fields').waitFor()
    await tabTo(page, 'type')
    await page.keyboard.press('Control+A')
    await page.keyboard.type('NavigationEvent')
    await says(page.locator('.story'), 'This event is counted')
    await tabTo(page, 'Indicators')
    await page.keyboard.press('ArrowRight')
    await says(page.getByRole('tab', { selected: true }), 'Payloads')
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('role')), 'tab')
  })

  it('chooses by keyboard also an event whose line was not there yet', async () => {
    const page = await open(stack.url)
    // More lines than are asked for at once: one a minute, the last at 14:59.
    const many = Array.from({ length: 300 }, (_, at) => ({
      type: 'NavigationEvent',
      target: 'faq',
      eventDate: new Date(Date.UTC(2024, 2, 9, 10, at)).toISOString(),
    }))
    await openHome(page, homeWith(many))
    await says(line(page, '10:00:00'), 'Counted')
    const list = page.getByRole('listbox', { name: 'Events' })
    const chosen = list.getByRole('option', { selected: true })
    await list.press('End')
    await says(chosen, '14:59:00')
    await says(page.locator('.story'), 'This event is counted')
    // A list of its own each time: nothing of it is there but its beginning.
    await page.getByLabel('Search events').fill('faq')
    await says(line(page, '10:00:00'), 'Counted')
    const lines = Math.max(1, Math.floor((await list.evaluate(({ clientHeight }) => clientHeight)) / 56) - 1)
    // From before the first line on, past the hundred that were asked for.
    const pages = Math.ceil(150 / lines)
    for (let pressed = 0; pressed < pages; pressed += 1) await list.press('PageDown')
    await says(chosen, new Date(Date.UTC(2024, 2, 9, 10, pages * lines - 1)).toISOString().slice(11, 19))
    // What was waited for is no longer wanted once something else is chosen.
    await list.press('Home')
    await says(chosen, '10:00:00')
  })

  it('names months only as far as their names have room', async () => {
    for (const width of [320, 380, 1400]) {
      const page = await open(stack.url, { viewport: { width, height: 800 }, locale: 'fr-FR' })
      const homes = [
        // April begins near the right end.
        { first: '2024-03-01', last: '2024-04-04', wanted: ['mars 2024', 'avril 2024'] },
        // The name of April would lie on that of March.
        { first: '2024-03-28', last: '2024-05-20', wanted: ['mars 2024', 'mai 2024'] },
      ]
      for (const { first, last, wanted } of homes) {
        await openHome(
          page,
          homeWith([first, last].map((day) => ({ type: 'ConnectionEvent', eventDate: `${day}T10:00:00Z` }))),
        )
        const names = page.locator('.month-name')
        await says(names.last(), wanted[1] ?? '')
        assert.deepEqual(await names.allInnerTexts(), wanted, `${width} wide`)
        const box = await page.locator('.month-marks').evaluate((element) => element.getBoundingClientRect().right)
        const bounds = await names.evaluateAll((all) =>
          all.map((name) => name.getBoundingClientRect()).map(({ left, right }) => ({ left, right })),
        )
        for (const [at, { left, right }] of bounds.entries()) {
          assert.ok(right <= box + 0.5, `${width} wide: a name ends at ${right}, beyond ${box}`)
          assert.ok(left >= (bounds[at - 1]?.right ?? 0), `${width} wide: a name lies on the one before`)
        }
      }
      await page.context().close()
    }
  })

  for (const width of [380, 1600]) {
    it(`has nothing for axe to find, light or dark, ${width} wide`, async () => {
      const page = await open(stack.url, { viewport: { width, height: 900 }, reducedMotion: 'reduce' })
      assert.deepEqual(await violations(page), [])
      await page.getByRole('button', { name: 'A month with mistakes' }).click()
      await line(page, 'NavigationEvent').first().click()
      await says(page.locator('.story'), 'This event')
      await page.locator('.picture').press('End')
      await page.locator('.mark').first().waitFor()
      assert.deepEqual(await violations(page), [])
      if (width < 1000) await page.getByRole('button', { name: 'Results' }).click()
      await page.getByRole('button', { name: 'All days' }).click()
      await card(page, 'navigation-count-daily').click()
      await page.getByRole('row').getByRole('button').first().click()
      await page.locator('.made-of li').first().waitFor()
      assert.deepEqual(await violations(page), [])
      await page.getByRole('tab', { name: 'Server' }).click()
      // The other width is of the same home: what that sent is not sent again.
      const send = page.getByRole('button', { name: /^(Send \d|Everything is sent)/ })
      await send.waitFor()
      if (await send.isEnabled()) await send.click()
      await page.locator('.published-bar').waitFor()
      await page.getByRole('button', { name: /neighbours/ }).click()
      await page.locator('.neighbourhood').waitFor()
      await page.getByText('Make it fail').click()
      assert.deepEqual(await violations(page), [])
      if (width < 1000) await page.getByRole('button', { name: 'Rules' }).click()
      await page.locator('.rules').getByRole('button', { name: /^Edit/ }).click()
      assert.deepEqual(await violations(page), [])
    })
  }

  it('is no wider than the screen', async () => {
    for (const width of [320, 768, 1024]) {
      const page = await open(stack.url, { viewport: { width, height: 800 }, locale: 'fr-FR' })
      const beyond = () =>
        page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      assert.equal(await beyond(), 0, `${width} wide, before anything is open`)
      await openHome(page, homeWith(EVENTS))
      assert.equal(await beyond(), 0, `${width} wide, with a home`)
      await page.context().close()
    }
  })

  it('speaks French where the browser does, and remembers another choice', async () => {
    const page = await open(stack.url, { locale: 'fr-FR' })
    await says(page.getByRole('heading', { level: 1 }), fr.welcome.question)
    assert.equal(await page.getAttribute('html', 'lang'), 'fr')
    await openHome(page, homeWith(EVENTS))
    await says(line(page, 'NavigateEvent'), 'type inconnu')
    await says(card(page, 'navigation-count-daily'), 'Pages vues')
    await page.getByLabel('Langue').selectOption('en')
    await says(line(page, 'NavigateEvent'), 'unknown type')
    // What lies open is kept after a pause, and then there again.
    await page.waitForFunction(() => sessionStorage.length > 0)
    await page.reload()
    await says(line(page, 'NavigateEvent'), 'unknown type')
    assert.equal(await page.getAttribute('html', 'lang'), 'en')
  })

  it('says nothing in English where it speaks French', () => {
    // Names and words that are the same in both.
    const SAME = new Set(['Instant', 'Date', 'Pages', 'absent'])
    const untranslated: string[] = []
    const compare = (english: unknown, french: unknown, place: string): void => {
      if (typeof english === 'function') return
      if (typeof english === 'object' && english !== null) {
        for (const [key, value] of Object.entries(english))
          compare(value, (french as Record<string, unknown>)[key], `${place}.${key}`)
      } else if (english === french && !SAME.has(String(english))) untranslated.push(place)
    }
    compare(en, fr, 'text')
    assert.deepEqual(untranslated, [])
  })
})

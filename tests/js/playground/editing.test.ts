// What a change does, seen at once: of an event, of the rules, of the catalog.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { skip } from '../browser/chromium.ts'
import { card, EVENTS, homeWith, line, openHome, says, serveFiles, useBrowser } from './page.ts'

const change = (page: Page) => page.getByRole('region', { name: 'What your change did' })

describe('a change on the playground', { skip }, () => {
  const { open } = useBrowser()
  let files: Awaited<ReturnType<typeof serveFiles>>
  before(async () => {
    files = await serveFiles()
  })
  after(() => files.close())

  const opened = async (home = homeWith(EVENTS)) => {
    const page = await open(files.url)
    await openHome(page, home)
    return page
  }

  it('tells why an event is not counted, and counts it once it is mended', async () => {
    const page = await opened()
    await says(line(page, 'NavigateEvent'), /Not counted\s+unknown type/)
    await line(page, 'NavigateEvent').click()
    await says(page.locator('.story'), 'This event is not counted')
    await says(page.locator('.story'), 'The type is missing or unknown.')
    await page.locator('.fields').getByLabel('type', { exact: true }).fill('NavigationEvent')
    await says(page.locator('.story'), 'This event is counted')
    await says(page.locator('.story'), 'Pages seen')
    await says(card(page, 'navigation-count-daily'), '3\n1 measure')
    // The page; and the session, which is one more minute and more pages.
    await says(change(page), '1 added · 1 removed · 1 changed')
    await says(change(page), /Pages seen\s+9 Mar 2024\s+faq\s+2 → 3/)
    await says(change(page), /3-5\s+any\s+3 min/)
    await page.getByRole('button', { name: /^Undo/ }).click()
    await says(card(page, 'navigation-count-daily'), '2\n1 measure')
    await says(line(page, 'NavigateEvent'), 'unknown type')
  })

  it('takes an event as JSON, says where it is not JSON, and leaves the event as it was', async () => {
    const page = await opened()
    await line(page, 'NavigateEvent').click()
    const json = page.getByLabel('As JSON')
    await json.fill('{\n  "type": "NavigationEvent"\n  "target": "faq"\n}')
    await says(page.locator('.inspector .wrong'), 'at line 3, column 3')
    await says(card(page, 'navigation-count-daily'), '2\n1 measure')
    await json.fill('{"type": "NavigationEvent", "target": "challenges", "eventDate": "2024-03-09T11:00:00Z"}')
    await says(card(page, 'navigation-count-daily'), '3\n2 measures')
    await says(change(page), /Pages seen\s+9 Mar 2024\s+challenges\s+1/)
  })

  it('loses no letter: to an answer that comes late, or to a click elsewhere', async () => {
    const page = await opened()
    // Each answer of the worker comes when the next letters are written.
    await page.evaluate(() => {
      const post = Worker.prototype.postMessage
      Worker.prototype.postMessage = function (this: Worker, ...message: Parameters<typeof post>) {
        setTimeout(() => post.apply(this, message), 400)
      } as typeof post
    })
    await line(page, 'NavigateEvent').click()
    const json = page.getByLabel('As JSON')
    const write = (target: string) =>
      json.fill(JSON.stringify({ type: 'NavigationEvent', target, eventDate: '2024-03-09T11:00:00Z' }))
    for (const target of ['e', 'eau', 'gas', 'options']) {
      await write(target)
      await page.waitForTimeout(300)
      assert.match(await json.inputValue(), new RegExp(`"${target}"`))
    }
    await write('challenges')
    await page.waitForTimeout(200)
    assert.match(await json.inputValue(), /"challenges"/)
    await line(page, 'ConnectionEvent').click()
    await says(card(page, 'navigation-count-daily'), '3\n2 measures')
    await says(line(page, 'NavigationEvent').last(), 'challenges')
  })

  it('adds an event and takes one away', async () => {
    const page = await opened()
    await page.getByRole('button', { name: 'Add an event' }).click()
    await says(card(page, 'navigation-count-daily'), '3\n2 measures')
    await page.getByRole('button', { name: 'Remove this event' }).click()
    await says(card(page, 'navigation-count-daily'), '2\n1 measure')
    await says(page.locator('.source'), '5 events')
  })

  it('leaves nothing in the home once consent is off, and says so', async () => {
    const page = await opened()
    await page.getByLabel('Consent').selectOption({ label: 'Never given' })
    await says(page.getByRole('tabpanel'), 'Nothing would leave this home.')
    await says(page.getByRole('tabpanel'), 'Without consent nothing is computed')
    await says(page.locator('.results .card-head'), '0 measures')
    await page.getByRole('tab', { name: /Payloads/ }).click()
    assert.equal(await page.locator('.payloads li').count(), 0)
    await page.getByLabel('Consent').selectOption({ label: 'Only these days' })
    await page.getByLabel('From', { exact: true }).fill('2024-02-01')
    await page.getByLabel('Until before').fill('2024-03-01')
    // Only the event of February lies there.
    await says(page.locator('.payloads'), '"startDate":"2024-02-20","value":1,"group1":{"page":"faq"}')
    await page.getByRole('tab', { name: /Indicators/ }).click()
    await says(card(page, 'navigation-count-daily'), '1\n1 measure')
    await says(card(page, 'connection-count-daily'), 'No measure')
  })

  it('reads the same digits on another day by another clock and zone', async () => {
    const late = { _id: 'late', type: 'NavigationEvent', target: 'faq', eventDate: '2024-03-09T23:30:00Z' }
    const page = await opened(JSON.stringify([late]))
    await page.getByLabel('Now', { exact: true }).fill('2024-03-12T02:00:00')
    await page.getByLabel('Now', { exact: true }).press('Enter')
    await says(line(page, 'NavigationEvent'), '9 Mar')
    // Half past midnight in Paris, still the evening before in New York.
    await page.getByRole('radio', { name: 'Instant' }).check()
    await says(line(page, 'NavigationEvent'), /10 Mar 2024\s+00:30:00/)
    await page.getByLabel('Time zone').fill('America/New_York')
    await page.getByLabel('Time zone').press('Enter')
    await says(line(page, 'NavigationEvent'), /9 Mar 2024\s+18:30:00/)
    await says(change(page), 'added')
    await page.getByLabel('Time zone').fill('Mars/Olympus')
    await page.getByLabel('Time zone').press('Enter')
    await says(page.getByRole('alert'), 'Mars/Olympus is not known')
  })

  it('says beside the field what is wrong with a time that is none', async () => {
    const page = await opened()
    const now = page.getByLabel('Now', { exact: true })
    for (const wrong of ['tomorrow', '2024-03-32T02:00:00', '2024-03-12']) {
      await now.fill(wrong)
      await now.press('Enter')
      await says(page.locator('#now-wrong'), 'now: a date and time as 2024-03-10T02:00:00')
      assert.equal(await now.getAttribute('aria-invalid'), 'true')
      await now.fill('2024-03-12T02:00:00')
      await now.press('Enter')
      await page.locator('#now-wrong').waitFor({ state: 'detached' })
    }
    await says(card(page, 'navigation-count-daily'), '2\n1 measure')
  })

  it('computes no day that is not over', async () => {
    const page = await opened()
    await page.getByLabel('Now', { exact: true }).fill('2024-03-09T12:00:00')
    await page.getByLabel('Now', { exact: true }).press('Enter')
    await says(card(page, 'navigation-count-daily'), 'No measure')
    await says(line(page, 'NavigationEvent').nth(1), 'not over')
  })

  it('computes by a catalog that is changed, and says what a catalog lacks', async () => {
    const page = await opened()
    await page.locator('.rules').getByRole('button', { name: /^Edit/ }).click()
    const definition = page.getByLabel('Definition of navigation-count-daily')
    const built = await definition.inputValue()
    await definition.fill(built.replace('"faq",', ''))
    // Without its place in the list the page becomes the definition's other value.
    await says(change(page), /1 added · 1 removed/)
    await says(card(page, 'navigation-count-daily'), 'other')
    await definition.fill(built.replace('"NavigationEvent"', '"NavigateEvent"'))
    await says(page.locator('.refusal'), 'NavigateEvent')
    await page.getByRole('button', { name: 'Restore the built-in catalog' }).click()
    await says(card(page, 'navigation-count-daily'), 'faq')
    await says(page.locator('.refusal'), /^$/)
    assert.equal(await page.getByRole('alert').innerText(), '')
  })

  it('shows the exact payload of a measure and the events that made it', async () => {
    const page = await opened()
    await card(page, 'navigation-count-daily').click()
    await page.getByRole('row').getByRole('button').first().click()
    await says(
      page.locator('.chosen-measure code'),
      '{"createdBy":"ecolyo","measureName":"navigation-count-daily","startDate":"2024-03-09","value":2,"group1":{"page":"faq"}}',
    )
    await page.locator('.made-of li').nth(1).waitFor()
    assert.equal(await page.locator('.made-of li').count(), 2)
    await page.locator('.made-of button').first().click()
    await says(page.locator('.story'), 'This event is counted')
  })

  it('gives the home back as it stands, changed', async () => {
    const page = await opened()
    await line(page, 'NavigateEvent').click()
    await page.locator('.fields').getByLabel('target', { exact: true }).fill('challenges')
    await says(page.locator('.source'), 'Undo')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ])
    const stream = await download.createReadStream()
    const pieces: Buffer[] = []
    for await (const piece of stream) pieces.push(piece as Buffer)
    const home = JSON.parse(Buffer.concat(pieces).toString()) as Record<string, unknown[]>
    const events = home['com.grandlyon.ecolyo.usageevents'] as Record<string, unknown>[]
    assert.deepEqual(
      events.filter(({ _id }) => _id !== 'misspelt'),
      EVENTS.filter(({ _id }) => _id !== 'misspelt'),
    )
    assert.equal(events.find(({ _id }) => _id === 'misspelt')?.['target'], 'challenges')
  })
})

// With the local stack behind it: what the server would publish, and what stays hidden.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { skip } from '../browser/chromium.ts'
import { card, EVENTS, homeWith, line, openHome, says, serveStack, useBrowser } from './page.ts'

describe('the playground of dacc dev', { skip }, () => {
  const { open } = useBrowser()
  let stack: Awaited<ReturnType<typeof serveStack>>
  before(async () => { stack = await serveStack(JSON.parse(homeWith(EVENTS))) })
  after(() => stack.close())

  const post = (path: string, body: unknown, method = 'POST') => fetch(new URL(path, stack.url), {
    method, headers: { 'content-type': 'application/json', origin: new URL(stack.url).origin }, body: JSON.stringify(body),
  })

  it('follows the home of the local Cozy, and saves changes to it', async () => {
    const page = await open(stack.url)
    await page.getByRole('button', { name: 'Live from the local Cozy' }).click()
    await says(card(page, 'navigation-count-daily'), '2\n1 measure')
    // The app records another page while somebody looks.
    const news = { _id: 'news', type: 'NavigationEvent', target: 'faq', eventDate: '2024-03-09T10:01:30Z' }
    const answer = await post('dev/home', JSON.parse(homeWith([...EVENTS, news])), 'PUT')
    assert.equal(answer.status, 200)
    await says(card(page, 'navigation-count-daily'), '3\n1 measure')
    await says(page.getByRole('region', { name: 'What your change did' }), '2 → 3')
    await line(page, 'NavigateEvent').click()
    await page.locator('.fields').getByLabel('type', { exact: true }).fill('NavigationEvent')
    await says(card(page, 'navigation-count-daily'), '4\n1 measure')
    await page.getByRole('button', { name: 'Save to the local Cozy' }).click()
    await page.getByRole('button', { name: 'Save to the local Cozy' }).waitFor({ state: 'detached' })
    const home = await (await fetch(new URL('dev/home', stack.url))).json() as Record<string, { _id: string; type: string }[]>
    assert.equal(home['com.grandlyon.ecolyo.usageevents']?.find(({ _id }) => _id === 'misspelt')?.type, 'NavigationEvent')
  })

  it('sends measures, shows what stays hidden, and publishes it once neighbours sent too', async () => {
    const page = await open(stack.url)
    // An event in April: March is over.
    await openHome(page, homeWith([...EVENTS, { _id: 'april', type: 'NavigationEvent', target: 'faq', eventDate: '2024-04-01T10:00:00Z' }]))
    await page.getByRole('tab', { name: 'Server' }).click()
    await says(page.getByRole('tabpanel'), 'once 5 homes stand behind it')
    const count = Number(/\d+/.exec(await page.locator('.results .card-head').innerText())?.[0])
    await page.getByRole('button', { name: `Send ${count} measures` }).click()
    await says(page.getByRole('tabpanel'), `${count} measures taken`)
    await says(page.getByRole('tabpanel'), `0 of ${count} groups published`)
    // Every home has this measure of the month, and no number of it is shown.
    const row = page.getByRole('row').filter({ hasText: 'Days with a connection' })
    await says(row, 'Hidden')
    assert.equal(await row.getByText('average').count(), 0)
    assert.equal(await row.getByRole('img').getAttribute('aria-label'), '1 of 5 contributions')
    // What was sent is not sent again: it would count as another home.
    assert.ok(await page.getByRole('button', { name: 'Everything is sent' }).isDisabled())
    await page.getByRole('button', { name: 'Let 4 neighbours send too' }).click()
    await says(row, 'Published')
    await says(row, 'average')
    assert.equal(await row.getByRole('img').getAttribute('aria-label'), '5 of 5 contributions')
  })

  it('lets neighbours send of the days in view, whatever else the server has, and says what they sent', async () => {
    const recent = { createdBy: 'ecolyo', measureName: 'navigation-count-daily', startDate: '2026-05-10', value: 1, group1: { page: 'faq' } }
    assert.equal((await post('dev/measures', [recent])).status, 200)
    const page = await open(stack.url)
    // An event in July: June is over.
    await openHome(page, homeWith([
      { _id: 'june', type: 'NavigationEvent', target: 'faq', eventDate: '2024-06-12T10:00:00Z' },
      { _id: 'july', type: 'NavigationEvent', target: 'faq', eventDate: '2024-07-02T10:00:00Z' },
    ]))
    await page.getByRole('tab', { name: 'Server' }).click()
    await page.getByRole('button', { name: /^Send/ }).click()
    const row = page.getByRole('row').filter({ hasText: 'Days with a connection' })
    await says(row, 'Hidden')
    await page.getByRole('button', { name: 'Let 4 neighbours send too' }).click()
    await says(row, 'Published')
    await says(page.locator('.neighbourhood'), /^4 neighbours sent [1-9][\d,]* measures of: Sat,? 1 Jun 2024 to Tue,? 2 Jul 2024; June 2024\. There are \d+ by now\.$/)
    // A day's measures are of that day and of its month.
    await page.getByRole('slider').focus()
    await page.keyboard.press('End')
    await page.getByRole('button', { name: 'Let 4 neighbours send too' }).click()
    await says(page.locator('.neighbourhood'), /^4 neighbours sent [\d,]+ measures? of: Tue,? 2 Jul 2024\. /)
  })

  it('says what the server refused, and what a fault did', async () => {
    const page = await open(stack.url)
    await openHome(page, homeWith([{ _id: 'one', type: 'NavigationEvent', target: 'analysis', eventDate: '2024-03-10T10:00:00Z' }]))
    await page.getByRole('tab', { name: 'Server' }).click()
    await page.getByText('Make it fail').click()
    /** Answers, as soon as the server knows. */
    const answer = async (option: string) => {
      const known = page.waitForResponse((response) => response.url().endsWith('dev/faults') && response.request().method() === 'PUT')
      await page.getByRole('combobox', { name: 'Answer' }).selectOption({ label: option })
      await known
    }
    await answer('500')
    await page.getByRole('button', { name: /^Send/ }).click()
    await says(page.getByRole('tabpanel'), 'refused')
    await says(page.getByRole('tabpanel'), 'a fault that was asked for')
    await answer('as it should')
    const state = await (await fetch(new URL('dev/state', stack.url))).json() as { faults: object }
    assert.deepEqual(state.faults, { latency: 0, rules: [] })
  })
})

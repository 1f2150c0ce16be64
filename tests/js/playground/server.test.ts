// With the local stack behind it: what the server would publish, and what stays hidden.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { skip } from '../browser/chromium.ts'
import { card, EVENTS, homeWith, line, openHome, says, serveStack, useBrowser } from './page.ts'

describe('the playground of dacc dev', { skip }, () => {
  const { open } = useBrowser()
  let stack: Awaited<ReturnType<typeof serveStack>>
  before(async () => {
    stack = await serveStack(JSON.parse(homeWith(EVENTS)))
  })
  after(() => stack.close())

  const post = (path: string, body: unknown, method = 'POST') =>
    fetch(new URL(path, stack.url), {
      method,
      headers: { 'content-type': 'application/json', origin: new URL(stack.url).origin },
      body: JSON.stringify(body),
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
    const region = page.getByRole('region', { name: 'What the new event did' })
    await says(region, '2 → 3')
    await says(region, /NavigationEvent.*9 Mar 2024 10:01:30 faq.*Counted/s)
    await line(page, 'NavigateEvent').click()
    await page.locator('.fields').getByLabel('type', { exact: true }).fill('NavigationEvent')
    await says(card(page, 'navigation-count-daily'), '4\n1 measure')
    await page.getByRole('button', { name: 'Save to the local Cozy' }).click()
    await page.getByRole('button', { name: 'Save to the local Cozy' }).waitFor({ state: 'detached' })
    const home = (await (await fetch(new URL('dev/home', stack.url))).json()) as Record<
      string,
      { _id: string; type: string }[]
    >
    assert.equal(
      home['com.grandlyon.ecolyo.usageevents']?.find(({ _id }) => _id === 'misspelt')?.type,
      'NavigationEvent',
    )
  })

  it('sends measures, shows what stays hidden, and publishes it once neighbours sent too', async () => {
    const page = await open(stack.url)
    // An event in April: March is over.
    await openHome(
      page,
      homeWith([
        ...EVENTS,
        { _id: 'april', type: 'NavigationEvent', target: 'faq', eventDate: '2024-04-01T10:00:00Z' },
      ]),
    )
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
    const recent = {
      createdBy: 'ecolyo',
      measureName: 'navigation-count-daily',
      startDate: '2026-05-10',
      value: 1,
      group1: { page: 'faq' },
    }
    assert.equal((await post('dev/measures', [recent])).status, 200)
    const page = await open(stack.url)
    // An event in July: June is over.
    await openHome(
      page,
      homeWith([
        { _id: 'june', type: 'NavigationEvent', target: 'faq', eventDate: '2024-06-12T10:00:00Z' },
        { _id: 'july', type: 'NavigationEvent', target: 'faq', eventDate: '2024-07-02T10:00:00Z' },
      ]),
    )
    await page.getByRole('tab', { name: 'Server' }).click()
    await page.getByRole('button', { name: /^Send/ }).click()
    const row = page.getByRole('row').filter({ hasText: 'Days with a connection' })
    await says(row, 'Hidden')
    await page.getByRole('button', { name: 'Let 4 neighbours send too' }).click()
    await says(row, 'Published')
    await says(
      page.locator('.neighbourhood'),
      /^4 neighbours sent [1-9][\d,]* measures of: Sat,? 1 Jun 2024 to Tue,? 2 Jul 2024; June 2024\. There are \d+ by now\.$/,
    )
    // A day's measures are of that day and of its month.
    await page.getByRole('slider').focus()
    await page.keyboard.press('End')
    await page.getByRole('button', { name: 'Let 4 neighbours send too' }).click()
    await says(page.locator('.neighbourhood'), /^4 neighbours sent [\d,]+ measures? of: Tue,? 2 Jul 2024\. /)
  })

  let homes = 0

  /** Opens a home of its own with one page of a day in March, and the tab of the server. */
  async function opened(target: string, name?: string): Promise<Page> {
    const page = await open(stack.url)
    homes += 1
    await openHome(
      page,
      homeWith([{ _id: `one of ${homes}`, type: 'NavigationEvent', target, eventDate: '2024-03-10T10:00:00Z' }]),
      name,
    )
    await page.getByRole('tab', { name: 'Server' }).click()
    return page
  }

  /** What the server answers, as soon as it knows. */
  async function answer(page: Page, option: string): Promise<void> {
    if (!(await page.getByRole('combobox', { name: 'Answer' }).isVisible()))
      await page.getByText('Make it fail').click()
    const known = page.waitForResponse(
      (response) => response.url().endsWith('dev/faults') && response.request().method() === 'PUT',
    )
    await page.getByRole('combobox', { name: 'Answer' }).selectOption({ label: option })
    await known
  }

  const held = async (): Promise<number> =>
    ((await (await fetch(new URL('dev/state', stack.url))).json()) as { counts: { measures: number } }).counts.measures

  it('sends again what the server surely did not take', async () => {
    const page = await opened('analysis')
    const before = await held()
    await answer(page, '429')
    await page.getByRole('button', { name: 'Send 1 measure' }).click()
    await says(page.getByRole('tabpanel'), '1 not taken: send it again')
    await says(page.getByRole('tabpanel'), 'Too many requests')
    assert.equal(await held(), before)
    await answer(page, 'as it should')
    await page.getByRole('button', { name: 'Send 1 measure' }).click()
    await says(page.getByRole('tabpanel'), '1 measure taken')
    assert.equal(await page.getByText('not taken').count(), 0)
    assert.equal(await held(), before + 1)
  })

  for (const [fault, sentence, isStored] of [
    ['500', 'a fault that was asked for', false],
    ['html-502', 'it may have been stored', false],
    ['drop-after-accept', 'it may have been stored', true],
  ] as const) {
    it(`does not send again what the server may have stored: ${fault}`, async () => {
      const page = await opened('options')
      const before = await held()
      await answer(page, fault)
      await page.getByRole('button', { name: 'Send 1 measure' }).click()
      await says(page.getByRole('tabpanel'), '1 unknown: perhaps stored')
      await says(page.getByRole('tabpanel'), sentence)
      assert.ok(await page.getByRole('button', { name: 'Everything is sent' }).isDisabled())
      assert.equal(await held(), before + Number(isStored))
      await answer(page, 'as it should')
      const state = (await (await fetch(new URL('dev/state', stack.url))).json()) as { faults: object }
      assert.deepEqual(state.faults, { latency: 0, rules: [] })
    })
  }

  it('says what the server refused, and does not send it again', async () => {
    const page = await opened('analysis')
    const { url } = stack
    await page.route('**/dev/measures?*', async (route) => {
      if (route.request().method() !== 'POST') return route.continue()
      const measures = JSON.parse(route.request().postData() ?? '[]') as object[]
      return route.continue({
        url: `${url}dev/measures`,
        postData: JSON.stringify(measures.map((measure) => ({ ...measure, value: true }))),
      })
    })
    await page.getByRole('button', { name: 'Send 1 measure' }).click()
    await says(page.getByRole('tabpanel'), '1 refused')
    await says(page.getByRole('tabpanel'), 'value is the boolean true')
    assert.ok(await page.getByRole('button', { name: 'Everything is sent' }).isDisabled())
  })

  it('sends again what only lacks a definition, and says that it waits', async () => {
    const page = await opened('multifluid')
    const before = await held()
    await page.route('**/dev/measures?*', async (route) => {
      if (route.request().method() !== 'POST') return route.continue()
      const measures = JSON.parse(route.request().postData() ?? '[]') as object[]
      return route.continue({
        url: route.request().url(),
        postData: JSON.stringify(measures.map((measure) => ({ ...measure, measureName: 'of-a-later-catalog' }))),
      })
    })
    await page.getByRole('button', { name: 'Send 1 measure' }).click()
    await says(page.getByRole('tabpanel'), '1 held: the server has no such definition yet')
    await says(page.getByRole('tabpanel'), 'No measure definition found for: of-a-later-catalog')
    assert.ok(await page.getByRole('button', { name: 'Send 1 measure' }).isEnabled())
    await page.unroute('**/dev/measures?*')
    await page.getByRole('button', { name: 'Send 1 measure' }).click()
    await says(page.getByRole('tabpanel'), '1 measure taken')
    assert.equal(await held(), before + 1)
  })

  it('lets every home send: also one whose measures are those of the home before', async () => {
    const page = await opened('challenges', 'first.json')
    const before = await held()
    await page.getByRole('button', { name: 'Send 1 measure' }).click()
    await says(page.getByRole('tabpanel'), '1 measure taken')
    await page.getByRole('button', { name: 'Let 4 neighbours send too' }).click()
    await page.locator('.neighbourhood').waitFor()
    const others = (await held()) - before - 1
    await openHome(
      page,
      homeWith([{ _id: 'two', type: 'NavigationEvent', target: 'challenges', eventDate: '2024-03-10T10:00:00Z' }]),
      'second.json',
    )
    await page.getByRole('button', { name: 'Send 1 measure' }).waitFor()
    assert.equal(await page.locator('.neighbourhood').count(), 0)
    assert.equal(await page.getByText('1 measure taken').count(), 0)
    await page.getByRole('button', { name: 'Send 1 measure' }).click()
    await says(page.getByRole('tabpanel'), '1 measure taken')
    assert.equal(await held(), before + others + 2)
  })
})

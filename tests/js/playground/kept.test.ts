// What must not be lost or hidden: what was sent, what was changed, what happens now, what a file is.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { skip } from '../browser/chromium.ts'
import {
  card,
  drop,
  EVENTS,
  homeWith,
  line,
  openHome,
  says,
  serveFiles,
  serveStack,
  type TestEvent,
  useBrowser,
} from './page.ts'

const undo = (page: Page) => page.getByRole('button', { name: /^Undo/ })
const panel = (page: Page) => page.getByRole('tabpanel')

describe('what was sent', { skip }, () => {
  const { open } = useBrowser()
  let stack: Awaited<ReturnType<typeof serveStack>>
  before(async () => {
    stack = await serveStack(JSON.parse(homeWith(EVENTS)))
  })
  after(() => stack.close())

  const counts = async () => {
    const cells = (await (await fetch(new URL('dev/aggregates', stack.url))).json()) as { count: number }[]
    return cells.map(({ count }) => count)
  }

  async function sendAll(page: Page): Promise<void> {
    await page.getByRole('tab', { name: 'Server' }).click()
    await page.getByRole('button', { name: /^Send \d/ }).click()
    await says(panel(page), 'Everything is sent')
  }

  it('is not sent again after a reload, nor from another tab, nor with another value', async () => {
    const page = await open(stack.url)
    await openHome(page, homeWith(EVENTS))
    await sendAll(page)
    const sent = await counts()
    assert.ok(sent.length > 2 && sent.every((count) => count === 1))
    for (let time = 0; time < 5; time += 1) {
      await page.reload()
      if (time % 2 === 0) await openHome(page, homeWith(EVENTS))
      await page.getByRole('tab', { name: 'Server' }).click()
      await says(panel(page), 'Everything is sent')
    }
    const other = await open(stack.url)
    await openHome(other, homeWith(EVENTS), 'under-another-name.json')
    await other.getByRole('tab', { name: 'Server' }).click()
    await says(panel(other), 'Everything is sent')
    // The same person, a cell with another value.
    await line(page, 'NavigateEvent').click()
    await page.locator('.fields').getByLabel('type', { exact: true }).fill('NavigationEvent')
    await undo(page).waitFor()
    await says(panel(page), 'Everything is sent')
    assert.deepEqual(await counts(), sent)
  })

  it('is known of the live home too, whoever of its service and the page sent it', async () => {
    const state = (await (await fetch(new URL('dev/state', stack.url))).json()) as { cozy: { token: string } }
    const measure = {
      createdBy: 'ecolyo',
      measureName: 'navigation-count-daily',
      startDate: '2024-03-09',
      value: 2,
      group1: { page: 'faq' },
    }
    const page = await open(stack.url)
    await page.getByRole('button', { name: 'Live from the local Cozy' }).click()
    await page.getByRole('tab', { name: 'Server' }).click()
    const all = Number(/\d+/.exec(await page.getByRole('button', { name: /^Send \d/ }).innerText())?.[0])
    const answer = await fetch(new URL('remote/cc.cozycloud.dacc_v2', stack.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${state.cozy.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ data: JSON.stringify(measure), path: 'measure' }),
    })
    assert.equal(answer.status, 201)
    await page.getByRole('button', { name: `Send ${all - 1} ` }).waitFor()
    await page.reload()
    await page.getByRole('tab', { name: 'Server' }).click()
    await page.getByRole('button', { name: `Send ${all - 1} ` }).waitFor()
  })
})

describe('what was changed', { skip }, () => {
  const { open } = useBrowser()
  let files: Awaited<ReturnType<typeof serveFiles>>
  before(async () => {
    files = await serveFiles()
  })
  after(() => files.close())

  it('survives a reload, with the rules, and can be taken back then', async () => {
    const page = await open(files.url)
    await openHome(page, homeWith(EVENTS))
    await line(page, 'NavigateEvent').click()
    await page.locator('.fields').getByLabel('type', { exact: true }).fill('NavigationEvent')
    await says(card(page, 'navigation-count-daily'), '3\n1 measure')
    await line(page, '10:00:00').first().click()
    await page.getByRole('button', { name: 'Remove this event' }).click()
    await page.getByRole('button', { name: 'Add an event' }).click()
    await says(card(page, 'navigation-count-daily'), '4\n')
    await page.getByRole('radio', { name: 'Instant' }).check()
    await says(undo(page), '3')
    await page.waitForTimeout(800)
    await page.reload()
    await says(undo(page), '3')
    await says(card(page, 'navigation-count-daily'), '4\n')
    assert.ok(await page.getByRole('radio', { name: 'Instant' }).isChecked())
    for (let time = 0; time < 3; time += 1) await undo(page).click()
    await undo(page).waitFor({ state: 'detached' })
    await says(card(page, 'navigation-count-daily'), '2\n1 measure')
    await page.getByRole('button', { name: 'Open another' }).click()
    await page.waitForTimeout(600)
    await page.reload()
    await says(page.getByRole('heading', { level: 1 }), 'Why is my event not counted?')
    assert.equal(await page.evaluate(() => sessionStorage.length), 0)
  })
})

describe('what happens now', { skip }, () => {
  const { open } = useBrowser()
  let stack: Awaited<ReturnType<typeof serveStack>>
  const EARLIER: TestEvent[] = Array.from({ length: 40 }, (_, at) => ({
    _id: `e${at}`,
    type: 'NavigationEvent',
    target: 'faq',
    eventDate: `2024-03-${String((at % 20) + 1).padStart(2, '0')}T09:00:${String(at).padStart(2, '0')}Z`,
  }))
  before(async () => {
    stack = await serveStack(JSON.parse(homeWith(EARLIER)))
  })
  after(() => stack.close())

  it('stands at the beginning of the list, is told by name, and what it did is said to be its doing', async () => {
    const page = await open(stack.url, { viewport: { width: 1366, height: 768 } })
    await page.getByRole('button', { name: 'Live from the local Cozy' }).click()
    await says(page.locator('.lines'), /20 Mar 2024/)
    const { cozy } = (await (await fetch(new URL('dev/state', stack.url))).json()) as { cozy: { token: string } }
    const news = { type: 'NavigationEvent', target: 'analysis', eventDate: '2024-03-20T10:01:30Z' }
    await fetch(new URL('data/com.grandlyon.ecolyo.usageevents/', stack.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${cozy.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(news),
    })
    const region = page.getByRole('region', { name: 'What the new event did' })
    await says(region, /NavigationEvent.*analysis.*Counted/s)
    await says(region, '1 added')
    const first = page.locator('.lines').getByRole('option').first()
    await says(first, 'analysis')
    assert.match((await first.getAttribute('class')) ?? '', /\bfresh\b/)
    await region.getByRole('button').filter({ hasText: 'analysis' }).first().click()
    await says(page.locator('.inspector'), 'This event is counted')
    // A change of one's own is one's own again.
    await page.getByLabel('Consent').selectOption({ label: 'Never given' })
    await says(page.getByRole('region', { name: 'What your change did' }), /removed/)
  })
})

describe('what became of an event', { skip }, () => {
  const { open } = useBrowser()
  let files: Awaited<ReturnType<typeof serveFiles>>
  before(async () => {
    files = await serveFiles()
  })
  after(() => files.close())

  async function isWhollyIn(element: Locator, page: Page): Promise<boolean> {
    const box = await element.boundingBox()
    const size = page.viewportSize()
    return (
      box !== null
      && size !== null
      && box.y >= 0
      && box.x >= 0
      && box.y + box.height <= size.height
      && box.x + box.width <= size.width
    )
  }

  for (const [width, height] of [
    [1440, 900],
    [1366, 768],
    [1024, 768],
    [1600, 1000],
  ] as const) {
    it(`is seen where it was asked for, on ${width} × ${height}, scrolled or not`, async () => {
      const page = await open(files.url, { viewport: { width, height } })
      await page.getByRole('button', { name: 'A month with mistakes' }).click()
      await page.locator('.line').first().waitFor()
      await page.getByRole('radio', { name: /^Not counted/ }).check()
      for (const words of ['ActionEndEvent', 'NavigateEvent']) {
        const chosen = line(page, words).first()
        await chosen.scrollIntoViewIfNeeded()
        await chosen.click()
        const [verdict, because] = [page.locator('.verdict-long'), page.locator('.because, .reading').first()]
        await says(verdict, 'This event is not counted')
        assert.ok(await isWhollyIn(verdict, page), `${words}: the verdict`)
        assert.ok(await isWhollyIn(because, page), `${words}: the reason`)
        assert.ok(await chosen.isVisible())
        // The line that was pressed is not covered by what it opened.
        await chosen.click({ trial: true })
      }
      await page.keyboard.press('Escape')
      await page.locator('.verdict-long').waitFor({ state: 'detached' })
    })
  }

  it('is told with its year, in both languages', async () => {
    const page = await open(files.url)
    await openHome(page, homeWith(EVENTS))
    await says(page.locator('.lines'), '9 Mar 2024')
    await card(page, 'navigation-count-daily').click()
    await says(page.locator('.detail'), '9 Mar 2024')
    await page.getByLabel('Language').selectOption('fr')
    await says(page.locator('.lines'), '9 mars 2024')
  })

  it('shows when consent was given, also where it was withdrawn since', async () => {
    const page = await open(files.url)
    await openHome(
      page,
      homeWith(EVENTS, {
        accepted: true,
        version: '1.0.0',
        date: '2024-03-05T08:00:00Z',
        revokedAt: '2024-03-09T20:00:00Z',
      }),
    )
    await says(page.locator('.legend'), 'withdrawn since')
    const given = () => page.locator('.band-given').getAttribute('d')
    const days = [...((await given()) ?? '').matchAll(/M(\d+) /g)].map(([, at]) => Number(at))
    // From 20 February on: the 5th of March is the 15th day.
    assert.deepEqual(days, [14, 15, 16, 17])
    await says(page.locator('.results'), 'Nothing would leave this home')
  })

  it('tells groups apart whose names begin alike', async () => {
    const actions = Array.from({ length: 4 }, (_, at) => ({
      _id: `a${at}`,
      type: 'ActionChangeEvent',
      target: `ECOGESTURE000${at}`,
      context: 'CHALLENGE0001',
      eventDate: `2024-03-09T10:0${at}:00Z`,
    }))
    const page = await open(files.url, { viewport: { width: 1366, height: 768 } })
    await openHome(page, homeWith(actions))
    const names = card(page, 'navigation-action-daily').locator('.share-name')
    assert.deepEqual(
      (await names.allInnerTexts()).sort(),
      actions.map(({ target }) => target),
    )
    const isCut = await names.evaluateAll((all) => all.some((name) => name.scrollWidth > name.clientWidth))
    assert.equal(isCut, false)
  })
})

describe('what a file is', { skip }, () => {
  const { open } = useBrowser()
  let files: Awaited<ReturnType<typeof serveFiles>>
  before(async () => {
    files = await serveFiles()
  })
  after(() => files.close())

  it('is homes, one a line, of which each can be looked at', async () => {
    const page = await open(files.url)
    const home = (target: string) =>
      homeWith([{ _id: target, type: 'NavigationEvent', target, eventDate: '2024-03-09T10:00:00Z' }])
    await drop(page, ['faq', 'analysis', 'options'].map(home).join('\n'), 'homes.ndjson')
    await says(page.locator('.source'), 'Home, of 3')
    await says(page.locator('.lines'), 'faq')
    await page.getByRole('button', { name: 'The next home' }).click()
    await says(page.locator('.lines'), 'analysis')
    await page.locator('.among').getByRole('spinbutton').fill('3')
    await page.locator('.among').getByRole('spinbutton').press('Enter')
    await says(page.locator('.lines'), 'options')
    await page.waitForTimeout(600)
    await page.reload()
    await says(page.locator('.lines'), 'options')
    assert.equal(await page.locator('.lines').getByRole('option').count(), 1)
  })

  for (const [what, text] of [
    ['a list that breaks off', '[{"type":"NavigationEvent","eventDate":"2024-03-09T10:00:00Z"},{"type":}]'],
    [
      'a home that is broken inside an event',
      '{"com.grandlyon.ecolyo.usageevents":[{"type":"NavigationEvent","eventDate":tru}]}',
    ],
    [
      'a home whose terms are no list',
      '{"com.grandlyon.ecolyo.term":7,"com.grandlyon.ecolyo.profile":[],"com.grandlyon.ecolyo.usageevents":[{"type":"NavigationEvent","eventDate":"2024-03-09T10:00:00Z"}]}',
    ],
    ['no text at all', 'hello'],
  ] as const) {
    it(`is ${what}: that is said, and nothing is looked for any more`, async () => {
      const page = await open(files.url)
      await drop(page, text, 'broken.json')
      await says(page.getByRole('alert'), 'This could not be opened')
      await page.waitForTimeout(300)
      assert.equal(await page.getByText('Looking…').count(), 0)
      await says(page.getByRole('heading', { level: 1 }), 'Why is my event not counted?')
      // Another one opens after it.
      await openHome(page, homeWith(EVENTS))
      await says(page.getByRole('alert').first(), /^$/)
    })
  }

  it('is not told of while a rule is wrong, and is as soon as it is right', async () => {
    const page = await open(files.url)
    await openHome(page, homeWith(EVENTS))
    await page.locator('#zone').fill('Mars/Olympus')
    await page.locator('#zone').press('Enter')
    await says(page.locator('#zone-wrong'), 'zone')
    await page.waitForTimeout(800)
    await page.reload()
    await says(page.locator('.events'), 'could not be computed')
    assert.equal(await page.getByText('Looking…').count(), 0)
    await page.locator('#zone').fill('Europe/Paris')
    await page.locator('#zone').press('Enter')
    await says(card(page, 'navigation-count-daily'), '2\n1 measure')
  })
})

describe('a catalog that is refused', { skip }, () => {
  const { open } = useBrowser()
  let files: Awaited<ReturnType<typeof serveFiles>>
  before(async () => {
    files = await serveFiles()
  })
  after(() => files.close())

  for (const [language, refused, why, unknown] of [
    ['en', 'This catalog is refused', 'it reads no events', 'unknown field `tipe`'],
    ['fr', 'Ce catalogue est refusé', 'il ne lit aucun événement', 'le champ `tipe` est inconnu'],
  ] as const) {
    it(`says so beside the catalog, in the page's language (${language})`, async () => {
      const page = await open(files.url)
      await openHome(page, homeWith(EVENTS))
      await page.getByLabel('Language').selectOption(language)
      await page.locator('.rules .button').click()
      const definition = page.locator('.catalog textarea')
      const before = JSON.parse(await definition.inputValue()) as Record<string, unknown>
      for (const [change, words] of [
        [{ events: [] }, why],
        [{ tipe: 1 }, unknown],
      ] as const) {
        await definition.fill(JSON.stringify({ ...before, ...change }))
        await says(page.locator('.catalog'), refused)
        await says(page.locator('.catalog'), words)
        // Not at the top of the page as well.
        assert.equal(await page.locator('.failure').count(), 0)
      }
      await definition.fill(JSON.stringify(before))
      await page.waitForTimeout(600)
      assert.equal(await page.locator('.catalog').getByText(refused).count(), 0)
    })
  }
})

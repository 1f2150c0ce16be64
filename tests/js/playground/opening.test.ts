// What can be opened, and what is said of it.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { skip } from '../browser/chromium.ts'
import { card, drop, EVENTS, homeWith, line, says, serveFiles, useBrowser } from './page.ts'

describe('the playground as plain files', { skip }, () => {
  const { open, forgive } = useBrowser()
  let files: Awaited<ReturnType<typeof serveFiles>>
  before(async () => {
    files = await serveFiles()
  })
  after(() => files.close())

  it('opens a home that is dropped on it', async () => {
    const page = await open(files.url)
    await drop(page, homeWith(EVENTS), 'mine.json')
    await says(page.getByRole('heading', { level: 1 }), 'mine.json')
    await says(page.locator('.source'), '5 events')
    // Two pages within consent; the third has no type that is known, the fourth lies before.
    await says(card(page, 'navigation-count-daily'), '2\n1 measure')
    await says(card(page, 'connection-count-daily'), '1\n1 measure')
    // One session of one connection: from 10:00 to the last event that is understood, at 10:02.
    await says(card(page, 'session-duration'), '2 min')
  })

  const forms: Readonly<Record<string, string>> = {
    'a JSON array': JSON.stringify(EVENTS),
    'a _find answer': JSON.stringify({ docs: EVENTS, bookmark: 'nil', limit: 100, next: false }),
    'one event a line': EVENTS.map((event) => JSON.stringify(event)).join('\n'),
    'one event a line, of which one is broken': [
      ...EVENTS.map((event) => JSON.stringify(event)),
      '{"type": "Naviga',
    ].join('\n'),
  }
  for (const [form, text] of Object.entries(forms)) {
    it(`opens events that are pasted as ${form}`, async () => {
      const page = await open(files.url)
      await page.evaluate((text) => {
        const clipboardData = new DataTransfer()
        clipboardData.setData('text/plain', text)
        document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }))
      }, text)
      // Events alone have no terms: all of them count, also the one of February.
      await says(card(page, 'navigation-count-daily'), '3\n2 measures')
      await says(card(page, 'summary-subscription-monthly'), 'Needs a home')
      if (form.endsWith('broken')) await says(line(page, 'Naviga').last(), 'not an object')
    })
  }

  it('opens text from its field, and a file from its chooser', async () => {
    const page = await open(files.url)
    await page.getByRole('button', { name: 'Paste text' }).click()
    await page.getByLabel('Events or a home, as JSON').fill(JSON.stringify(EVENTS))
    await page.getByRole('button', { name: 'Open this text' }).click()
    await says(page.getByRole('heading', { level: 1 }), 'Pasted text')
    await page.getByRole('button', { name: 'Open another' }).click()
    await page.locator('input[type=file]').setInputFiles({
      name: 'mine.ndjson',
      mimeType: 'text/plain',
      buffer: Buffer.from(`${JSON.stringify(EVENTS[1])}\n`),
    })
    await says(page.getByRole('heading', { level: 1 }), 'mine.ndjson')
    await says(card(page, 'navigation-count-daily'), '1\n1 measure')
  })

  it('says in a sentence why something cannot be opened, and keeps what was open', async () => {
    const page = await open(files.url)
    await drop(page, homeWith(EVENTS), 'mine.json')
    await says(page.locator('.source'), '5 events')
    await drop(page, '[{"type": 1},{]', 'broken.json')
    await says(page.getByRole('alert'), 'This could not be opened')
    await says(page.getByRole('alert'), 'line 1, column 15')
    await says(page.getByRole('heading', { level: 1 }), 'mine.json')
  })

  it('says that its worker cannot be loaded, also to who asks later', async () => {
    const page = await open('about:blank')
    forgive(page)
    await page.route('**/worker.js', (route) => route.abort())
    const failed = page.waitForEvent('requestfailed', (request) => request.url().endsWith('worker.js'))
    await page.goto(files.url)
    await failed
    for (const sample of ['A devoted home', 'Consent withdrawn']) {
      await page.getByRole('button', { name: sample }).click()
      await says(page.getByRole('alert'), 'This could not be opened')
      await says(page.getByRole('alert'), 'The worker could not be loaded; load the page again.')
      assert.equal(await page.locator('.opening').count(), 0)
      await page.getByRole('button', { name: 'Dismiss' }).click()
      await says(page.getByRole('alert'), /^$/)
    }
  })

  it('says so where its worker ends while something is open', async () => {
    const page = await open('about:blank')
    forgive(page)
    const unhandled: string[] = []
    page.on('pageerror', (error) => unhandled.push(String(error)))
    await page.addInitScript(() => {
      const Real = Worker
      window.Worker = class extends Real {
        constructor(...given: ConstructorParameters<typeof Worker>) {
          super(...given)
          addEventListener('end-worker', () =>
            this.dispatchEvent(new ErrorEvent('error', { message: 'out of memory' })),
          )
        }
      }
    })
    await page.goto(files.url)
    await drop(page, homeWith(EVENTS))
    await says(card(page, 'navigation-count-daily'), '2\n1 measure')
    await page.evaluate(() => dispatchEvent(new Event('end-worker')))
    const actions = {
      'an event is chosen': () => line(page, 'NavigateEvent').click(),
      'one is added': () => page.getByRole('button', { name: 'Add an event' }).click(),
      'it is downloaded': () => page.getByRole('button', { name: 'Download' }).click(),
      'a rule is changed': () => page.getByLabel('Consent').selectOption({ label: 'Never given' }),
      'an event is looked for': () => page.getByLabel('Search events').fill('faq'),
      'the events of a measure are asked for': async () => {
        await card(page, 'navigation-count-daily').click()
        await page.getByRole('row').getByRole('button').first().click()
      },
    }
    for (const [what, act] of Object.entries(actions)) {
      await act()
      await says(page.getByRole('alert'), 'out of memory')
      await page.getByRole('button', { name: 'Dismiss' }).click()
      await says(page.getByRole('alert'), /^$/)
      assert.deepEqual(unhandled, [], what)
    }
  })

  it('lets nothing out to another origin, whoever serves it', async () => {
    const page = await open(files.url)
    await drop(page, homeWith(EVENTS))
    const blocked = await page.evaluate(
      () =>
        new Promise<string[]>((resolve) => {
          const directives: string[] = []
          document.addEventListener('securitypolicyviolation', ({ effectiveDirective, disposition }) => {
            directives.push(`${effectiveDirective} ${disposition}`)
            if (directives.length === 3) resolve(directives.sort())
          })
          fetch('http://127.0.0.1:9/').catch(() => {})
          const image = new Image()
          image.src = 'http://127.0.0.1:9/image.png'
          const script = document.createElement('script')
          script.textContent = 'document.title = "run"'
          document.head.append(script)
        }),
    )
    assert.deepEqual(blocked, ['connect-src enforce', 'img-src enforce', 'script-src-elem enforce'])
    assert.notEqual(await page.title(), 'run')
    forgive(page)
  })

  it('has samples, of which the first tells every way not to be counted', async () => {
    const page = await open(files.url)
    await page.getByRole('button', { name: 'A month with mistakes' }).click()
    await page.getByRole('radio', { name: /^Not counted/ }).check()
    for (const why of [
      'outside consent',
      'unknown type',
      'date cannot be read',
      'ends before it starts',
      'start missing',
      'in the future',
      'duplicate',
      'not an object',
    ]) {
      await says(line(page, why).first(), 'Not counted')
    }
  })

  it('says kindly that there is no local server, and how to start it', async () => {
    const page = await open(files.url)
    await drop(page, homeWith(EVENTS))
    await page.getByRole('tab', { name: 'Server' }).click()
    await says(page.getByRole('tabpanel'), 'No local server here')
    await says(page.getByRole('tabpanel'), 'dacc.mjs dev')
    assert.equal(await page.getByRole('button', { name: 'Live from the local Cozy' }).count(), 0)
  })
})

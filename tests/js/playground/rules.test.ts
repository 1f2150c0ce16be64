// A rule that the core refuses: said beside the field that it is in.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { skip } from '../browser/chromium.ts'
import { card, EVENTS, homeWith, openHome, says, serveFiles, useBrowser } from './page.ts'

describe('a rule on the playground', { skip }, () => {
  const { open } = useBrowser()
  let files: Awaited<ReturnType<typeof serveFiles>>
  before(async () => {
    files = await serveFiles()
  })
  after(() => files.close())

  for (const clock of ['Wall', 'Instant']) {
    it(`says beside the field that a zone is none, with the clock ${clock}`, async () => {
      const page = await open(files.url)
      await openHome(page, homeWith(EVENTS))
      await page.getByRole('radio', { name: clock }).check()
      const zone = page.getByLabel('Time zone', { exact: true })
      for (const wrong of ['Mars/Olympus', 'Paris', '']) {
        await zone.fill(wrong)
        await zone.press('Enter')
        await says(page.locator('#zone-wrong'), `zone: ${wrong}`)
        assert.equal(await zone.getAttribute('aria-invalid'), 'true')
        assert.equal(await zone.getAttribute('aria-describedby'), 'zone-wrong')
        assert.equal(await page.locator('#now-wrong').count(), 0)
        await zone.fill('Europe/Paris')
        await zone.press('Enter')
        await page.locator('#zone-wrong').waitFor({ state: 'detached' })
        assert.equal(await zone.getAttribute('aria-describedby'), null)
      }
      await says(card(page, 'navigation-count-daily'), '2\n1 measure')
    })
  }
})

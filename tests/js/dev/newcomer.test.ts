// The path of somebody who just built it: one command, the page, an event
// edited, its indicator changed, saved, and sent by the real service.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { skip } from '../browser/chromium.ts'
import { file } from '../cli/process.ts'
import { card, line, says, useBrowser } from '../playground/page.ts'
import { runService } from '../service/stack.ts'
import { dev } from './process.ts'

/** Some days ago, whatever the zone: over, and still open for the service. */
const DAY = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10)

const home = {
  'com.grandlyon.ecolyo.term': [{ _id: 't', accepted: true, version: '1.0.0', date: '2024-03-01T08:00:00Z' }],
  'com.grandlyon.ecolyo.usageevents': [
    { _id: 'seen', type: 'NavigationEvent', target: 'faq', eventDate: `${DAY}T10:01:00Z` },
    { _id: 'misspelt', type: 'NavigateEvent', target: 'faq', eventDate: `${DAY}T10:03:00Z` },
  ],
}

const MEASURE = 'navigation-count-daily'

describe('from the command to the aggregate', { skip }, () => {
  const { open } = useBrowser()

  it('an event that is mended in the page changes its indicator, the Cozy, and what the service sends', async (t) => {
    const { page: url, cozy, environment } = await dev(t, [file('home.json', home)])
    const page = await open(url)
    await page.getByRole('button', { name: 'Live from the local Cozy' }).click()
    await says(card(page, MEASURE), '1\n1 measure')
    await line(page, 'NavigateEvent').click()
    await page.locator('.fields').getByLabel('type', { exact: true }).fill('NavigationEvent')
    await says(card(page, MEASURE), '2\n1 measure')
    const save = page.getByRole('button', { name: 'Save to the local Cozy' })
    await save.click()
    await save.waitFor({ state: 'detached' })

    const headers = { authorization: `Bearer ${cozy.token}` }
    const stored = await fetch(`${cozy.url}/data/com.grandlyon.ecolyo.usageevents/misspelt`, { headers })
    assert.equal(((await stored.json()) as { type: string }).type, 'NavigationEvent')

    assert.equal((await runService(environment)).code, 0)
    const traces = await fetch(`${cozy.url}/data/io.cozy.remote.requests/_normal_docs`, { headers })
    const { rows } = (await traces.json()) as { rows: { variables: { data: string } }[] }
    const sent = rows
      .map(({ variables }) => JSON.parse(variables.data))
      .filter(({ measureName }) => measureName === MEASURE)
    assert.deepEqual(sent, [
      { createdBy: 'ecolyo', measureName: MEASURE, startDate: DAY, value: 2, group1: { page: 'faq' } },
    ])
    const cells = await fetch(`${cozy.url}/dev/aggregates?measureName=${MEASURE}`)
    // Before the server ends, which the page would complain of.
    await page.context().close()
    assert.deepEqual(
      ((await cells.json()) as { count: number; published: boolean }[]).map(({ count, published }) => [
        count,
        published,
      ]),
      [[1, false]],
    )
  })
})

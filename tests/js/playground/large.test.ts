// A hundred thousand events: the page goes on answering while they are read.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { skip } from '../browser/chromium.ts'
import { drop, line, says, serveFiles, useBrowser } from './page.ts'

const COUNT = 100_000

/** A tenth of a second is not felt; four times that on a machine that also compiles. Without a worker it is seconds. */
const LONGEST_TASK_MILLIS = 400

/** More lines than a screen has, and far fewer than there are events. */
const MOST_LINES = 100

/** A hundred days of a thousand pages each, as NDJSON. */
function manyEvents(): string {
  return Array.from({ length: COUNT }, (_, at) => {
    const moment = new Date(Date.UTC(2024, 0, 1 + Math.floor(at / 1000), 6, 0, at % 1000)).toISOString()
    return `{"_id":"event-${at}","type":"NavigationEvent","target":"faq","eventDate":"${moment}","cozyMetadata":{"createdByApp":"ecolyo","doctypeVersion":1}}`
  }).join('\n')
}

describe('a hundred thousand events on the playground', { skip }, () => {
  const { open } = useBrowser()
  let files: Awaited<ReturnType<typeof serveFiles>>
  before(async () => {
    files = await serveFiles()
  })
  after(() => files.close())

  it('load with a progress bar, without a task that is felt, and are all there', async (t) => {
    const page = await open(files.url)
    await page.evaluate(() => {
      const seen = { tasks: [] as number[], progress: [] as number[] }
      Object.assign(window, { seen })
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) seen.tasks.push(duration)
      }).observe({ type: 'longtask' })
      new MutationObserver(() => {
        const bar = document.querySelector('progress')
        if (bar !== null) seen.progress.push(bar.value)
      }).observe(document.body, { subtree: true, childList: true, attributes: true })
    })
    const seen = () =>
      page.evaluate(() => (window as unknown as { seen: { tasks: number[]; progress: number[] } }).seen)
    // What makes the file is the test's own task, not the page's.
    await drop(page, manyEvents(), 'many.ndjson')
    await page.evaluate(() => {
      ;(window as unknown as { seen: { tasks: number[] } }).seen.tasks.length = 0
    })

    await says(page.locator('.source'), '100,000 events')
    await says(page.locator('.events .card-head'), '100,000 events')
    // One a day, and for each of the three months that are over that nobody connected.
    await says(page.locator('.results .card-head'), '103 measures')
    await page.locator('.lines').evaluate((list) => {
      list.scrollTop = list.scrollHeight
    })
    await says(line(page, '06:16:39').last(), 'Counted')
    assert.ok((await page.locator('.line').count()) < MOST_LINES, 'only the lines in view are there')
    await page.locator('.lines').focus()
    await page.keyboard.press('End')
    await says(page.locator('.story'), 'This event is counted')
    await page.getByLabel('Search events').fill('event-99999')
    await says(page.locator('.events .card-head'), '1 event')

    const { tasks, progress } = await seen()
    assert.ok(
      Math.max(0, ...tasks) < LONGEST_TASK_MILLIS,
      `the longest tasks took ${tasks.map(Math.round).join(', ')} ms`,
    )
    t.diagnostic(`the longest task of the page took ${Math.round(Math.max(0, ...tasks))} ms`)
    assert.ok(
      progress.some((share) => share > 0 && share < 1),
      'the bar moved',
    )
  })
})

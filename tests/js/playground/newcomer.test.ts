// The way of somebody who is new here: from a clone to an event of their own
// that changes an indicator in the browser.

import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { skip } from '../browser/chromium.ts'
import { card, line, says, useBrowser } from './page.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

const FIVE_MINUTES = 5 * 60_000

const run = promisify(execFile)

/** Starts `dacc dev` as the README says, and gives the page's address that it prints. */
function startDev(t: TestContext, folder: string): Promise<string> {
  const child = spawn(process.execPath, ['pkg/bin/dacc.mjs', 'dev', '--port', '0'], {
    cwd: folder,
    env: { ...process.env, DATABASE_URL: '' },
  })
  t.after(() => child.kill())
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const [, url] = /page\s+(http:\S+)/.exec(said) ?? []
      if (url !== undefined) resolve(url)
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    child.on('error', reject).on('close', () => reject(new Error(`dacc dev ended: ${said}`)))
  })
}

describe('a newcomer', { skip }, () => {
  const { open } = useBrowser()

  const seesOwnChange = async (url: string) => {
    const page = await open(url)
    await page.getByRole('button', { name: 'Live from the local Cozy' }).click()
    await page.getByLabel('Search events').fill('NavigationEvent')
    await line(page, 'Counted').first().click()
    await says(page.locator('.story'), 'This event is counted')
    const before = await card(page, 'navigation-count-daily').innerText()
    await page.locator('.fields').getByLabel('target', { exact: true }).fill('multifluid')
    await says(page.getByRole('region', { name: 'What your change did' }), /Pages seen[\s\S]*multifluid/)
    assert.notEqual(await card(page, 'navigation-count-daily').innerText(), before)
    // A page goes on asking for news of a server that ended.
    await page.context().close()
  }

  it('sees an event of their own change an indicator, once it is built', async (t) => {
    await seesOwnChange(await startDev(t, ROOT))
  })

  const onlyFull = process.env['DACC_FROM_CLONE'] === undefined && 'from a clone: with cargo xtask test --full'
  it('does so in five minutes from the clone on', { skip: onlyFull, timeout: 2 * FIVE_MINUTES }, async (t) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'dacc-newcomer-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    const begun = Date.now()
    const clone = path.join(folder, 'dacc-aggregator')
    await run('git', ['clone', '--quiet', ROOT, clone])
    const { CARGO_TARGET_DIR: _, ...env } = process.env
    await run('cargo', ['xtask', 'build'], { cwd: clone, env, maxBuffer: 1 << 26 })
    await seesOwnChange(await startDev(t, clone))
    const took = Date.now() - begun
    const what = `${Math.round(took / 1000)} s from the clone to the changed indicator`
    t.diagnostic(what)
    assert.ok(took < FIVE_MINUTES, what)
  })
})

// The program killed by the system while it writes a home file: what is there
// is always whole, and begun again the command ends as if nothing had been.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { program } from '../cli/process.ts'
import { done, EVENTS, file, folder, NOW } from './support.ts'

// Where the program keeps what it alone needs: nothing of it may stay.
const scratch = mkdtempSync(path.join(folder, 'scratch-'))
process.env['TMPDIR'] = scratch

const at = (name: string) => path.join(folder, name)

/** Starts a command and kills it when it has begun to write a file, or after this time. */
async function killed(args: readonly string[], after: number): Promise<boolean> {
  const child = spawn(process.execPath, [program, ...args], { cwd: folder, stdio: 'ignore' })
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_, signal) => resolve(signal)))
  for (let waited = 0; waited < 10_000 && child.exitCode === null; waited += 5) {
    if (readdirSync(folder).some((name) => name.endsWith('.dacc-new'))) break
    await setTimeout(5)
  }
  await setTimeout(after)
  child.kill('SIGKILL')
  return (await ended) === 'SIGKILL'
}

describe('the program killed while it writes', () => {
  const events = Array.from({ length: 40_000 }, (_, nth) => ({
    _id: `e${nth}`,
    type: 'ProfileSetEvent',
    eventDate: '2023-03-01T08:00:00Z',
  }))
  const ids = (name: string) =>
    new Set(
      (JSON.parse(readFileSync(at(name), 'utf8')) as Record<string, { _id: string }[]>)[EVENTS]?.map(({ _id }) => _id),
    )

  it("leaves a purge's home whole, and whatever is gone from it in a backup", async () => {
    file('home.json', { [EVENTS]: events })
    copyFileSync(at('home.json'), at('first.json'))
    let kills = 0
    for (const [nth, after] of [0, 20, 60, 150].entries()) {
      copyFileSync(at('first.json'), at('home.json'))
      const backup = `killed-${nth}.json`
      if (await killed(['purge', 'home.json', '--backup', backup, ...NOW], after)) kills += 1
      const left = ids('home.json')
      assert.ok(left.size === 0 || left.size === events.length, String(left.size))
      if (left.size === 0) assert.ok(existsSync(at(backup)))
      await done('purge', 'home.json', '--backup', `again-${nth}.json`, ...NOW)
      assert.deepEqual(readdirSync(scratch), [])
      assert.equal(ids('home.json').size, 0)
      const backups = [backup, `again-${nth}.json`].filter((name) => existsSync(at(name)))
      // What was killed before the home had an id named one that nobody knows.
      await done('recover', 'home.json', ...backups, '--same-home', ...NOW)
      assert.equal(ids('home.json').size, events.length)
    }
    assert.ok(kills > 0, 'none was killed in time')
  })

  it("leaves an import's home as it was or as it is to be", async () => {
    file('source.json', { [EVENTS]: events })
    await done('export', 'source.json', '-o', 'source.export.json', ...NOW)
    let kills = 0
    for (const after of [0, 30, 100]) {
      writeFileSync(at('target.json'), '{}')
      if (await killed(['import', 'target.json', 'source.export.json', ...NOW], after)) kills += 1
      const text = readFileSync(at('target.json'), 'utf8')
      assert.ok(text === '{}' || ids('target.json').size === events.length)
      await done('import', 'target.json', 'source.export.json', ...NOW)
      assert.deepEqual(readdirSync(scratch), [])
      assert.equal(ids('target.json').size, events.length)
    }
    assert.ok(kills > 0, 'none was killed in time')
  })
})

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openEmbedded } from '../../../js/stand-in/postgres/embedded.ts'

async function temporary(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dacc-embedded-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

/** A cache folder of this test's own. */
async function cache(t: TestContext): Promise<string> {
  const folder = await temporary(t)
  const before = process.env['XDG_CACHE_HOME']
  process.env['XDG_CACHE_HOME'] = folder
  t.after(() => {
    if (before === undefined) delete process.env['XDG_CACHE_HOME']
    else process.env['XDG_CACHE_HOME'] = before
  })
  return join(folder, 'dacc-aggregator')
}

test('the first start keeps an empty database in the cache; a damaged one is made anew', async (t) => {
  const folder = await cache(t)
  await (await openEmbedded()).close()
  const [file = ''] = await readdir(folder)
  assert.match(file, /^pglite-\d+\.\d+\.\d+\.tar\.gz$/)
  await writeFile(join(folder, file), 'damaged')
  const state = join(await temporary(t), 'state')
  const sql = await openEmbedded(state)
  assert.deepEqual(await sql.query('SELECT 1 AS one'), [{ one: 1 }])
  await sql.close()
  assert.deepEqual(await readdir(folder), [file])
})

test('a folder whose making broke off is made anew, one that is whole is kept', async (t) => {
  const state = join(await temporary(t), 'state')
  await mkdir(join(state, 'postgres', 'base'), { recursive: true })
  await writeFile(join(state, 'postgres', 'PG_VERSION'), '18\n')
  const first = await openEmbedded(state)
  await first.run('CREATE TABLE kept (n integer); INSERT INTO kept VALUES (7)')
  await first.close()
  assert.ok(!existsSync(join(state, 'in-use-by')))
  const second = await openEmbedded(state)
  assert.deepEqual(await second.query('SELECT n FROM kept'), [{ n: 7 }])
  await second.close()
})

test('a folder belongs to one process, and to the next once that is gone', async (t) => {
  const state = join(await temporary(t), 'state')
  await mkdir(state)
  await writeFile(join(state, 'in-use-by'), String(process.ppid))
  await assert.rejects(openEmbedded(state), {
    name: 'DatabaseError',
    message: new RegExp(`is in use by the process ${process.ppid};`),
  })
  // No process has this number.
  await writeFile(join(state, 'in-use-by'), String(2 ** 31 - 1))
  const opened = await Promise.allSettled([openEmbedded(state), openEmbedded(state)])
  const [won] = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  assert.equal(opened.filter(({ status }) => status === 'fulfilled').length, 1)
  await won?.close()
})

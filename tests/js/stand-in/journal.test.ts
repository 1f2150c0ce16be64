import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { Databases, loadHome } from '../../../js/stand-in/cozy/database.ts'
import { openEmbedded } from '../../../js/stand-in/postgres/embedded.ts'
import { SqlJournal } from '../../../js/stand-in/postgres/journal.ts'
import type { Session, Sql } from '../../../js/stand-in/postgres/sql.ts'

let sql: Sql
before(async () => {
  sql = await openEmbedded()
})
after(() => sql.close())
beforeEach(() => sql.run('DROP SCHEMA IF EXISTS cozy CASCADE'))

/** What a Cozy that is started now would begin with. */
async function kept(): Promise<Databases> {
  const databases = new Databases()
  await (await SqlJournal.open(sql)).restore(databases)
  return databases
}

const contents = (databases: Databases): unknown =>
  databases.doctypes().map((doctype) => [doctype, databases.find(doctype)?.changes()])

test('documents, deletions, indexes and their order come back as they were', async () => {
  const databases = new Databases([await SqlJournal.open(sql)])
  loadHome(databases, {
    a: [
      { _id: 'x\0\ud800"\\', n: '\0\udfff' },
      { _id: 'y', n: 1.5e300 },
    ],
    'b\0': [{ _id: 'x' }],
  })
  const a = databases.ensure('a')
  const rev = a.last('y')?.document._rev
  a.write('z', undefined, { n: [null, { deep: true }] })
  a.write('y', rev, {}, true)
  a.addIndex({ id: '_design/by_n', name: 'n', fields: ['n'], partial: { n: { $gt: 1 } } })
  await databases.settled()

  const again = await kept()
  assert.deepEqual(contents(again), contents(databases))
  assert.deepEqual(again.find('a')?.indexes, [
    { id: '_design/by_n', name: 'n', fields: ['n'], partial: { n: { $gt: 1 } } },
  ])
  assert.equal(again.find('a')?.seq, databases.find('a')?.seq)
})

test('a home that takes the place of another leaves nothing of it', async () => {
  const databases = new Databases([await SqlJournal.open(sql)])
  loadHome(databases, { a: [{ _id: 'x' }, { _id: 'y' }] })
  await databases.settled()
  databases.clear()
  loadHome(databases, { a: [{ _id: 'y', n: 2 }], b: [{ _id: 'z' }] })
  await databases.settled()
  const again = await kept()
  assert.deepEqual(contents(again), contents(databases))
  assert.deepEqual(again.doctypes().sort(), ['a', 'b'])
})

test('an empty home is kept, and is not the same as none', async () => {
  const restored = async (): Promise<number | undefined> => (await SqlJournal.open(sql)).restore(new Databases())
  assert.equal(await restored(), undefined)
  const databases = new Databases([await SqlJournal.open(sql)])
  await databases.settled()
  assert.equal(await restored(), 0)
  loadHome(databases, { a: [{ _id: 'x' }] })
  await databases.settled()
  assert.equal(await restored(), 1)
  databases.clear()
  await databases.settled()
  assert.equal(await restored(), 0)
})

test('what could not be kept is told, and kept with the next write', async () => {
  let isBroken = false
  const failing: Sql = {
    ...sql,
    transaction: (work: (session: Session) => Promise<void>) =>
      isBroken ? Promise.reject(new Error('the disk is full')) : sql.transaction(work),
  }
  const databases = new Databases([await SqlJournal.open(failing)])
  isBroken = true
  databases.ensure('a').write('x', undefined, { n: 1 })
  await assert.rejects(databases.settled(), /the disk is full/)
  isBroken = false
  databases.ensure('a').write('y', undefined, { n: 2 })
  await databases.settled()
  assert.deepEqual(
    (await kept())
      .find('a')
      ?.documents()
      .map(({ _id }) => _id),
    ['x', 'y'],
  )
})

test('writes that come while others are being kept are kept too', async () => {
  const databases = new Databases([await SqlJournal.open(sql)])
  const settled: Promise<void>[] = []
  for (let n = 0; n < 50; n += 1) {
    databases.ensure('a').write(`d${n}`, undefined, { n })
    settled.push(databases.settled())
    if (n % 7 === 0) await settled[n]
  }
  await Promise.all(settled)
  assert.equal((await kept()).find('a')?.documents().length, 50)
})

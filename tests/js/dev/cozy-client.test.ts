// A client that nobody here wrote, the one that apps use. It is 270 MB with
// what it depends on, so `cargo xtask test --full` installs it under target/.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import path from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { load } from '../../../js/api/index.node.ts'
import { startStack } from '../../../js/stand-in/stack.ts'

const EVENTS = 'com.grandlyon.ecolyo.usageevents'
const DACC = 'cc.cozycloud.dacc_v2'

/** The folder it is installed in. */
const folder = process.env['DACC_COZY_CLIENT']

const MEASURE = {
  createdBy: 'ecolyo',
  measureName: 'navigation-count-daily',
  startDate: '2024-03-09',
  value: 2,
  group1: { page: 'consumption' },
}

/** 250 events, one a minute, in a shuffled order. */
const events = Array.from({ length: 250 }, (_, at) => {
  const minute = (at * 7) % 250
  return {
    _id: `e${String(minute).padStart(3, '0')}`,
    type: minute % 5 === 0 ? 'ConnectionEvent' : 'NavigationEvent',
    eventDate: new Date(Date.UTC(2024, 2, 9, 0, minute)).toISOString(),
  }
})

// The package's own types are not at hand.
type Client = any

async function open(t: TestContext): Promise<{ client: Client; Q: Client; dacc: Client }> {
  const stack = await startStack({
    aggregator: await load(),
    home: { [EVENTS]: events },
    definitions: {
      definitions: [{ name: MEASURE.measureName, group1Key: 'page', aggregationThreshold: 3, accessApp: true }],
    },
  })
  t.after(() => stack.close())
  const { default: CozyClient, Q, models } = createRequire(path.join(folder ?? '', 'index.js'))('cozy-client')
  const client = new CozyClient({
    uri: stack.url,
    token: stack.token,
    appMetadata: { slug: 'ecolyo', version: '1.0.0' },
  })
  return { client, Q, dacc: models.dacc }
}

const ids = (docs: { _id: string }[]): string[] => docs.map(({ _id }) => _id)
const e = (number: number): string => `e${String(number).padStart(3, '0')}`

describe('cozy-client', {
  skip: folder === undefined ? 'DACC_COZY_CLIENT is not set; cargo xtask test --full sets it' : false,
}, () => {
  test('query makes the index it needs, sorts, and goes on from a page', async (t) => {
    const { client, Q } = await open(t)
    const query = Q(EVENTS)
      .where({ eventDate: { $gte: '2024-03-09T01:00:00.000Z' } })
      .sortBy([{ eventDate: 'asc' }])
      .limitBy(3)
    const first = await client.query(query)
    assert.deepEqual([ids(first.data), first.next], [[e(60), e(61), e(62)], true])
    const second = await client.query(query.offsetBookmark(first.bookmark))
    assert.deepEqual(ids(second.data), [e(63), e(64), e(65)])
    const last = await client.query(
      Q(EVENTS)
        .where({ eventDate: { $gt: null } })
        .sortBy([{ eventDate: 'desc' }])
        .limitBy(2),
    )
    assert.deepEqual(ids(last.data), [e(249), e(248)])
  })

  test('queryAll gives every document once, sorted or not', async (t) => {
    const { client, Q } = await open(t)
    const sorted = await client.queryAll(
      Q(EVENTS)
        .where({ eventDate: { $gt: null } })
        .sortBy([{ eventDate: 'asc' }])
        .limitBy(100),
    )
    assert.deepEqual(
      ids(sorted),
      Array.from({ length: 250 }, (_, at) => e(at)),
    )
    assert.equal(new Set(ids(await client.queryAll(Q(EVENTS)))).size, 250)
  })

  test('a partial index, one document, several by their ids', async (t) => {
    const { client, Q } = await open(t)
    const partial = Q(EVENTS)
      .where({ eventDate: { $lt: '2024-03-09T00:30:00.000Z' } })
      .partialIndex({ type: 'ConnectionEvent' })
      .indexFields(['eventDate'])
      .sortBy([{ eventDate: 'asc' }])
    for (let time = 0; time < 2; time += 1) {
      assert.deepEqual(ids((await client.query(partial)).data), [0, 5, 10, 15, 20, 25].map(e))
    }
    assert.equal((await client.query(Q(EVENTS).getById(e(7)))).data._id, e(7))
    assert.deepEqual(ids((await client.query(Q(EVENTS).getByIds([e(9), e(8)]))).data), [e(9), e(8)])
  })

  test('save creates, updates, and meets a conflict', async (t) => {
    const { client, Q } = await open(t)
    const { data: created } = await client.save({ _type: EVENTS, type: 'NavigationEvent', target: 'faq' })
    assert.match(created._rev, /^1-/)
    const { data: updated } = await client.save({ ...created, target: 'gas' })
    assert.match(updated._rev, /^2-/)
    await assert.rejects(client.save({ ...created, target: 'water' }), { status: 409 })
    const { data } = await client.query(Q(EVENTS).getById(created._id))
    assert.equal(data.target, 'gas')
    await client.destroy(data)
    // A document that is gone is no error for this client.
    assert.deepEqual((await client.query(Q(EVENTS).getById(created._id))).data, null)
  })

  test('bulk: saveAll updates what is there, updateAll creates too; a conflict comes inside the success', async (t) => {
    const { client, Q } = await open(t)
    const { data: two } = await client.query(Q(EVENTS).getByIds([e(1), e(2)]))
    await client.saveAll(two.map((event: object) => ({ ...event, target: 'water' })))
    const after = (await client.query(Q(EVENTS).getByIds([e(1), e(2)]))).data
    assert.deepEqual(
      after.map(({ target, _rev }: any) => [target, _rev.slice(0, 2)]),
      [
        ['water', '2-'],
        ['water', '2-'],
      ],
    )
    const answers = await client
      .collection(EVENTS)
      .updateAll([{ type: 'NavigationEvent' }, { ...two[0], target: 'stale' }])
    assert.deepEqual(
      answers.map(({ ok, error }: any) => ok ?? error),
      [true, 'conflict'],
    )
  })

  test('sendMeasureToDACC is stored or refused with the DACC’s sentence; fetchAggregatesFromDACC keeps to the threshold', async (t) => {
    const { client, dacc } = await open(t)
    const query = { measureName: MEASURE.measureName, startDate: '2024-03-01', endDate: '2024-04-01' }
    for (const value of [1, 2]) await dacc.sendMeasureToDACC(client, DACC, { ...MEASURE, value })
    assert.deepEqual(await dacc.fetchAggregatesFromDACC(client, DACC, query), [])
    await dacc.sendMeasureToDACC(client, 'eu.mycozy.dacc_v2', { ...MEASURE, value: 6 })
    const [aggregate] = await dacc.fetchAggregatesFromDACC(client, DACC, query)
    assert.deepEqual([aggregate.sum, aggregate.count, aggregate.avg, aggregate.group1], [9, 3, 3, MEASURE.group1])
    await assert.rejects(dacc.sendMeasureToDACC(client, DACC, { ...MEASURE, group1: { page: 'x'.repeat(101) } }), {
      status: 400,
      message: /too long/,
    })
    await assert.rejects(
      dacc.sendMeasureToDACC(client, DACC, { ...MEASURE, measureName: 'none' }),
      /No measure definition found for: none/,
    )
  })
})

import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { type Dacc, type DaccOptions, startDacc } from '../../../js/stand-in/dacc/dacc.ts'
import { type Storage, storages } from './stores.ts'
import { type Answer, DACC_TOKEN, definitions, dacc as plainDacc, postMeasure, send, valid } from './support.ts'

const page = (value: unknown, fields: object = {}): object => ({
  createdBy: 'ecolyo',
  measureName: 'navigation-count-daily',
  startDate: '2022-01-01',
  value,
  group1: { page: 'consumption' },
  ...fields,
})

async function postAll(server: Dacc, measures: readonly unknown[]): Promise<void> {
  for (const measure of measures) assert.equal((await postMeasure(server, measure)).status, 201)
}

function ask(server: Dacc, query: unknown, method = 'POST'): Promise<Answer> {
  return send(`${server.url}/aggregate`, { method, token: DACC_TOKEN, body: query })
}

const range = { measureName: 'navigation-count-daily', startDate: '2022-01-01', endDate: '2022-02-01' }

function aggregation(storage: Storage): void {
  const dacc = async (t: TestContext, options: Partial<DaccOptions> = {}): Promise<Dacc> =>
    plainDacc(t, { store: await storage.fresh(definitions), ...options })

  test('an aggregate has sum, counts, extremes, mean, deviation and quartiles', async (t) => {
    const server = await dacc(t)
    await postAll(server, [page(0), page(1), page(2), page(7)])
    // sum of squares 54, mean 2.5: variance (54 − 4 × 6.25) / 3 = 9.666…, its root 3.109…
    // percentile_cont over 0, 1, 2, 7: at 0.75 → 0.75, at 1.5 → 1.5, at 2.25 → 2 + 0.25 × 5 = 3.25
    assert.deepEqual((await ask(server, range)).json, [
      {
        measureName: 'navigation-count-daily',
        startDate: '2022-01-01T00:00:00',
        createdBy: 'ecolyo',
        group1: { page: 'consumption' },
        sum: 10,
        count: 4,
        countNotZero: 3,
        min: 0,
        max: 7,
        avg: 2.5,
        std: 3.11,
        median: 1.5,
        firstQuartile: 0.75,
        thirdQuartile: 3.25,
      },
    ])
  })

  test('sums of values are exact to two decimals', async (t) => {
    const server = await dacc(t)
    await postAll(
      server,
      Array.from({ length: 30 }, () => page(0.1)),
    )
    const [aggregate] = (await ask(server, range)).json
    assert.equal(aggregate.sum, 3)
    assert.equal(aggregate.avg, 0.1)
    assert.equal(aggregate.std, 0)
  })

  test('a mean is rounded half away from zero', async (t) => {
    const server = await dacc(t)
    await postAll(server, [page(-0.01), page(0)])
    assert.equal((await ask(server, range)).json[0].avg, -0.01)
  })

  test('groups are exact: by app, day and group values', async (t) => {
    const server = await dacc(t, { mode: 'faithful' })
    const one = (group: string): string => JSON.stringify(page(1)).replace('"consumption"', group)
    const groups = ['"1"', '1', '1.0'].map(one)
    await postAll(server, [
      ...groups,
      ...groups,
      page(1, { createdBy: 'other' }),
      page(1, { startDate: '2022-01-01T10:00:00' }),
    ])
    const answer = await server.aggregate({ measureName: 'navigation-count-daily' })
    assert.deepEqual(
      answer.published.map(({ count }) => count),
      [2, 2, 2],
    )
    assert.equal(answer.hiddenGroups, 2)
  })

  test('the order of two keys does not make another group', async (t) => {
    const server = await dacc(t, { mode: 'faithful' })
    await postAll(server, [
      page(1, { group1: { page: 'a', b: 'x', c: 'y' } }),
      page(1, { group1: { page: 'a', c: 'y', b: 'x' } }),
    ])
    assert.equal((await server.aggregate()).published.length, 1)
  })

  test('a group below the threshold of its definition is not published, and counted for the developer', async (t) => {
    const server = await dacc(t)
    await postAll(server, [
      page(3),
      page(1, { group1: { page: 'gas' } }),
      page(4),
      ...Array.from({ length: 4 }, () => valid),
    ])
    const { json } = await ask(server, range)
    assert.deepEqual(
      json.map((aggregate: { sum: number }) => aggregate.sum),
      [7],
    )
    const all = await server.aggregate()
    assert.deepEqual(
      all.published.map(({ measureName }) => measureName),
      ['navigation-count-daily'],
    )
    assert.deepEqual([all.hiddenGroups, all.hiddenMeasures], [2, 5])
    await postAll(server, [valid])
    assert.equal((await server.aggregate({ measureName: valid.measureName })).published[0]?.count, 5)
  })

  test('the threshold is 5 where the definition has none', async (t) => {
    const server = await dacc(t)
    const measure = { createdBy: 'ecolyo', measureName: 'connection-count-monthly', startDate: '2022-01-01', value: 1 }
    await postAll(server, [measure, measure, measure, measure])
    assert.deepEqual((await ask(server, { ...range, measureName: measure.measureName })).json, [])
    await postAll(server, [measure])
    assert.equal((await ask(server, { ...range, measureName: measure.measureName })).json[0].count, 5)
  })

  test('startDate is inclusive, endDate exclusive, createdBy exact', async (t) => {
    const server = await dacc(t)
    for (const startDate of ['2021-12-31', '2022-01-01', '2022-01-31', '2022-02-01']) {
      await postAll(server, [page(1, { startDate }), page(1, { startDate })])
    }
    await postAll(server, [page(1, { createdBy: 'other' }), page(1, { createdBy: 'other' })])
    const dates = async (query: object): Promise<string[]> =>
      (await ask(server, { ...range, ...query })).json.map((aggregate: { startDate: string }) =>
        aggregate.startDate.slice(0, 10),
      )
    assert.deepEqual(await dates({}), ['2022-01-01', '2022-01-01', '2022-01-31'])
    assert.deepEqual(await dates({ createdBy: 'ecolyo' }), ['2022-01-01', '2022-01-31'])
    assert.deepEqual(await dates({ endDate: '2022-01-31' }), ['2022-01-01', '2022-01-01'])
  })

  test('GET with a body does what POST does', async (t) => {
    const server = await dacc(t)
    await postAll(server, [page(1), page(2)])
    assert.deepEqual((await ask(server, range, 'GET')).json, (await ask(server, range)).json)
  })

  test('a NaN blocks the aggregation of its measure on the faithful server, and of no other', async (t) => {
    const server = await dacc(t, { mode: 'faithful' })
    await postAll(server, [
      page(1),
      page(2),
      JSON.stringify(page(0)).replace('"value":0', '"value":NaN'),
      page(3),
      ...Array.from({ length: 5 }, () => valid),
    ])
    const answer = await server.aggregate()
    assert.deepEqual(
      answer.published.map(({ measureName, count }) => [measureName, count]),
      [
        ['konnector-event-daily', 5],
        ['navigation-count-daily', 2],
      ],
    )
    assert.deepEqual(Object.keys(answer.blocked), ['navigation-count-daily'])
  })

  test('a group value over 2 600 bytes blocks the aggregation for good', async (t) => {
    const server = await dacc(t, { mode: 'faithful' })
    await postAll(server, [page(1, { group1: { page: 'x'.repeat(2700) } }), page(1), page(1)])
    assert.deepEqual((await ask(server, range)).json, [])
  })
}

for (const storage of storages()) {
  describe(`aggregation in ${storage.name}`, { skip: storage.skip ?? false }, () => aggregation(storage))
}

test('a query that is not right is refused', async (t) => {
  const server = await plainDacc(t)
  const refusals: [object, number, RegExp][] = [
    [{}, 400, /measure name must be given/],
    [{ ...range, measureName: 'X' }, 400, /No measure definition found for: X/],
    [{ ...range, startDate: 'garbage' }, 400, /startDate type is incorrect/],
    [{ measureName: range.measureName, startDate: '2022-01-01' }, 400, /endDate must be given/],
    [{ ...range, measureName: 'konnector-event-daily' }, 403, /cannot access/],
  ]
  for (const [query, status, error] of refusals) {
    const answer = await ask(server, query)
    assert.equal(answer.status, status)
    assert.match(answer.json.error, error)
  }
  assert.equal((await send(`${server.url}/aggregate`, { method: 'POST', body: range })).status, 401)
})

test('GET /status needs no token', async (t) => {
  const server = await plainDacc(t)
  const answer = await send(`${server.url}/status`)
  assert.equal(answer.status, 200)
  assert.deepEqual(answer.json, { db: { status: 'ok' }, global_status: 'ok' })
})

test('definitions that could not be imported are refused with one sentence', async () => {
  const bad: [unknown, RegExp][] = [
    [{}, /must be an object with a list/],
    [{ definitions: [{ name: 'a' }, { name: 'a' }] }, /Definition 2 .*: the name a is taken\./],
    [{ definitions: [{ name: 'x'.repeat(101) }] }, /longer than 100 characters\./],
    [{ definitions: [{ name: 'a', aggregationThreshold: '5' }] }, /aggregationThreshold is not a whole number\./],
  ]
  for (const [definitions, message] of bad) {
    await assert.rejects(startDacc({ definitions: definitions as never, token: 't' }), message)
  }
})

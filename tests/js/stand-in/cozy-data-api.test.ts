import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Cozy } from '../../../js/stand-in/cozy/cozy.ts'
import { COZY_TOKEN, call, cozy, send } from './support.ts'

const EVENTS = 'com.grandlyon.ecolyo.usageevents'
const TERMS = 'com.grandlyon.ecolyo.term'

/** `count` events, one a minute, in a shuffled order. */
function events(count: number): object[] {
  return Array.from({ length: count }, (_, at) => {
    const minute = (at * 7) % count
    const time = new Date(Date.UTC(2024, 2, 9, 0, minute)).toISOString()
    return { _id: `e${String(minute).padStart(5, '0')}`, type: 'NavigationEvent', aggregated: false, eventDate: time }
  })
}

const byDate = { index: { fields: ['aggregated', 'eventDate'] }, ddoc: 'by_aggregated_and_eventDate' }
/** As cozy-client writes it. */
const query = {
  selector: { aggregated: false, eventDate: { $gte: '2024-03-09T00:00:00.000Z' } },
  use_index: '_design/by_aggregated_and_eventDate',
  limit: 1000,
  skip: 0,
  sort: [{ aggregated: 'asc' }, { eventDate: 'asc' }],
}

const ids = (docs: { _id: string }[]): string[] => docs.map(({ _id }) => _id)

async function indexed(server: Cozy, ...fields: string[]): Promise<void> {
  assert.equal((await call(server, 'POST', `/data/${EVENTS}/_index`, { index: { fields } })).status, 200)
}

async function findIds(server: Cozy, body: object): Promise<string[]> {
  const { status, json, text } = await call(server, 'POST', `/data/${EVENTS}/_find`, body)
  assert.equal(status, 200, text)
  return ids(json.docs)
}

describe('_find', () => {
  test("answers cozy-client's query in the order of the index, once the index is created", async (t) => {
    const server = await cozy(t, { home: { [EVENTS]: events(30) } })
    const refused = await call(server, 'POST', `/data/${EVENTS}/_find`, query)
    assert.equal(refused.status, 400)
    assert.deepEqual(refused.json, {
      ok: false,
      status: '400',
      error: 'no_index',
      reason: 'no matching index found, create an index',
    })

    const created = await call(server, 'POST', `/data/${EVENTS}/_index`, byDate)
    assert.equal(created.status, 200)
    assert.equal(created.json.result, 'created')
    assert.equal(created.json.id, '_design/by_aggregated_and_eventDate')
    assert.equal(typeof created.json.name, 'string')
    assert.equal((await call(server, 'POST', `/data/${EVENTS}/_index`, byDate)).json.result, 'exists')

    const answer = await call(server, 'POST', `/data/${EVENTS}/_find`, query)
    assert.equal(answer.status, 200)
    assert.deepEqual(Object.keys(answer.json).sort(), ['bookmark', 'docs', 'limit', 'next'])
    assert.deepEqual(
      ids(answer.json.docs),
      Array.from({ length: 30 }, (_, at) => `e${String(at).padStart(5, '0')}`),
    )
    assert.match(answer.json.docs[0]._rev, /^1-[0-9a-f]{32}$/)
    assert.equal(answer.json.next, false)
  })

  for (const [limit, becomes] of [
    [undefined, 100],
    [1000, 1000],
    [1001, 100],
    [5000, 100],
    [7, 7],
  ] as const) {
    test(`a limit of ${limit} becomes ${becomes}`, async (t) => {
      const server = await cozy(t, { home: { [EVENTS]: events(1200) } })
      await indexed(server, 'eventDate')
      const { json } = await call(server, 'POST', `/data/${EVENTS}/_find`, {
        selector: { eventDate: { $gt: null } },
        limit,
      })
      assert.equal(json.limit, becomes)
      assert.equal(json.docs.length, becomes)
      assert.equal(json.next, true)
    })
  }

  test('bookmarks lead through all documents; an exact multiple costs one more, empty page', async (t) => {
    const server = await cozy(t, { home: { [EVENTS]: events(200) } })
    await indexed(server, 'aggregated', 'eventDate')
    const seen: string[] = []
    const pages: number[] = []
    let bookmark: string | undefined
    for (let next = true; next; ) {
      const { json } = await call(server, 'POST', `/data/${EVENTS}/_find`, { selector: query.selector, bookmark })
      seen.push(...ids(json.docs))
      pages.push(json.docs.length)
      ;({ next, bookmark } = json)
    }
    assert.deepEqual(pages, [100, 100, 0])
    assert.equal(new Set(seen).size, 200)
    assert.deepEqual(seen, [...seen].sort())
  })

  test('a document written between two pages does not shift the next one', async (t) => {
    const server = await cozy(t, { home: { [EVENTS]: events(4) } })
    await indexed(server, 'eventDate')
    const selector = { eventDate: { $gt: null } }
    const first = await call(server, 'POST', `/data/${EVENTS}/_find`, { selector, limit: 2 })
    server.put(EVENTS, { _id: 'early', eventDate: '2023-01-01T00:00:00Z' })
    assert.deepEqual(await findIds(server, { selector, limit: 2, bookmark: first.json.bookmark }), ['e00002', 'e00003'])
  })

  test('a descending sort goes backwards, also across pages', async (t) => {
    const server = await cozy(t, { home: { [EVENTS]: events(4) } })
    await indexed(server, 'eventDate')
    const body = { selector: { eventDate: { $gt: null } }, sort: [{ eventDate: 'desc' }], limit: 3 }
    const { json } = await call(server, 'POST', `/data/${EVENTS}/_find`, body)
    assert.deepEqual(ids(json.docs), ['e00003', 'e00002', 'e00001'])
    assert.deepEqual(await findIds(server, { ...body, bookmark: json.bookmark }), ['e00000'])
  })

  test('values are ordered as CouchDB collates them', async (t) => {
    const values: unknown[] = [{ a: 1 }, [2], [1, 2], 'é', 'b', 'B', 'a', '10', 10, -1, true, false, null]
    const server = await cozy(t, { home: { [EVENTS]: values.map((value, at) => ({ _id: `d${at}`, value })) } })
    await indexed(server, 'value')
    const { json } = await call(server, 'POST', `/data/${EVENTS}/_find`, { selector: { value: { $exists: true } } })
    assert.deepEqual(
      json.docs.map(({ value }: { value: unknown }) => value),
      [null, false, true, -1, 10, '10', 'a', 'b', 'B', 'é', [1, 2], [2], { a: 1 }],
    )
  })

  test('documents of equal keys are ordered by the bytes of their ids', async (t) => {
    const server = await cozy(t, {
      home: { [EVENTS]: ['b', 'a', 'B', '_', 'é', '1'].map((_id) => ({ _id, value: 1 })) },
    })
    await indexed(server, 'value')
    // ICU would have _ 1 a b B é.
    assert.deepEqual(await findIds(server, { selector: { value: 1 } }), ['1', 'B', '_', 'a', 'b', 'é'])
    assert.deepEqual(await findIds(server, { selector: { value: 1 }, sort: [{ value: 'desc' }] }), [
      'é',
      'b',
      'a',
      '_',
      'B',
      '1',
    ])
  })

  test('a document that lacks a field of the index is not found by it', async (t) => {
    const server = await cozy(t, {
      home: {
        [EVENTS]: [
          { _id: 'with', a: 1, b: 1 },
          { _id: 'without', a: 1 },
        ],
      },
    })
    await indexed(server, 'a', 'b')
    assert.deepEqual(await findIds(server, { selector: { a: 1 }, sort: ['a', 'b'] }), ['with'])
  })

  test('skip and fields are honoured', async (t) => {
    const server = await cozy(t, {
      home: {
        [EVENTS]: [
          { _id: 'x', a: { b: 1, c: 2 } },
          { _id: 'y', a: { b: 2, c: 3 } },
        ],
      },
    })
    await indexed(server, 'a.b')
    const { json } = await call(server, 'POST', `/data/${EVENTS}/_find`, {
      selector: { 'a.b': { $gt: 0 } },
      skip: 1,
      fields: ['_id', 'a.c'],
    })
    assert.deepEqual(json.docs, [{ _id: 'y', a: { c: 3 } }])
  })

  test('a partial index serves only the query that names it', async (t) => {
    const server = await cozy(t, {
      home: {
        [EVENTS]: [
          { _id: 'x', a: 1, keep: true },
          { _id: 'y', a: 1 },
        ],
      },
    })
    await call(server, 'POST', `/data/${EVENTS}/_index`, {
      index: { fields: ['a'], partial_filter_selector: { keep: true } },
      ddoc: 'kept',
    })
    assert.equal((await call(server, 'POST', `/data/${EVENTS}/_find`, { selector: { a: 1 } })).json.error, 'no_index')
    assert.deepEqual(await findIds(server, { selector: { a: 1 }, use_index: '_design/kept' }), ['x'])
  })

  const fits: [string, string[], object, boolean][] = [
    ['the selector has a further field', ['eventDate'], { selector: { eventDate: { $gt: '' }, type: 'X' } }, true],
    ['the selector lacks a field of the index', ['type', 'eventDate'], { selector: { eventDate: { $gt: '' } } }, false],
    [
      'the sort has the missing field',
      ['type', 'eventDate'],
      { selector: { type: 'X' }, sort: ['type', 'eventDate'] },
      true,
    ],
    [
      'the sort leaves a constant field out',
      ['type', 'eventDate'],
      { selector: { type: 'X' }, sort: ['eventDate'] },
      true,
    ],
    [
      'the sort begins in the middle of the index',
      ['type', 'eventDate'],
      { selector: { type: { $gt: '' } }, sort: ['eventDate'] },
      false,
    ],
    ['the selector is empty', ['eventDate'], { selector: {} }, false],
    ['the field must not exist', ['eventDate'], { selector: { eventDate: { $exists: false } } }, false],
    [
      'the fields are inside $and',
      ['eventDate'],
      { selector: { $and: [{ eventDate: { $gt: '' } }, { type: 'X' }] } },
      true,
    ],
    [
      'use_index names a design document that is missing',
      ['eventDate'],
      { selector: { eventDate: { $gt: '' } }, use_index: '_design/none' },
      false,
    ],
  ]
  for (const [says, fields, body, fit] of fits) {
    test(`an index ${fit ? 'fits' : 'does not fit'} when ${says}`, async (t) => {
      const server = await cozy(t, { home: { [EVENTS]: events(3) } })
      await indexed(server, ...fields)
      const answer = await call(server, 'POST', `/data/${EVENTS}/_find`, body)
      assert.deepEqual([answer.status, answer.json.error], fit ? [200, undefined] : [400, 'no_index'])
    })
  }

  test('malformed queries are answered with 400', async (t) => {
    const server = await cozy(t, { home: { [EVENTS]: events(3) } })
    await indexed(server, 'eventDate')
    const selector = { eventDate: { $gt: '' } }
    const malformed: unknown[] = [
      '{',
      '[]',
      '',
      {},
      { selector: 1 },
      { selector, limit: -1 },
      { selector, sort: 'eventDate' },
      { selector, bookmark: '!' },
      { selector: { eventDate: { $near: 1 } } },
      { selector, sort: [{ eventDate: 'asc' }, { type: 'desc' }] },
    ]
    for (const body of malformed)
      assert.equal((await call(server, 'POST', `/data/${EVENTS}/_find`, body)).status, 400, JSON.stringify(body))
  })

  for (const [selector, error] of [
    [{ $regex: '(' }, 'bad_arg'],
    [{ $regex: 7 }, 'bad_arg'],
    [{ $foo: 1 }, 'invalid_operator'],
    [{ $in: 7 }, 'bad_arg'],
    [{ $nin: 'a' }, 'bad_arg'],
    [{ $all: {} }, 'bad_arg'],
    [{ $exists: 'yes' }, 'bad_arg'],
    [{ $type: 'date' }, 'bad_arg'],
    [{ $size: '1' }, 'bad_arg'],
    [{ $size: -1 }, 'bad_arg'],
    [{ $mod: [0, 1] }, 'bad_arg'],
    [{ $mod: 2 }, 'bad_arg'],
    [{ $elemMatch: 1 }, 'bad_arg'],
    [{ $elemMatch: { $foo: 1 } }, 'invalid_operator'],
    [{ deeper: { $regex: '(' } }, 'bad_arg'],
  ] as const) {
    test(`a condition ${JSON.stringify(selector)} is answered with 400, whatever the documents hold`, async (t) => {
      for (const home of [{ [EVENTS]: events(3) }, { [EVENTS]: [] }]) {
        const server = await cozy(t, { home })
        await indexed(server, 'eventDate')
        const eventDate = { $gt: '' }
        for (const wrong of [
          { eventDate, type: selector },
          { eventDate, $or: [{ type: selector }] },
          { $and: [{ eventDate }, { type: selector }] },
          { eventDate, $not: { type: selector } },
        ]) {
          const answer = await call(server, 'POST', `/data/${EVENTS}/_find`, { selector: wrong })
          assert.deepEqual([answer.status, answer.json.error], [400, error], JSON.stringify(wrong))
        }
        const index = { fields: ['eventDate'], partial_filter_selector: { type: selector } }
        const answer = await call(server, 'POST', `/data/${EVENTS}/_index`, { index })
        assert.deepEqual([answer.status, answer.json.error], [400, error])
      }
    })
  }

  for (const selector of [{ $or: 7 }, { $or: [7] }, { $and: { a: 1 } }, { $nor: null }, { $not: 1 }, { $near: 1 }]) {
    test(`a selector ${JSON.stringify(selector)} is answered with 400`, async (t) => {
      const server = await cozy(t, { home: { [EVENTS]: events(3) } })
      await indexed(server, 'eventDate')
      assert.equal(
        (await call(server, 'POST', `/data/${EVENTS}/_find`, { selector: { eventDate: { $gt: '' }, ...selector } }))
          .status,
        400,
      )
    })
  }

  test('what is negated inside a field, or names a field with a dot or an element of a list, is found as CouchDB finds it', async (t) => {
    const documents = [
      { _id: 'a', n: 1, 'x.y': 1, list: [{ z: 7 }] },
      { _id: 'b', n: 2 },
      { _id: 'c', n: 3, list: [7] },
    ]
    const server = await cozy(t, { home: { [EVENTS]: documents } })
    await indexed(server, 'n')
    for (const [condition, found] of [
      [{ n: { $gt: 0, $not: { $gt: 2 } } }, ['a', 'b']],
      [{ 'x\\.y': 1 }, ['a']],
      [{ 'list.0.z': 7 }, ['a']],
      [{ 'list.0': 7 }, ['c']],
      // A field that is missing is not unequal either.
      [{ list: { $ne: 8 } }, ['a', 'c']],
      [{ $not: { list: [7] } }, ['a']],
      [{ $nor: [{ list: [7] }] }, ['a', 'b']],
      [{ $not: { list: { $exists: true } } }, ['b']],
      [{ $not: { $or: [{ n: 1 }, { n: 2 }] } }, ['c']],
      [{ $not: { n: 3, list: [7] } }, ['a', 'b']],
      [{ list: { $in: [7] } }, ['c']],
      [{ list: { $all: [] } }, []],
      [{ list: { $elemMatch: { z: 7 } } }, ['a']],
      [{ 'x\\.y': { $type: 'number' } }, ['a']],
    ] as const) {
      assert.deepEqual(
        await findIds(server, { selector: { $and: [{ n: { $gt: 0 } }, condition] } }),
        found,
        JSON.stringify(condition),
      )
    }
  })

  test('a field inside another may be written either way, and be missing', async (t) => {
    const documents = [
      { _id: 'a', n: 1, inner: { field: 2, other: 1 } },
      { _id: 'b', n: 1, inner: null },
      { _id: 'c', n: 1 },
      { _id: 'd', n: 1, inner: 7 },
      { _id: 'e', n: 1, inner: { field: [2] } },
    ]
    const server = await cozy(t, { home: { [EVENTS]: documents } })
    await indexed(server, 'n')
    for (const condition of [
      { 'inner.field': { $gt: 1, $lt: 3 } },
      { inner: { field: { $gt: 1, $lt: 3 } } },
      { inner: { field: 2 } },
      { inner: { $type: 'object', other: 1, field: 2 } },
    ]) {
      assert.deepEqual(await findIds(server, { selector: { n: 1, ...condition } }), ['a'], JSON.stringify(condition))
    }
    assert.deepEqual(await findIds(server, { selector: { $and: [{ n: 1 }, { inner: { field: [2] } }] } }), ['e'])
  })

  test('every operator that there is finds what it should', async (t) => {
    const server = await cozy(t, {
      home: {
        [EVENTS]: [
          { _id: 'a', n: 4, list: [1, 2], word: 'faq' },
          { _id: 'b', n: 5, list: [], word: 'Faq' },
        ],
      },
    })
    await indexed(server, 'n')
    for (const [condition, found] of [
      [{ word: { $regex: '^f' } }, ['a']],
      [{ n: { $in: [4] } }, ['a']],
      [{ n: { $nin: [4] } }, ['b']],
      [{ n: { $mod: [2, 0] } }, ['a']],
      [{ list: { $size: 0 } }, ['b']],
      [{ list: { $all: [2, 1] } }, ['a']],
      [{ list: { $elemMatch: { $gt: 1 } } }, ['a']],
      [{ list: { $allMatch: { $gt: 0 } } }, ['a']],
      [{ n: { $type: 'number' } }, ['a', 'b']],
      [{ missing: { $exists: false } }, ['a', 'b']],
      [{ n: { $eq: 5 } }, ['b']],
      [{ n: { $ne: 5 } }, ['a']],
      [{ n: { $gte: 5 } }, ['b']],
      [{ n: { $lt: 5 } }, ['a']],
      [{ n: { $lte: 4 } }, ['a']],
      [{ $or: [{ word: 'faq' }, { list: { $size: 0 } }] }, ['a', 'b']],
      [{ $nor: [{ word: 'faq' }] }, ['b']],
      [{ $not: { word: 'faq' } }, ['b']],
    ] as const) {
      assert.deepEqual(
        await findIds(server, { selector: { $and: [{ n: { $gt: 0 } }, condition] } }),
        found,
        JSON.stringify(condition),
      )
    }
  })

  test('20 000 events are paged within seconds', async (t) => {
    const server = await cozy(t, { home: { [EVENTS]: events(19_997) } })
    await indexed(server, 'aggregated', 'eventDate')
    const started = Date.now()
    let [found, bookmark] = [0, undefined as string | undefined]
    for (let next = true; next; ) {
      const { json } = await call(server, 'POST', `/data/${EVENTS}/_find`, { ...query, use_index: undefined, bookmark })
      found += json.docs.length
      ;({ next, bookmark } = json)
    }
    assert.equal(found, 19_997)
    assert.ok(Date.now() - started < 10_000)
  })
})

describe('the other reads', () => {
  test('_index makes the missing database', async (t) => {
    const server = await cozy(t)
    assert.equal((await call(server, 'POST', `/data/${TERMS}/_find`, { selector: { a: 1 } })).status, 404)
    await call(server, 'POST', `/data/${TERMS}/_index`, { index: { fields: ['a'] } })
    assert.deepEqual((await call(server, 'POST', `/data/${TERMS}/_find`, { selector: { a: 1 } })).json.docs, [])
  })

  test('_normal_docs pages through the documents and skips design documents', async (t) => {
    const server = await cozy(t, { home: { [EVENTS]: events(5) } })
    await indexed(server, 'eventDate')
    const first = await call(server, 'GET', `/data/${EVENTS}/_normal_docs?limit=3`)
    assert.equal(first.status, 200)
    assert.deepEqual(ids(first.json.rows), ['e00000', 'e00001', 'e00002'])
    assert.equal(first.json.total_rows, 5)
    const second = await call(
      server,
      'GET',
      `/data/${EVENTS}/_normal_docs?limit=3&bookmark=${encodeURIComponent(first.json.bookmark)}`,
    )
    assert.deepEqual(ids(second.json.rows), ['e00003', 'e00004'])
  })

  test('_normal_docs gives 100 documents when it is asked for more than 1000', async (t) => {
    const server = await cozy(t, { home: { [EVENTS]: events(1100) } })
    assert.equal((await call(server, 'GET', `/data/${EVENTS}/_normal_docs?limit=1001`)).json.rows.length, 100)
    assert.equal((await call(server, 'GET', `/data/${EVENTS}/_normal_docs?limit=1000`)).json.rows.length, 1000)
  })

  test('_all_docs with keys gives a row for each key, also for a missing one', async (t) => {
    const server = await cozy(t, { home: { [EVENTS]: events(3) } })
    const { status, json } = await call(server, 'POST', `/data/${EVENTS}/_all_docs?include_docs=true`, {
      keys: ['e00002', 'none', 'e00000'],
    })
    assert.equal(status, 200)
    assert.deepEqual(json.rows[1], { key: 'none', error: 'not_found' })
    assert.deepEqual([json.rows[0].doc._id, json.rows[2].doc._id], ['e00002', 'e00000'])
    assert.equal(json.rows[0].value.rev, json.rows[0].doc._rev)
  })

  test('_changes gives the last change of each document since a sequence', async (t) => {
    const server = await cozy(t, { home: { [EVENTS]: events(2) } })
    const before = (await call(server, 'GET', `/data/${EVENTS}/_changes`)).json
    assert.equal(before.results.length, 2)
    server.put(EVENTS, { _id: 'new' })
    const { json } = await call(server, 'GET', `/data/${EVENTS}/_changes?since=${before.last_seq}&include_docs=true`)
    assert.deepEqual(
      json.results.map(({ id, doc }: { id: string; doc: { _id: string } }) => [id, doc._id]),
      [['new', 'new']],
    )
    assert.equal(json.pending, 0)
  })

  test('a missing database is 404, with the reason wrong_doctype for one document', async (t) => {
    const server = await cozy(t)
    for (const [method, body] of [
      ['GET', undefined],
      ['PUT', { _id: 'x', _rev: '1-0' }],
    ] as const) {
      const answer = await call(server, method, `/data/${TERMS}/x`, body)
      assert.equal(answer.status, 404)
      assert.deepEqual(answer.json, { ok: false, status: '404', error: 'not_found', reason: 'wrong_doctype' })
    }
    for (const path of ['_normal_docs', '_all_docs', '_changes']) {
      assert.equal((await call(server, 'GET', `/data/${TERMS}/${path}`)).status, 404, path)
    }
  })

  test('a missing document is 404 not_found, missing or deleted', async (t) => {
    const server = await cozy(t, { home: { [TERMS]: [{ _id: 'x' }] } })
    assert.equal((await call(server, 'GET', `/data/${TERMS}/none`)).json.reason, 'missing')
    const { json } = await call(server, 'GET', `/data/${TERMS}/x`)
    await call(server, 'DELETE', `/data/${TERMS}/x?rev=${json._rev}`)
    assert.equal((await call(server, 'GET', `/data/${TERMS}/x`)).json.reason, 'deleted')
  })
})

describe('writes', () => {
  test('POST creates a document with an id of its own', async (t) => {
    const server = await cozy(t)
    const { status, json } = await call(server, 'POST', `/data/${TERMS}/`, { accepted: true })
    assert.equal(status, 201)
    assert.match(json.id, /^[0-9a-f]{32}$/)
    assert.match(json.rev, /^1-[0-9a-f]{32}$/)
    assert.deepEqual(json.data, { accepted: true, _id: json.id, _rev: json.rev, _type: TERMS })
    assert.deepEqual(server.documents(TERMS), [{ accepted: true, _id: json.id, _rev: json.rev }])
  })

  test('POST with an _id is 400', async (t) => {
    const server = await cozy(t)
    assert.equal((await call(server, 'POST', `/data/${TERMS}/`, { _id: 'x' })).status, 400)
  })

  test('PUT answers 200 when it creates and when it updates; a stale revision is 409', async (t) => {
    const server = await cozy(t)
    const created = await call(server, 'PUT', `/data/${TERMS}/x`, { n: 1 })
    assert.equal(created.status, 200)
    const updated = await call(server, 'PUT', `/data/${TERMS}/x`, { _id: 'x', _rev: created.json.rev, n: 2 })
    assert.equal(updated.status, 200)
    assert.match(updated.json.rev, /^2-[0-9a-f]{32}$/)
    const stale = await call(server, 'PUT', `/data/${TERMS}/x`, { _id: 'x', _rev: created.json.rev, n: 3 })
    assert.equal(stale.status, 409)
    assert.equal(stale.json.error, 'conflict')
    assert.equal((await call(server, 'PUT', `/data/${TERMS}/x`, { n: 4 })).status, 409)
    assert.equal(server.documents(TERMS)[0]?.['n'], 2)
  })

  test('PUT needs both _id and _rev, or neither', async (t) => {
    const server = await cozy(t, { home: { [TERMS]: [{ _id: 'x' }] } })
    const [document] = server.documents(TERMS)
    for (const body of [{ _id: 'x' }, { _rev: document?._rev }]) {
      assert.equal((await call(server, 'PUT', `/data/${TERMS}/x`, body)).status, 400)
    }
    assert.equal((await call(server, 'PUT', `/data/${TERMS}/y`, { _id: 'x', _rev: document?._rev })).status, 400)
  })

  test('DELETE needs the current revision', async (t) => {
    const server = await cozy(t, { home: { [TERMS]: [{ _id: 'x' }] } })
    const rev = server.documents(TERMS)[0]?._rev
    assert.equal((await call(server, 'DELETE', `/data/${TERMS}/x`)).status, 400)
    assert.equal((await call(server, 'DELETE', `/data/${TERMS}/x?rev=1-${'0'.repeat(32)}`)).status, 409)
    const { status, json } = await call(server, 'DELETE', `/data/${TERMS}/x?rev=${rev}`)
    assert.deepEqual([status, json.deleted], [200, true])
    assert.deepEqual(server.documents(TERMS), [])
    assert.equal((await call(server, 'PUT', `/data/${TERMS}/x`, { back: true })).status, 200)
  })

  test('_bulk_docs answers 201 with the conflicts inside', async (t) => {
    const server = await cozy(t, { home: { [TERMS]: [{ _id: 'a' }, { _id: 'b' }, { _id: 'c' }] } })
    const rev = (id: string): string | undefined => server.documents(TERMS).find(({ _id }) => _id === id)?._rev
    const docs = [
      { _id: 'a', n: 1 },
      { _id: 'b', _rev: rev('b'), n: 1 },
      { _id: 'c', _rev: rev('c'), _deleted: true },
      { _id: 'd' },
      { n: 2 },
      { _id: 'e', _odd: 1 },
    ]
    const { status, json } = await call(server, 'POST', `/data/${TERMS}/_bulk_docs`, { docs })
    assert.equal(status, 201)
    assert.deepEqual(
      json.map(({ ok, error }: { ok?: boolean; error?: string }) => ok ?? error),
      ['conflict', true, true, true, true, 'doc_validation'],
    )
    assert.match(json[1].rev, /^2-/)
    assert.deepEqual(
      server
        .documents(TERMS)
        .map(({ _id }) => _id)
        .slice(0, 3),
      ['a', 'b', 'd'],
    )
    assert.equal((await call(server, 'POST', `/data/${TERMS}/_bulk_docs`, { docs: [1] })).status, 400)
  })

  test('an id may hold any character', async (t) => {
    const server = await cozy(t)
    const id = 'cell/2024-03-09 50% é'
    assert.equal((await call(server, 'PUT', `/data/${TERMS}/${encodeURIComponent(id)}`, { n: 1 })).json.id, id)
    assert.equal((await call(server, 'GET', `/data/${TERMS}/${encodeURIComponent(id)}`)).json.n, 1)
  })

  test('a document of one update is not changed by what the caller does with his copy', async (t) => {
    const server = await cozy(t, { home: { [TERMS]: [{ _id: 'x', deep: { n: 1 } }] } })
    ;(server.documents(TERMS)[0]?.['deep'] as { n: number }).n = 2
    assert.deepEqual(server.documents(TERMS)[0]?.['deep'], { n: 1 })
  })
})

describe('who may', () => {
  test('no bearer or a wrong one is 401, an expired one 400 "Expired token"', async (t) => {
    const server = await cozy(t, { home: { [TERMS]: [] }, expiredToken: 'old' })
    const ask = (token?: string): ReturnType<typeof send> => send(`${server.url}/data/${TERMS}/_normal_docs`, { token })
    assert.equal((await ask()).status, 401)
    assert.equal((await ask('wrong')).status, 401)
    const expired = await ask('old')
    assert.deepEqual([expired.status, expired.json], [400, { error: 'Expired token' }])
    assert.equal((await ask(COZY_TOKEN)).status, 200)
  })

  const permissions = {
    read: { type: EVENTS, verbs: ['GET'] },
    create: { type: 'com.grandlyon.ecolyo.created', verbs: ['POST'] },
    update: { type: 'com.grandlyon.ecolyo.updated', verbs: ['PUT'] },
    remove: { type: 'com.grandlyon.ecolyo.removed', verbs: ['DELETE'] },
    family: { type: 'com.grandlyon.enedis.*' },
    one: { type: 'com.grandlyon.ecolyo.one', verbs: ['GET'], values: ['x'] },
  }
  const home = Object.fromEntries(
    [
      EVENTS,
      'com.grandlyon.ecolyo.created',
      'com.grandlyon.ecolyo.updated',
      'com.grandlyon.ecolyo.removed',
      'com.grandlyon.enedis.minute',
      'com.grandlyon.ecolyo.one',
      TERMS,
    ].map((doctype) => [doctype, [{ _id: 'x', _rev: `1-${'a'.repeat(32)}` }, { _id: 'y' }]]),
  )
  const rev = `1-${'a'.repeat(32)}`
  const calls: [string, string, unknown, Record<string, boolean>][] = [
    [
      'POST',
      '_find',
      { selector: { a: 1 } },
      {
        [EVENTS]: true,
        'com.grandlyon.ecolyo.created': false,
        'com.grandlyon.enedis.minute': true,
        'com.grandlyon.ecolyo.one': false,
        [TERMS]: false,
      },
    ],
    [
      'POST',
      '_index',
      { index: { fields: ['a'] } },
      { [EVENTS]: true, 'com.grandlyon.ecolyo.created': false, [TERMS]: false },
    ],
    ['GET', '_normal_docs', undefined, { [EVENTS]: true, [TERMS]: false, 'com.grandlyon.ecolyo.one': false }],
    ['POST', '_all_docs', { keys: [] }, { [EVENTS]: true, [TERMS]: false }],
    ['GET', '_changes', undefined, { [EVENTS]: true, [TERMS]: false }],
    ['GET', 'x', undefined, { [EVENTS]: true, 'com.grandlyon.ecolyo.one': true, [TERMS]: false }],
    ['GET', 'y', undefined, { 'com.grandlyon.ecolyo.one': false }],
    [
      'POST',
      '_bulk_docs',
      { docs: [] },
      { [EVENTS]: false, 'com.grandlyon.ecolyo.created': true, 'com.grandlyon.ecolyo.updated': false },
    ],
    ['POST', '', {}, { [EVENTS]: false, 'com.grandlyon.ecolyo.created': true }],
    ['PUT', 'new', {}, { 'com.grandlyon.ecolyo.created': true, 'com.grandlyon.ecolyo.updated': false }],
    [
      'PUT',
      'x',
      { _id: 'x', _rev: rev },
      { 'com.grandlyon.ecolyo.created': false, 'com.grandlyon.ecolyo.updated': true },
    ],
    [
      'DELETE',
      `x?rev=${rev}`,
      undefined,
      { 'com.grandlyon.ecolyo.removed': true, 'com.grandlyon.ecolyo.updated': false },
    ],
  ]
  for (const [method, path, body, allowed] of calls) {
    test(`${method} ${path || '/'} needs its verb in the manifest`, async (t) => {
      for (const [doctype, may] of Object.entries(allowed)) {
        const server = await cozy(t, { home, permissions })
        const { status } = await call(server, method, `/data/${doctype}/${path}`, body)
        assert.equal(status === 403, !may, `${doctype}: ${status}`)
      }
    })
  }

  test('without permissions every verb is allowed', async (t) => {
    const server = await cozy(t, { home })
    for (const [method, path, body] of calls) {
      assert.notEqual((await call(server, method, `/data/com.grandlyon.ecolyo.one/${path}`, body)).status, 403)
    }
  })

  test('triggers are no documents for an app: they come from /jobs/triggers, with their states', async (t) => {
    const document = {
      _id: 'tr1',
      worker: 'konnector',
      message: { account: 'a1' },
      current_state: { status: 'errored' },
    }
    const resource = { _id: 'tr2', attributes: { worker: 'service', message: null, current_state: { status: 'done' } } }
    const home = { 'io.cozy.triggers': [document, resource] }
    const server = await cozy(t, { home, permissions: { triggers: { type: 'io.cozy.triggers', verbs: ['ALL'] } } })
    for (const [method, path, body] of calls) {
      assert.equal(
        (await call(server, method, `/data/io.cozy.triggers/${path}`, body)).status,
        403,
        `${method} ${path}`,
      )
    }
    const { json, contentType } = await call(server, 'GET', '/jobs/triggers')
    assert.equal(contentType, 'application/vnd.api+json')
    const stood = json.data.map(({ type, id, attributes }: any) => [
      type,
      id,
      attributes.message?.account,
      attributes.current_state.status,
    ])
    assert.deepEqual(stood, [
      ['io.cozy.triggers', 'tr1', 'a1', 'errored'],
      ['io.cozy.triggers', 'tr2', undefined, 'done'],
    ])
    const { json: services } = await call(server, 'GET', '/jobs/triggers?Worker=service')
    assert.deepEqual(
      services.data.map(({ id }: any) => id),
      ['tr2'],
    )
    assert.equal((await call(server, 'GET', '/jobs/triggers/tr1')).json.data.attributes.current_state.status, 'errored')
    assert.equal((await call(server, 'GET', '/jobs/triggers/tr3')).status, 404)
    const others = await cozy(t, { home, permissions: { accounts: { type: 'io.cozy.accounts' } } })
    assert.equal((await call(others, 'GET', '/jobs/triggers')).status, 403)
    assert.equal((await call(others, 'GET', '/jobs/triggers/tr1')).status, 403)
  })

  test('the trace of remote requests may be read, not written', async (t) => {
    const server = await cozy(t, { home: { 'io.cozy.remote.requests': [{ _id: 'x', _rev: rev }] } })
    assert.equal((await call(server, 'GET', '/data/io.cozy.remote.requests/x')).status, 200)
    assert.equal((await call(server, 'DELETE', `/data/io.cozy.remote.requests/x?rev=${rev}`)).status, 403)
    assert.equal((await call(server, 'POST', '/data/io.cozy.remote.requests/_bulk_docs', { docs: [] })).status, 403)
  })
})

describe('loading a home', () => {
  test('documents without an _id get one, what is no object is left out, the first of two wins', async (t) => {
    const home = JSON.parse(
      `{"${TERMS}":[{"n":1},{"_id":"x","n":2},{"_id":"x","n":3},{"_id":7},null,"text",[1]],"broken":"text","empty":[]}`,
    )
    const server = await cozy(t, { home })
    assert.deepEqual(server.loaded, { documents: 3, malformed: 4, duplicates: 1 })
    const documents = server.documents(TERMS)
    assert.deepEqual(
      documents.map(({ n }) => n),
      [1, 2, undefined],
    )
    assert.match(String(documents[0]?._id), /^[0-9a-f]{32}$/)
    assert.equal((await call(server, 'GET', '/data/empty/_normal_docs')).json.total_rows, 0)
  })

  test('what was deleted, and what is local, is where no query finds it', async (t) => {
    const home = {
      [TERMS]: [
        { _id: 'x', _deleted: true, n: 1 },
        { _id: 'x', n: 2 },
        { _id: '_local/c' },
        { _id: '_design/d', views: {} },
      ],
    }
    const server = await cozy(t, { home })
    assert.deepEqual(server.loaded, { documents: 2, malformed: 2, duplicates: 0 })
    assert.deepEqual(
      server.documents(TERMS).map(({ n }) => n),
      [2],
    )
  })

  for (const home of [null, [], 'home', 7]) {
    test(`a home that is ${JSON.stringify(home)} has no documents`, async (t) => {
      assert.deepEqual((await cozy(t, { home })).loaded, { documents: 0, malformed: 1, duplicates: 0 })
    })
  }

  test('put creates and replaces whatever the revision', async (t) => {
    const server = await cozy(t)
    const first = server.put(TERMS, { _id: 'x', n: 1 })
    const second = server.put(TERMS, { _id: 'x', n: 2 })
    assert.match(second._rev, /^2-/)
    assert.notEqual(first._rev, second._rev)
    assert.equal(server.documents(TERMS).length, 1)
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { COZY_TOKEN, call, cozy, send } from './support.ts'

const EVENTS = 'com.grandlyon.ecolyo.usageevents'
const home = { [EVENTS]: ['a', 'b', 'c', 'd'].map((_id, n) => ({ _id, n, type: n % 2 === 0 ? 'even' : 'odd' })) }
const path = (rest: string): string => `/data/${EVENTS}/${rest}`
const ids = (rows: { id: string }[]): string[] => rows.map(({ id }) => id)

test('an index is a design document as CouchDB writes it', async (t) => {
  const server = await cozy(t, { home })
  await call(server, 'POST', path('_index'), {
    index: { fields: ['n'], partial_filter_selector: { type: 'even' } },
    ddoc: 'by_n',
    name: 'view',
  })
  const { json } = await call(server, 'GET', path('_design_docs?include_docs=true'))
  assert.deepEqual(ids(json.rows), ['_design/by_n'])
  const { _rev, ...design } = json.rows[0].doc
  assert.match(_rev, /^1-[0-9a-f]{32}$/)
  assert.deepEqual(design, {
    _id: '_design/by_n',
    language: 'query',
    views: {
      view: {
        map: { fields: { n: 'asc' }, partial_filter_selector: { type: { $eq: 'even' } } },
        reduce: '_count',
        options: { def: { fields: ['n'], partial_filter_selector: { type: 'even' } } },
      },
    },
  })
  assert.deepEqual((await call(server, 'GET', path('_design/by_n'))).json.views, design.views)
})

test('an index that is copied answers under its new name, one that is deleted under none', async (t) => {
  const server = await cozy(t, { home })
  const query = (name: string): object => ({ selector: { n: { $gte: 2 } }, use_index: `_design/${name}` })
  await call(server, 'POST', path('_index'), { index: { fields: ['n'] }, ddoc: 'old' })
  const headers = { destination: '_design/new' }
  const copied = await send(server.url + path('_design/old/copy'), { method: 'POST', token: COZY_TOKEN, headers })
  assert.deepEqual([copied.status, copied.json.id], [201, '_design/new'])
  assert.equal((await send(server.url + path('_design/old/copy'), { method: 'POST', token: COZY_TOKEN })).status, 400)
  assert.equal((await call(server, 'POST', path('_find'), query('new'))).json.docs.length, 2)

  const { _rev } = (await call(server, 'GET', path('_design/old'))).json
  assert.equal((await call(server, 'DELETE', path('_design/old'))).status, 400)
  assert.equal((await call(server, 'DELETE', path(`_design/old?rev=${_rev}`))).status, 200)
  assert.equal((await call(server, 'POST', path('_find'), query('old'))).json.error, 'no_index')
  assert.equal((await call(server, 'POST', path('_find'), query('new'))).json.docs.length, 2)
})

for (const [query, expected] of [
  ['', ['a', 'b', 'c', 'd']],
  ['?limit=2', ['a', 'b']],
  ['?skip=1&limit=2', ['b', 'c']],
  ['?startkey="b"', ['b', 'c', 'd']],
  ['?startkey="b"&endkey="c"', ['b', 'c']],
  ['?key="c"', ['c']],
  ['?descending=true', ['d', 'c', 'b', 'a']],
  ['?descending=true&startkey="c"&limit=2', ['c', 'b']],
] as const) {
  test(`_all_docs${query} gives ${expected.join(', ')}`, async (t) => {
    const server = await cozy(t, { home })
    const { json } = await call(server, 'GET', path(`_all_docs${query}`))
    assert.deepEqual(ids(json.rows), expected)
    assert.equal(json.total_rows, 4)
  })
}

test('a key that is not JSON is 400', async (t) => {
  const server = await cozy(t, { home })
  assert.equal((await call(server, 'GET', path('_all_docs?key=c'))).status, 400)
})

test('_changes of some documents leaves the others out', async (t) => {
  const server = await cozy(t, { home })
  const { json } = await call(server, 'POST', path('_changes?filter=_doc_ids'), { doc_ids: ['b', 'd', 'none'] })
  assert.deepEqual(ids(json.results), ['b', 'd'])
})

test('_normal_docs skips', async (t) => {
  const server = await cozy(t, { home })
  const { json } = await call(server, 'GET', path('_normal_docs?skip=3'))
  assert.deepEqual(
    json.rows.map(({ _id }: { _id: string }) => _id),
    ['d'],
  )
})

test('the doctypes are listed to those who may read them', async (t) => {
  const server = await cozy(t, { home })
  assert.deepEqual((await call(server, 'GET', '/data/_all_doctypes')).json, [EVENTS])
  const closed = await cozy(t, { home, permissions: { read: { type: EVENTS, verbs: ['GET'] } } })
  assert.equal((await call(closed, 'GET', '/data/_all_doctypes')).status, 403)
})

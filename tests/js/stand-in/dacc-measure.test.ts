import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { Dacc, DaccOptions } from '../../../js/stand-in/dacc/dacc.ts'
import type { Sql } from '../../../js/stand-in/postgres/sql.ts'
import { type Storage, storages } from './stores.ts'
import { DACC_TOKEN, definitions, dacc as plainDacc, postMeasure, send, valid } from './support.ts'

/** What a server does: its status, the error it gives, what it stores. */
interface Outcome {
  readonly status: number
  readonly error?: string | RegExp
  /** Fields of the stored measure; `undefined`: nothing is stored. */
  readonly stored?: Record<string, unknown>
}

interface Case {
  readonly says: string
  /** The body as text, or the fields that differ from the valid measure (`undefined` takes one away). */
  readonly body: string | Record<string, unknown>
  readonly faithful: Outcome
  readonly strict: Outcome
}

const lost: Outcome = { status: 201 }
const both = (outcome: Outcome): Pick<Case, 'faithful' | 'strict'> => ({ faithful: outcome, strict: outcome })
const stored = (fields: Record<string, unknown>): Outcome => ({ status: 201, stored: fields })
const strictly = (error: RegExp): Outcome => ({ status: 400, error })
/** The valid measure as text, with the value written as given. */
const withValue = (text: string): string => JSON.stringify(valid).replace('"value":2', `"value":${text}`)
const NOT_A_NUMBER = 'value type is incorrect, it must be a number'
const NOT_A_DATE = 'startDate type is incorrect, it must be a date'
const midnight = '2022-01-01T00:00:00'

const cases: readonly Case[] = [
  {
    says: 'a valid measure is stored',
    body: {},
    ...both(stored({ value: 2, startDate: midnight, createdBy: 'ecolyo', group1: { slug: 'enedis' } })),
  },
  {
    says: 'an unknown measureName',
    body: { measureName: 'X' },
    ...both({ status: 400, error: 'No measure definition found for: X' }),
  },
  { says: 'measureName missing', body: { measureName: undefined }, ...both({ status: 500 }) },
  { says: 'value missing', body: { value: undefined }, ...both({ status: 400, error: 'A value must be given' }) },
  ...['', 'abc'].map((value) => ({
    says: `value "${value}"`,
    body: { value },
    ...both({ status: 400, error: 'value type is incorrect, it must be a number' }),
  })),
  ...[null, [1], { a: 1 }].map((value) => ({
    says: `value ${JSON.stringify(value)}`,
    body: { value },
    ...both({ status: 500 }),
  })),
  {
    says: 'value "12"',
    body: { value: '12' },
    faithful: stored({ value: 12 }),
    strict: strictly(/must be a JSON number/),
  },
  { says: 'value NaN', body: withValue('NaN'), faithful: stored({ value: Number.NaN }), strict: strictly(/NaN/) },
  { says: 'value Infinity', body: withValue('Infinity'), faithful: lost, strict: strictly(/Infinity/) },
  { says: 'value -Infinity', body: withValue('-Infinity'), faithful: lost, strict: strictly(/-Infinity/) },
  { says: 'value 1e400', body: withValue('1e400'), faithful: lost, strict: strictly(/finite/) },
  { says: 'value 9999999999.995', body: withValue('9999999999.995'), faithful: lost, strict: strictly(/out of range/) },
  {
    says: 'value -9999999999.995',
    body: withValue('-9999999999.995'),
    faithful: lost,
    strict: strictly(/out of range/),
  },
  {
    says: 'value 9999999999.99',
    body: withValue('9999999999.99'),
    faithful: stored({ value: 9999999999.99 }),
    strict: strictly(/out of range/),
  },
  { says: 'value 9999999', body: { value: 9999999 }, ...both(stored({ value: 9999999 })) },
  { says: 'value true', body: { value: true }, faithful: lost, strict: strictly(/boolean/) },
  { says: 'value false', body: { value: false }, faithful: lost, strict: strictly(/boolean/) },
  ...(
    [
      ['1.23456', 1.23],
      ['1.005', 1.01],
      ['-0.005', -0.01],
      ['0.004', 0],
    ] as const
  ).map(([text, value]) => ({
    says: `value ${text} is rounded half away from zero`,
    body: withValue(text),
    ...both(stored({ value })),
  })),
  {
    says: 'startDate with midnight UTC',
    body: { startDate: '2022-01-01T00:00:00.000Z' },
    faithful: stored({ startDate: midnight }),
    strict: strictly(/YYYY-MM-DD/),
  },
  {
    says: 'startDate with another time',
    body: { startDate: '2022-01-01T10:30:00Z' },
    faithful: stored({ startDate: '2022-01-01T10:30:00' }),
    strict: strictly(/YYYY-MM-DD/),
  },
  {
    says: 'startDate with an offset',
    body: { startDate: '2022-01-01T00:00:00+05:00' },
    faithful: stored({ startDate: midnight }),
    strict: strictly(/YYYY-MM-DD/),
  },
  {
    says: 'startDate 01/02/2022',
    body: { startDate: '01/02/2022' },
    faithful: stored({ startDate: '2022-01-02T00:00:00' }),
    strict: strictly(/YYYY-MM-DD/),
  },
  ...['2022', '2022-01', '13/02/2022'].map((startDate) => ({
    says: `startDate ${startDate}`,
    body: { startDate },
    faithful: lost,
    strict: strictly(/YYYY-MM-DD/),
  })),
  ...['Jan 5 2022', 'January 5, 2022', '5 jan 2022', 'Wed Jan 5 2022'].map((startDate) => ({
    says: `startDate ${startDate}`,
    body: { startDate },
    faithful: stored({ startDate: '2022-01-05T00:00:00' }),
    strict: strictly(/YYYY-MM-DD/),
  })),
  ...['4', '10', '12:30', 'Monday', 'Jan 2022', 'May', '2022-01-01\0', '٢٠٢٢-٠١-٠١', '२०२२-०१-०१'].map((startDate) => ({
    says: `startDate ${JSON.stringify(startDate)}`,
    body: { startDate },
    faithful: lost,
    strict: strictly(/YYYY-MM-DD/),
  })),
  ...['1_000', '١٢', '1_0.5', '-१'].map((value) => ({
    says: `value "${value}"`,
    body: { value },
    faithful: lost,
    strict: strictly(/JSON number/),
  })),
  ...['_1', '1_', '1__0', '١x'].map((value) => ({
    says: `value "${value}"`,
    body: { value },
    ...both({ status: 400, error: NOT_A_NUMBER }),
  })),
  ...['0', '25:00', 'Jan 32 2022', 'Feb 30 2022', 'Someday', 'Jan Feb 2022', '\0', '1st of May'].map((startDate) => ({
    says: `startDate ${JSON.stringify(startDate)}`,
    body: { startDate },
    ...both({ status: 400, error: NOT_A_DATE }),
  })),
  ...['', 'garbage', '2022-02-30'].map((startDate) => ({
    says: `startDate "${startDate}"`,
    body: { startDate },
    ...both({ status: 400, error: NOT_A_DATE }),
  })),
  { says: 'startDate missing', body: { startDate: undefined }, ...both({ status: 400 }) },
  { says: 'startDate null', body: { startDate: null }, ...both({ status: 500 }) },
  { says: 'startDate a number', body: { startDate: 20220101 }, ...both({ status: 500 }) },
  {
    says: 'the leap day 2024-02-29',
    body: { startDate: '2024-02-29' },
    ...both(stored({ startDate: '2024-02-29T00:00:00' })),
  },
  ...[null, {}, ['enedis'], 'enedis', 7].map((group1) => ({
    says: `group1 ${JSON.stringify(group1)}`,
    body: { group1 },
    ...both({ status: 400, error: 'groups format is incorrect' }),
  })),
  {
    says: 'a group missing',
    body: { group2: undefined },
    ...both({ status: 400, error: /^Group2 key does not match measure definition: / }),
  },
  {
    says: 'a group with a wrong key',
    body: { group1: { slugs: 'enedis' } },
    ...both({ status: 400, error: 'Group1 key does not match measure definition: slugs' }),
  },
  {
    says: 'a group that the definition does not have',
    body: { measureName: 'connection-count-monthly', group2: undefined, group3: undefined },
    ...both({ status: 400, error: 'Group1 key does not match measure definition: slug' }),
  },
  {
    says: 'two keys in a group, the right one first',
    body: { group1: { slug: 'enedis', other: 'x' } },
    faithful: stored({ group1: { slug: 'enedis', other: 'x' } }),
    strict: strictly(/group1 has 2 keys/),
  },
  {
    says: 'two keys in a group, the right one first although the other looks like a number',
    body: JSON.stringify(valid).replace('{"slug":"enedis"}', '{"slug":"enedis","1":"x"}'),
    faithful: stored({ group1: { slug: 'enedis', 1: 'x' } }),
    strict: strictly(/group1 has 2 keys/),
  },
  {
    says: 'two keys in a group, the wrong one first',
    body: { group1: { other: 'x', slug: 'enedis' } },
    ...both({ status: 400, error: 'Group1 key does not match measure definition: other' }),
  },
  ...[1, true, null, { a: 'b' }].map((slug) => ({
    says: `a group value ${JSON.stringify(slug)}`,
    body: { group1: { slug } },
    faithful: stored({ group1: { slug } }),
    strict: strictly(/group1\.slug is not a string/),
  })),
  {
    says: 'a group value with U+0000',
    body: { group1: { slug: 'ene\0dis' } },
    faithful: lost,
    strict: strictly(/group1\.slug holds U\+0000/),
  },
  {
    says: 'a group value with a lone surrogate',
    body: JSON.stringify(valid).replace('"enedis"', '"\\ud800"'),
    faithful: lost,
    strict: strictly(/group1\.slug holds a lone surrogate/),
  },
  {
    says: 'a group value with a pair of surrogates',
    body: { group1: { slug: '🌱' } },
    ...both(stored({ group1: { slug: '🌱' } })),
  },
  {
    says: 'a group value of 3 000 bytes',
    body: { group1: { slug: 'x'.repeat(3000) } },
    faithful: stored({ group1: { slug: 'x'.repeat(3000) } }),
    strict: strictly(/too long/),
  },
  {
    says: 'an empty group value',
    body: { group1: { slug: '' } },
    faithful: stored({ group1: { slug: '' } }),
    strict: strictly(/empty/),
  },
  {
    says: 'createdBy missing',
    body: { createdBy: undefined },
    faithful: stored({ createdBy: null }),
    strict: strictly(/createdBy is missing/),
  },
  {
    says: 'createdBy of 101 characters',
    body: { createdBy: 'x'.repeat(101) },
    faithful: lost,
    strict: strictly(/createdBy is too long/),
  },
  {
    says: 'createdBy of 100 characters',
    body: { createdBy: 'x'.repeat(100) },
    ...both(stored({ createdBy: 'x'.repeat(100) })),
  },
  {
    says: 'a field that no measure has',
    body: { email: 'a@b.c' },
    faithful: stored({ value: 2 }),
    strict: strictly(/"email" is not part of a measure/),
  },
  { says: 'a malformed body', body: '{"measureName":', ...both({ status: 500 }) },
  { says: 'an empty body', body: '', ...both({ status: 500 }) },
  { says: 'a list as body', body: '[]', ...both({ status: 500 }) },
  { says: 'a body nested a hundred thousand times', body: '['.repeat(100_000), ...both({ status: 500 }) },
]

/** What a database made of the only row. */
async function onlyRow(sql: Sql): Promise<Record<string, unknown> | undefined> {
  const rows = await sql.query(`
    SELECT value::float8, to_char(start_date, 'YYYY-MM-DD"T"HH24:MI:SS') AS "startDate", created_by AS "createdBy", group1, group2, group3
    FROM raw_measure`)
  assert.ok(rows.length <= 1)
  return rows[0]
}

const [memory, ...others] = storages()
const servers = [
  ...(['faithful', 'strict'] as const).map((mode) => ({ mode, storage: memory as Storage })),
  // A strict server stores nothing that a faithful one does not.
  ...others.map((storage) => ({ mode: 'faithful' as const, storage })),
]

for (const { mode, storage } of servers) {
  const dacc = async (t: TestContext, options: Partial<DaccOptions> = {}): Promise<Dacc> =>
    plainDacc(t, { store: await storage.fresh(definitions), ...options })

  describe(`POST /measure of the ${mode} server, kept in ${storage.name}`, { skip: storage.skip ?? false }, () => {
    for (const { says, body, [mode]: expected } of cases) {
      const does = expected.stored
        ? 'is stored'
        : expected.status === 201
          ? 'is answered 201 and lost'
          : `is refused with ${expected.status}`
      test(`${says}: ${does}`, async (t) => {
        const server = await dacc(t, { mode })
        const answer = await postMeasure(server, typeof body === 'string' ? body : { ...valid, ...body })
        assert.equal(answer.status, expected.status, answer.text)
        assert.match(answer.contentType, /^application\/json/)
        if (expected.status === 201) assert.deepEqual(answer.json, { ok: true })
        else if (typeof expected.error === 'string') assert.deepEqual(answer.json, { error: expected.error })
        else assert.match(answer.json.error, expected.error ?? /./)

        const measures = await server.measures()
        assert.equal(measures.length, expected.stored ? 1 : 0)
        assert.equal(server.refused().length, expected.stored ? 0 : 1)
        const row = storage.sql && (await onlyRow(storage.sql()))
        if (storage.sql) assert.equal(row !== undefined, expected.stored !== undefined)
        for (const [field, value] of Object.entries(expected.stored ?? {})) {
          assert.deepEqual(measures[0]?.[field as keyof (typeof measures)[0]], value, field)
          if (row) assert.deepEqual(row[field], value, `${field} of the row`)
        }
      })
    }

    test('the same measure twice is counted twice', async (t) => {
      const server = await dacc(t, { mode })
      for (let time = 0; time < 2; time += 1) assert.equal((await postMeasure(server, valid)).status, 201)
      assert.equal((await server.measures()).length, 2)
    })

    test('no token, or a wrong one, is answered by an HTML page with 401', async (t) => {
      const server = await dacc(t, { mode })
      for (const token of [undefined, 'wrong']) {
        const answer = await send(`${server.url}/measure`, { method: 'POST', token, body: valid })
        assert.equal(answer.status, 401)
        assert.match(answer.contentType, /^text\/html/)
        assert.equal(answer.text, 'Unauthorized Access')
      }
      assert.deepEqual(await server.measures(), [])
    })

    test('a wrong content type is answered with 500', async (t) => {
      const server = await dacc(t, { mode })
      const answer = await send(`${server.url}/measure`, {
        method: 'POST',
        token: DACC_TOKEN,
        contentType: 'text/plain',
        body: valid,
      })
      assert.equal(answer.status, 500)
    })

    test('GET is answered with 405', async (t) => {
      const server = await dacc(t, { mode })
      assert.equal((await send(`${server.url}/measure`, { token: DACC_TOKEN })).status, 405)
    })
  })
}

test('the mode is strict unless another is chosen', async (t) => {
  const server = await plainDacc(t)
  assert.equal((await postMeasure(server, { ...valid, value: true })).status, 400)
})

test('a strict refusal is one sentence', async (t) => {
  const server = await plainDacc(t)
  for (const { body, strict, faithful } of cases) {
    if (strict.status !== 400 || faithful.status !== 201) continue
    const { json } = await postMeasure(server, typeof body === 'string' ? body : { ...valid, ...body })
    assert.match(json.error, /^[^\n]+\.$/)
  }
})

test('the log tells each request in order', async (t) => {
  const server = await plainDacc(t)
  await postMeasure(server, valid)
  await send(`${server.url}/status`)
  await postMeasure(server, {})
  assert.deepEqual(server.requests, [
    { method: 'POST', path: '/measure', status: 201 },
    { method: 'GET', path: '/status', status: 200 },
    { method: 'POST', path: '/measure', status: 500 },
  ])
})

test('what was sent is kept byte for byte', async (t) => {
  const server = await plainDacc(t)
  const body = withValue('2.50')
  await postMeasure(server, body)
  assert.equal((await server.measures())[0]?.sent, body)
})

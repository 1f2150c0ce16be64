import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { Dacc } from '../../../js/stand-in/dacc/dacc.ts'
import { readDefinitions } from '../../../js/stand-in/dacc/definitions.ts'
import { SqlMeasureStore } from '../../../js/stand-in/postgres/measure-store.ts'
import { openServer, serverOf } from '../../../js/stand-in/postgres/server.ts'
import { DatabaseError, type Sql } from '../../../js/stand-in/postgres/sql.ts'
import { databases, type Storage } from './stores.ts'
import { dacc, definitions, postMeasure, valid } from './support.ts'

/** The columns of the public server's tables. */
const COLUMNS = {
  aggregation: [
    'id',
    'measure_name',
    'start_date',
    'last_updated',
    'last_raw_measures_purged',
    'created_by',
    'group1',
    'group2',
    'group3',
    'sum',
    'count',
    'count_not_zero',
    'min',
    'max',
    'avg',
    'std',
    'median',
    'first_quartile',
    'third_quartile',
  ],
  measure_definition: [
    'id',
    'name',
    'org',
    'created_by',
    'group1_key',
    'group2_key',
    'group3_key',
    'description',
    'aggregation_period',
    'execution_frequency',
    'aggregation_threshold',
    'access_app',
    'access_public',
    'with_quartiles',
    'max_days_to_update_quartile',
  ],
  raw_measure: [
    'id',
    'measure_name',
    'value',
    'start_date',
    'last_updated',
    'aggregation_period',
    'created_by',
    'group1',
    'group2',
    'group3',
  ],
}

function inside(storage: Storage): void {
  const open = async (t: TestContext): Promise<{ server: Dacc; sql: Sql }> => ({
    server: await dacc(t, { mode: 'faithful', store: await storage.fresh(definitions) }),
    sql: sqlOf(storage),
  })

  test('tables and columns are named as the public server names them', async (t) => {
    const { sql } = await open(t)
    for (const [table, columns] of Object.entries(COLUMNS)) {
      const rows = await sql.query<{ column_name: string }>(
        'SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position',
        [table],
      )
      assert.deepEqual(
        rows.map(({ column_name }) => column_name),
        columns,
        table,
      )
    }
  })

  test('definitions are imported by name, and again in place of the earlier ones', async (t) => {
    const { sql } = await open(t)
    const read = (): Promise<unknown[]> =>
      sql.query(
        'SELECT name, org, group1_key, group3_key, aggregation_threshold, access_app, with_quartiles FROM measure_definition ORDER BY name',
      )
    const connection = {
      name: 'connection-count-monthly',
      org: null,
      group1_key: null,
      group3_key: null,
      aggregation_threshold: 5,
      access_app: true,
      with_quartiles: false,
    }
    const konnector = {
      name: 'konnector-event-daily',
      org: 'grandlyon',
      group1_key: 'slug',
      group3_key: 'status',
      aggregation_threshold: 5,
      access_app: false,
      with_quartiles: false,
    }
    const navigation = {
      name: 'navigation-count-daily',
      org: null,
      group1_key: 'page',
      group3_key: null,
      aggregation_threshold: 2,
      access_app: true,
      with_quartiles: true,
    }
    assert.deepEqual(await read(), [connection, konnector, navigation])
    await SqlMeasureStore.open(
      sql,
      readDefinitions({ definitions: [{ name: 'connection-count-monthly', aggregationThreshold: 9 }] }).values(),
    )
    assert.deepEqual(await read(), [
      { ...connection, aggregation_threshold: 9, access_app: false },
      konnector,
      navigation,
    ])
  })

  test('a measure is a row, its value exact and its groups as they were written', async (t) => {
    const { server, sql } = await open(t)
    const bodies = [
      valid,
      JSON.stringify({ ...valid, startDate: '2022-01-01T10:30:00Z', createdBy: undefined })
        .replace('"value":2', '"value":1.005')
        .replace('"enedis"', '1.0'),
      JSON.stringify(valid).replace('"value":2', '"value":NaN'),
      { createdBy: 'ecolyo', measureName: 'connection-count-monthly', startDate: '2022-01-01', value: 9999999999.99 },
    ]
    for (const body of bodies) assert.equal((await postMeasure(server, body)).status, 201)
    const rows = await sql.query(
      'SELECT measure_name, value::text, start_date::text, created_by, group1::text, group2::text FROM raw_measure ORDER BY id',
    )
    const row = {
      measure_name: 'konnector-event-daily',
      value: '2.00',
      start_date: '2022-01-01 00:00:00',
      created_by: 'ecolyo',
      group1: '{"slug": "enedis"}',
      group2: '{"event_type": "connection"}',
    }
    assert.deepEqual(rows, [
      row,
      { ...row, value: '1.01', start_date: '2022-01-01 10:30:00', created_by: null, group1: '{"slug": 1.0}' },
      { ...row, value: 'NaN' },
      { ...row, measure_name: 'connection-count-monthly', value: '9999999999.99', group1: null, group2: null },
    ])
  })

  test('what the server loses is no row', async (t) => {
    const { server, sql } = await open(t)
    for (const body of [
      { value: true },
      { startDate: '2022' },
      { group1: { slug: 'a\0b' } },
      { createdBy: 'x'.repeat(101) },
    ]) {
      assert.equal((await postMeasure(server, { ...valid, ...body })).status, 201)
    }
    assert.deepEqual(await sql.query('SELECT id FROM raw_measure'), [])
  })

  test('aggregation is current for who looks in, and filtered_aggregation hides what is below the threshold', async (t) => {
    const { server, sql } = await open(t)
    const counts = (table: string): Promise<unknown[]> =>
      sql.query(`SELECT count, sum::float8 FROM ${table} ORDER BY count`)
    for (let homes = 0; homes < 4; homes += 1) await postMeasure(server, valid)
    assert.deepEqual([await counts('aggregation'), await counts('filtered_aggregation')], [[{ count: 4, sum: 8 }], []])
    await postMeasure(server, valid)
    assert.deepEqual(
      [await counts('aggregation'), await counts('filtered_aggregation')],
      [[{ count: 5, sum: 10 }], [{ count: 5, sum: 10 }]],
    )
    await sql.run('UPDATE measure_definition SET aggregation_threshold = 6')
    assert.deepEqual([(await server.aggregate()).published, (await server.aggregate()).hiddenGroups], [[], 1])
  })

  test('a NaN that is deleted by hand no longer blocks its measure', async (t) => {
    const { server, sql } = await open(t)
    await postMeasure(server, JSON.stringify(valid).replace('"value":2', '"value":NaN'))
    for (let homes = 0; homes < 5; homes += 1) await postMeasure(server, valid)
    assert.deepEqual(await server.aggregate(), {
      published: [],
      hiddenGroups: 0,
      hiddenMeasures: 0,
      blocked: { [valid.measureName]: 'the value is NaN' },
    })
    await sql.run(`DELETE FROM raw_measure WHERE value = 'NaN'`)
    const { published, blocked } = await server.aggregate()
    assert.deepEqual([published.map(({ count, sum }) => [count, sum]), blocked], [[[5, 10]], {}])
  })

  test('a sum that its column cannot hold leaves the aggregate as it was, and the measures stored', async (t) => {
    const { server, sql } = await open(t)
    const monthly = {
      createdBy: 'ecolyo',
      measureName: 'connection-count-monthly',
      startDate: '2022-01-01',
      value: 9999999999,
    }
    for (let time = 0; time < 2; time += 1) assert.equal((await postMeasure(server, monthly)).status, 201)
    assert.deepEqual(await sql.query('SELECT count FROM aggregation'), [{ count: 1 }])
    assert.deepEqual(await sql.query('SELECT count(*)::integer FROM raw_measure'), [{ count: 2 }])
  })

  test('a transaction that fails leaves nothing', async (t) => {
    const { sql } = await open(t)
    const failing = sql.transaction(async ({ query }) => {
      await query(`INSERT INTO raw_measure (measure_name, value) VALUES ('connection-count-monthly', 1)`)
      throw new Error('on purpose')
    })
    await assert.rejects(failing, /on purpose/)
    assert.deepEqual(await sql.query('SELECT id FROM raw_measure'), [])
  })

  for (const name of ['measure_definition', 'raw_measure', 'aggregation', 'blocked_measure', 'filtered_aggregation']) {
    test(`a table ${name} that somebody else made is refused, and nothing written`, async (t) => {
      const { sql } = await open(t)
      await sql.run('CREATE SCHEMA somebody_else; SET search_path TO somebody_else')
      t.after(() => sql.run('RESET search_path; DROP SCHEMA somebody_else CASCADE'))
      await sql.run(
        `CREATE TABLE ${name} (name varchar(100) UNIQUE, org text); INSERT INTO ${name} VALUES ('navigation-count-daily', 'somebody else')`,
      )
      await assert.rejects(SqlMeasureStore.open(sql, readDefinitions(definitions).values()), {
        name: 'DatabaseError',
        message: `DATABASE_URL: this database has ${name}, which dacc dev did not make; name an empty database`,
      })
      assert.deepEqual(await sql.query(`SELECT * FROM ${name}`), [
        { name: 'navigation-count-daily', org: 'somebody else' },
      ])
      const relations = await sql.query(
        `SELECT relname FROM pg_class WHERE relnamespace = 'somebody_else'::regnamespace AND relkind <> 'i'`,
      )
      assert.deepEqual(relations, [{ relname: name }])
    })
  }
}

function sqlOf({ sql }: Storage): Sql {
  assert.ok(sql !== undefined)
  return sql()
}

for (const storage of databases())
  describe(`the tables in ${storage.name}`, { skip: storage.skip ?? false }, () => inside(storage))

test('a server that cannot be reached is told without its password', async () => {
  const url = 'postgres://someone:secret@127.0.0.1:9/dacc'
  await assert.rejects(openServer(url), (error: Error) => {
    assert.ok(error instanceof DatabaseError)
    assert.match(error.message, /^DATABASE_URL: the PostgreSQL server 127\.0\.0\.1:9\/dacc cannot be reached \(/)
    assert.ok(!error.message.includes('secret'))
    return true
  })
  assert.equal(serverOf('no address'), 'that it names')
})

// The stores that a DACC can keep its measures in, each tested alike.

import { after, before } from 'node:test'
import { type Definitions, readDefinitions } from '../../../js/stand-in/dacc/definitions.ts'
import { type MeasureStore, MemoryMeasureStore } from '../../../js/stand-in/dacc/measure-store.ts'
import { openEmbedded } from '../../../js/stand-in/postgres/embedded.ts'
import { SqlMeasureStore } from '../../../js/stand-in/postgres/measure-store.ts'
import { openServer } from '../../../js/stand-in/postgres/server.ts'
import type { Sql } from '../../../js/stand-in/postgres/sql.ts'

export interface Storage {
  readonly name: string
  /** Why it cannot be tested here. */
  readonly skip?: string
  /** An empty store. */
  fresh(definitions: Definitions): Promise<MeasureStore>
  /** The database, where there is one. */
  readonly sql?: () => Sql
}

const memory: Storage = { name: 'memory', fresh: async () => new MemoryMeasureStore() }

/** One database for all tests of a file, emptied for each. */
function database(name: string, open: () => Promise<Sql>, close: (sql: Sql) => Promise<void>, skip?: string): Storage {
  let sql: Sql | undefined
  if (skip === undefined) {
    before(async () => {
      sql = await open()
    })
    after(async () => {
      if (sql !== undefined) await close(sql)
    })
  }
  const opened = (): Sql => {
    if (sql === undefined) throw new Error(`${name} is not open`)
    return sql
  }
  const fresh = async (definitions: Definitions): Promise<MeasureStore> => {
    const store = await SqlMeasureStore.open(opened(), readDefinitions(definitions).values())
    await opened().run('TRUNCATE raw_measure, aggregation')
    return store
  }
  return { name, ...(skip !== undefined && { skip }), fresh, sql: opened }
}

/** A schema of its own: whatever else is in that database stays as it is. */
const SCHEMA = `dacc_test_${process.pid}`

async function openSchema(url: string): Promise<Sql> {
  const plain = await openServer(url)
  await plain.run(`CREATE SCHEMA ${SCHEMA}`)
  await plain.close()
  const inside = new URL(url)
  inside.searchParams.set('options', `-c search_path=${SCHEMA}`)
  return openServer(inside.href)
}

async function dropSchema(sql: Sql): Promise<void> {
  await sql.run(`DROP SCHEMA ${SCHEMA} CASCADE`)
  await sql.close()
}

/** The databases; call it once a file. */
export function databases(): Storage[] {
  const url = process.env['DATABASE_URL']
  return [
    database(
      'embedded PostgreSQL',
      () => openEmbedded(),
      (sql) => sql.close(),
    ),
    database(
      'a PostgreSQL server',
      () => openSchema(url ?? ''),
      dropSchema,
      url === undefined ? 'DATABASE_URL is not set' : undefined,
    ),
  ]
}

/** All stores; call it once a file. */
export function storages(): Storage[] {
  return [memory, ...databases()]
}

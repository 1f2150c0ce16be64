// Keeps measures in PostgreSQL.

import type { Aggregate, Groups, Range } from '../dacc/aggregation.ts'
import type { Definition } from '../dacc/definitions.ts'
import type { StoredMeasure } from '../dacc/measure.ts'
import type { MeasureStore, Receipt } from '../dacc/measure-store.ts'
import { importDefinitions, provideTables } from './schema.ts'
import type { Row, Sql } from './sql.ts'

/** Rows of one statement: far below every limit of the protocol. */
const BATCH = 1000

/** Measures in PostgreSQL, in the tables of the public server. */
export class SqlMeasureStore implements MeasureStore {
  readonly #sql: Sql

  private constructor(sql: Sql) {
    this.#sql = sql
  }

  /** Makes the tables where they are missing, and imports the definitions. */
  static async open(sql: Sql, definitions: Iterable<Definition>): Promise<SqlMeasureStore> {
    await provideTables(sql)
    await importDefinitions(sql, definitions)
    return new SqlMeasureStore(sql)
  }

  async insert(measures: readonly StoredMeasure[]): Promise<void> {
    for (let from = 0; from < measures.length; from += BATCH) {
      await this.#sql.query(INSERT, [JSON.stringify(measures.slice(from, from + BATCH).map(rowOf))])
    }
  }

  async groups({ name }: Definition, { from, to, createdBy }: Range): Promise<Groups> {
    const rows = await this.#sql.query(SELECT_GROUPS, [name, from ?? null, to ?? null, createdBy ?? null])
    const [blocked] = await this.#sql.query<{ reason: string }>(
      'SELECT reason FROM blocked_measure WHERE measure_name = $1',
      [name],
    )
    const aggregates = (isPublished: boolean): Aggregate[] =>
      rows.filter(({ published }) => published === isPublished).map(aggregateOf)
    return { published: aggregates(true), hidden: aggregates(false), ...(blocked && { blocked: blocked.reason }) }
  }

  async count(): Promise<number> {
    const [row] = await this.#sql.query<{ count: number }>('SELECT count(*)::integer AS count FROM raw_measure')
    return row?.count ?? 0
  }

  async receipts(home: string): Promise<readonly Receipt[]> {
    const rows = await this.#sql.query<{ cell: string; payload: string; status: number; sentence: string }>(
      'SELECT cell, payload, status, sentence FROM page_receipt WHERE home = $1 ORDER BY id',
      [home],
    )
    return rows.map(({ cell, payload, status, sentence }) => ({ cell, payload, status, sentence }))
  }

  async keepReceipt(home: string, { cell, payload, status, sentence }: Receipt): Promise<void> {
    await this.#sql.query(
      `INSERT INTO page_receipt (home, cell, payload, status, sentence) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (home, cell) DO UPDATE SET payload = EXCLUDED.payload, status = EXCLUDED.status, sentence = EXCLUDED.sentence`,
      [home, cell, payload, status, sentence],
    )
  }

  async forgetReceipts(home: string): Promise<void> {
    await this.#sql.query('DELETE FROM page_receipt WHERE home = $1', [home])
  }
}

const INSERT = `
  INSERT INTO raw_measure (measure_name, value, start_date, created_by, group1, group2, group3)
  SELECT name, value::numeric, date::timestamp, app, group1::jsonb, group2::jsonb, group3::jsonb
  FROM jsonb_to_recordset($1::text::jsonb)
    AS m(name text, value text, date text, app text, group1 text, group2 text, group3 text)`

const SELECT_GROUPS = `
  SELECT a.measure_name AS "measureName",
    to_char(a.start_date, 'YYYY-MM-DD"T"HH24:MI:SS')
      || CASE WHEN date_trunc('second', a.start_date) = a.start_date THEN '' ELSE to_char(a.start_date, '.US') END AS "startDate",
    a.created_by AS "createdBy", a.group1, a.group2, a.group3,
    a.sum::float8, a.count, a.count_not_zero AS "countNotZero", a.min::float8, a.max::float8, a.avg::float8, a.std::float8,
    a.median::float8, a.first_quartile::float8 AS "firstQuartile", a.third_quartile::float8 AS "thirdQuartile",
    a.count >= d.aggregation_threshold AS published
  FROM aggregation a JOIN measure_definition d ON d.name = a.measure_name
  WHERE a.measure_name = $1
    AND ($2::timestamp IS NULL OR a.start_date >= $2::timestamp)
    AND ($3::timestamp IS NULL OR a.start_date < $3::timestamp)
    AND ($4::text IS NULL OR a.created_by = $4::text)
  ORDER BY a.start_date, a.created_by, a.group1::text, a.group2::text, a.group3::text`

/** Values and groups go as text: JSON's numbers would lose NaN, and 1.0. */
function rowOf({ measureName, value, startDate, createdBy, groupTexts: [group1, group2, group3] }: StoredMeasure): Row {
  return { name: measureName, value: String(value), date: startDate, app: createdBy, group1, group2, group3 }
}

function aggregateOf({ published: _, ...columns }: Row): Aggregate {
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== null)) as unknown as Aggregate
}

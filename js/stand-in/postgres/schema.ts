// The tables of the public server.

import { DEFAULT_THRESHOLD, type Definition } from '../dacc/definitions.ts'
import { MAX_GROUP_BYTES } from '../dacc/measure.ts'
import { DatabaseError, type Sql } from './sql.ts'

/** What is made here; views too would take the place of somebody else's. */
const OURS = {
  TABLE: ['measure_definition', 'raw_measure', 'aggregation', 'page_receipt'],
  VIEW: ['blocked_measure', 'filtered_aggregation'],
}

/** Names each of them as ours, so that nobody else's are ever written to. */
const MARK = 'made by dacc dev'

/**
 * Tables and columns have the names of the public server, so that what looks into that one can look in
 * here; beside them is what the page sent, for whoever loads it again.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS measure_definition (
    id serial PRIMARY KEY,
    name varchar(100) UNIQUE,
    org varchar(50),
    created_by varchar(100),
    group1_key varchar(100),
    group2_key varchar(100),
    group3_key varchar(100),
    description varchar,
    aggregation_period varchar(50),
    execution_frequency varchar(50),
    aggregation_threshold integer DEFAULT ${DEFAULT_THRESHOLD},
    access_app boolean DEFAULT false,
    access_public boolean DEFAULT false,
    with_quartiles boolean DEFAULT false,
    max_days_to_update_quartile integer DEFAULT 100
  );
  CREATE TABLE IF NOT EXISTS raw_measure (
    id serial PRIMARY KEY,
    measure_name varchar(100),
    value numeric(12, 2) DEFAULT 1,
    start_date timestamp,
    last_updated timestamp DEFAULT now(),
    aggregation_period varchar(100),
    created_by varchar(100),
    group1 jsonb,
    group2 jsonb,
    group3 jsonb
  );
  CREATE TABLE IF NOT EXISTS aggregation (
    id serial PRIMARY KEY,
    measure_name varchar(100),
    start_date timestamp,
    last_updated timestamp DEFAULT now(),
    last_raw_measures_purged timestamp,
    created_by varchar(100),
    group1 jsonb,
    group2 jsonb,
    group3 jsonb,
    sum numeric(12, 2),
    count integer,
    count_not_zero integer,
    min numeric(12, 2),
    max numeric(12, 2),
    avg numeric(12, 2),
    std numeric(12, 2) DEFAULT 0,
    median numeric(12, 2),
    first_quartile numeric(12, 2),
    third_quartile numeric(12, 2)
  );
  CREATE TABLE IF NOT EXISTS page_receipt (
    id serial PRIMARY KEY,
    home text NOT NULL,
    cell text NOT NULL,
    payload text NOT NULL,
    status integer NOT NULL,
    sentence text NOT NULL,
    UNIQUE (home, cell)
  );
  CREATE INDEX IF NOT EXISTS raw_measure_by_group ON raw_measure (measure_name, start_date);
  CREATE INDEX IF NOT EXISTS aggregation_by_group ON aggregation (measure_name, start_date);
`

/** What makes every later aggregation of its measure fail on the public server, until it is deleted by hand. */
const IS_POISONOUS = `value = 'NaN'${['group1', 'group2', 'group3'].map((group) => ` OR octet_length(${group}::text) > ${MAX_GROUP_BYTES}`).join('')}`

const VIEWS = `
  CREATE INDEX IF NOT EXISTS raw_measure_poisonous ON raw_measure (measure_name) WHERE ${IS_POISONOUS};
  CREATE OR REPLACE VIEW blocked_measure AS
    SELECT DISTINCT ON (measure_name) measure_name,
      CASE WHEN value = 'NaN' THEN 'the value is NaN' ELSE 'a group is too large for the index' END AS reason
    FROM raw_measure WHERE ${IS_POISONOUS} ORDER BY measure_name, id;
  CREATE OR REPLACE VIEW filtered_aggregation AS
    SELECT a.* FROM aggregation a JOIN measure_definition d ON d.name = a.measure_name
    WHERE a.count >= d.aggregation_threshold;
`

const MARKS = Object.entries(OURS)
  .flatMap(([kind, names]) => names.map((name) => `COMMENT ON ${kind} ${name} IS '${MARK}';`))
  .join('')

/** Groups are exact, also in how a number is written: 1 and 1.0 are different ones. */
const isSameGroup = (one: string, other: string): string =>
  [
    `${one}.measure_name = ${other}.measure_name`,
    `${one}.start_date = ${other}.start_date`,
    `${one}.created_by IS NOT DISTINCT FROM ${other}.created_by`,
    ...['group1', 'group2', 'group3'].map(
      (group) => `${one}.${group}::text IS NOT DISTINCT FROM ${other}.${group}::text`,
    ),
  ].join(' AND ')

const isSameMeasure = (one: string, other: string): string => `${one}.measure_name = ${other}.measure_name`

const isFree = (alias: string): string =>
  `NOT EXISTS (SELECT FROM blocked_measure b WHERE b.measure_name = ${alias}.measure_name)`

const quartile = (fraction: number): string =>
  `CASE WHEN d.with_quartiles THEN percentile_cont(${fraction}) WITHIN GROUP (ORDER BY r.value) END`

/**
 * The public server aggregates now and then; here a trigger does at once, so that whoever looks at
 * `aggregation` sees what is there. `isTouched` tells which rows have to be aggregated anew.
 */
const aggregateOn = (event: 'insert' | 'delete', isTouched: (one: string, other: string) => string): string => `
  CREATE OR REPLACE FUNCTION aggregate_after_${event}() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    -- Two processes that aggregate one group at once would both miss the other's measure.
    LOCK TABLE aggregation IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM aggregation a USING (SELECT DISTINCT measure_name, start_date, created_by, group1, group2, group3 FROM changed) c
      WHERE ${isTouched('a', 'c')} AND ${isFree('a')};
    INSERT INTO aggregation (measure_name, start_date, created_by, group1, group2, group3,
        sum, count, count_not_zero, min, max, avg, std, median, first_quartile, third_quartile)
      SELECT r.measure_name, r.start_date, r.created_by, r.group1::text::jsonb, r.group2::text::jsonb, r.group3::text::jsonb,
        sum(r.value), count(r.value), count(nullif(r.value, 0)), min(r.value), max(r.value), avg(r.value),
        coalesce(stddev(r.value), 0), ${quartile(0.5)}, ${quartile(0.25)}, ${quartile(0.75)}
      FROM raw_measure r JOIN measure_definition d ON d.name = r.measure_name
      WHERE EXISTS (SELECT FROM changed c WHERE ${isTouched('r', 'c')}) AND ${isFree('r')}
      GROUP BY r.measure_name, r.start_date, r.created_by, r.group1::text, r.group2::text, r.group3::text, d.with_quartiles;
    RETURN NULL;
  EXCEPTION WHEN numeric_value_out_of_range THEN
    -- A sum that its column cannot hold: the public server's aggregation fails on it too.
    RETURN NULL;
  END $$;
  CREATE OR REPLACE TRIGGER aggregate_after_${event} AFTER ${event.toUpperCase()} ON raw_measure
    REFERENCING ${event === 'insert' ? 'NEW' : 'OLD'} TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION aggregate_after_${event}();
`

/**
 * Makes the tables where they are missing.
 * @throws DatabaseError when somebody else's are there, a real server's perhaps.
 */
export async function provideTables(sql: Sql): Promise<void> {
  const foreign = await sql.query<{ name: string }>(
    `SELECT name FROM unnest($1::text[]) AS ours(name)
     WHERE to_regclass(name) IS NOT NULL AND obj_description(to_regclass(name), 'pg_class') IS DISTINCT FROM '${MARK}'`,
    [Object.values(OURS).flat()],
  )
  if (foreign.length > 0) {
    const names = foreign.map(({ name }) => name).join(', ')
    throw new DatabaseError(
      `DATABASE_URL: this database has ${names}, which dacc dev did not make; name an empty database`,
    )
  }
  await sql.transaction(({ run }) =>
    run([TABLES, VIEWS, MARKS, aggregateOn('insert', isSameGroup), aggregateOn('delete', isSameMeasure)].join('')),
  )
}

/** Imports definitions as the public server does: by name, the new ones in place of the old. */
export async function importDefinitions(sql: Sql, definitions: Iterable<Definition>): Promise<void> {
  const columns = {
    name: 'text',
    org: 'text',
    createdBy: 'text',
    group1Key: 'text',
    group2Key: 'text',
    group3Key: 'text',
    description: 'text',
    aggregationPeriod: 'text',
    executionFrequency: 'text',
    aggregationThreshold: 'integer',
    accessApp: 'boolean',
    accessPublic: 'boolean',
    withQuartiles: 'boolean',
    maxDaysToUpdateQuartile: 'integer',
  }
  const defaults: Record<string, string> = {
    aggregationThreshold: String(DEFAULT_THRESHOLD),
    accessApp: 'false',
    accessPublic: 'false',
    withQuartiles: 'false',
    maxDaysToUpdateQuartile: '100',
  }
  const names = Object.keys(columns).map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
  const fields = Object.entries(columns).map(([name, type]) => `"${name}" ${type}`)
  const values = Object.keys(columns).map((name) =>
    name in defaults ? `coalesce(d."${name}", ${defaults[name]})` : `d."${name}"`,
  )
  await sql.query(
    `INSERT INTO measure_definition (${names.join(', ')})
     SELECT ${values.join(', ')} FROM jsonb_to_recordset($1::text::jsonb) AS d(${fields.join(', ')})
     ON CONFLICT (name) DO UPDATE SET ${names.map((name) => `${name} = EXCLUDED.${name}`).join(', ')}`,
    [JSON.stringify([...definitions])],
  )
}

// DuckDB, native: a file is read and the four indicators are made in SQL.

import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { asTheyAre, type Cell, type Input, type Peer } from './peer.ts'

type Row = readonly [name: string, date: string, groups: string[], value: number]

/** The file that all peers are given. */
export const duckdb = peer(({ file }) => sql(file, 'array'))

/** A line says where an event begins, so all cores read at once. */
export const duckdbLines = peer(({ lines }) => sql(lines, 'newline_delimited'))

function peer(statementFor: (input: Input) => string): Peer<Cell[]> {
  let connection: DuckDBConnection
  let statement = ''
  let months: readonly string[]
  return {
    cells: asTheyAre,
    async load(input) {
      connection = await (await DuckDBInstance.create(':memory:')).connect()
      months = input.options.months ?? []
      statement = statementFor(input)
    },
    async run() {
      const rows = (await connection.runAndReadAll(statement)).getRowsJson() as unknown as Row[]
      const connected = new Map(months.map((month) => [`${month}-01`, 0]))
      const cells: Cell[] = []
      for (const [name, date, groups, value] of rows) {
        // A month without a connection has no row.
        if (name !== 'connection-count-monthly') cells.push([name, date, groups, value])
        else if (connected.has(date)) connected.set(date, value)
      }
      for (const [month, days] of connected) cells.push(['connection-count-monthly', month, [], days])
      return cells
    },
  }
}

/** Only the columns that are needed, with types given: nothing is guessed. */
const sql = (file: string, format: 'array' | 'newline_delimited') => `
with events as materialized (
  select _id, type, target, result, startDate as began, eventDate as moment, eventDate::date as day
  from read_json('${file}', format = '${format}', columns = {
    _id: 'varchar', type: 'varchar', target: 'varchar', result: 'varchar',
    startDate: 'timestamp', eventDate: 'timestamp'
  })
),
numbered as (
  select day, moment, type, result,
    count(*) filter (type = 'ConnectionEvent') over (partition by day order by moment, _id rows unbounded preceding) as number
  from events
),
sessions as (
  select day,
    if(bool_or(type = 'ConnectionEvent' and result = 'firstConnection'), 'first', 'any') as kind,
    least(epoch_ms(max(moment) - min(moment)) // 1000, 9999999) as seconds
  from numbered where number > 0 group by day, number
),
spans as (
  select day, name, if(regexp_full_match(coalesce(target, ''), '[A-Z][A-Z0-9_]{0,29}'), target, 'other') as target,
    epoch_ms(moment) - epoch_ms(began) as millis
  from events join (values
    ('ChallengeEndEvent', 'challenge'), ('QuizEndEvent', 'quiz'),
    ('ExplorationEndEvent', 'exploration'), ('ActionEndEvent', 'action')
  ) as names(type, name) using (type)
)
select 'navigation-count-daily', day::varchar, [if(target in (
    'electricity', 'gas', 'eau', 'water', 'multifluid', 'faq', 'legalNotice',
    'consumption', 'challenges', 'ecogestures', 'analysis', 'options'
  ), target, 'other')] as groups, count(*)::double
from events where type = 'NavigationEvent' group by day, groups
union all
select 'session-duration', day::varchar, [kind], round(avg(seconds), 2) from sessions group by day, kind
union all
select 'event-duration', day::varchar, [name || '-launch', name || '-end', target],
  round(avg(least(millis // 1000, 9999999)), 2)
from spans where millis between 0 and 3660 * 86400000::bigint group by day, name, target
union all
select 'connection-count-monthly', date_trunc('month', day)::date::varchar, [], count(distinct day)::double
from events where type = 'ConnectionEvent' group by date_trunc('month', day)
`

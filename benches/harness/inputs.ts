// The input files: made once, kept under target/bench/inputs/.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import type { Day, Month, Options } from '../../js/index.d.ts'
import { inMade, inRoot, NATIVE } from './places.ts'

/** How the events are written; `benches/native/src/input.rs` says more. */
export type Shape = 'full' | 'slim' | 'ascii' | 'shuffled' | 'pretty' | 'by-id'

export interface InputFile {
  readonly events: number
  readonly shape: Shape
  /** A JSON array. */
  readonly file: string
  readonly bytes: number
  /** The same events, one a line. */
  lines(): string
  /** The whole time of the events, with the benchmarks' own catalog. */
  readonly options: Options
}

/** As `benches/native/src/events.rs` places them. */
const LAST_DAY = '2025-12-31'
const EVENTS_A_DAY = 60
const MOST_DAYS = 1096

const catalog: unknown = JSON.parse(readFileSync(inRoot('benches/catalog.json'), 'utf8'))

const SOURCES = 'benches/native/src'

/** What the files depend on. */
const generator = createHash('sha256')
for (const source of readdirSync(inRoot(SOURCES)).sort()) {
  if (['events.rs', 'input.rs', 'json.rs'].includes(source)) generator.update(readFileSync(inRoot(`${SOURCES}/${source}`)))
}
const version = generator.digest('hex').slice(0, 8)

export function input(events: number, shape: Shape = 'full'): InputFile {
  const file = make(events, shape, 'array')
  return {
    events,
    shape,
    file,
    bytes: statSync(file).size,
    lines: () => make(events, shape, 'lines'),
    options: options(events),
  }
}

function make(events: number, shape: Shape, framing: 'array' | 'lines'): string {
  const name = `${shape}-${events}-${version}.${framing === 'array' ? 'json' : 'ndjson'}`
  const file = inMade(`inputs/${name}`)
  if (!existsSync(file)) {
    mkdirSync(inMade('inputs'), { recursive: true })
    execFileSync(NATIVE, ['generate', String(events), shape, framing, `${file}.part`], { stdio: 'inherit' })
    renameSync(`${file}.part`, file)
  }
  return file
}

function options(events: number): Options {
  const days = Math.min(Math.max(Math.ceil(events / EVENTS_A_DAY), 1), MOST_DAYS)
  const last = new Date(`${LAST_DAY}T00:00:00Z`)
  const first = new Date(last)
  first.setUTCDate(first.getUTCDate() - (days - 1))
  const from = first.toISOString().slice(0, 10) as Day
  return {
    now: '2026-01-01T02:00:00',
    from,
    to: LAST_DAY,
    months: months(first, last),
    consent: [{ from }],
    catalog: catalog as NonNullable<Options['catalog']>,
  }
}

function months(first: Date, last: Date): Month[] {
  const months: Month[] = []
  for (const month = new Date(first); month <= last; month.setUTCMonth(month.getUTCMonth() + 1, 1)) {
    months.push(month.toISOString().slice(0, 7) as Month)
  }
  return months
}

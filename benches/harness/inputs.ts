// The input files: made once, kept under target/bench/inputs/.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import type { Day, Month, Options } from '../../js/types/index.d.ts'
import { inMade, inRoot, NATIVE } from './places.ts'

/** How the events are written; `benches/native/src/input.rs` says more. */
export type Shape =
  | 'full'
  | 'slim'
  | 'ascii'
  | 'shuffled'
  | 'pretty'
  | 'by-id'
  | 'mix'
  | 'mix-four'
  | 'mix-slim'
  | 'targets'
  | 'many-targets'
  | 'trips'

export interface InputFile {
  readonly events: number
  readonly shape: Shape
  /** A JSON array. */
  readonly file: string
  readonly bytes: number
  /** The same events, one a line. */
  lines(): string
  /** The whole time of the events, with the benchmarks' own catalog or all that is built in. */
  readonly options: Options
}

/** As `benches/native/src/events.rs` places them. */
const LAST_DAY = '2025-12-31'
const EVENTS_A_DAY = 60
const MOST_DAYS = 1096

/** As `benches/native/src/mix.rs` places its own. */
const MIXED_EVENTS_A_DAY = 10
const MOST_MIXED_DAYS = 365

/** The shapes of which all fifteen indicators are asked. */
const ASKED_FOR_ALL: readonly Shape[] = ['mix', 'mix-slim', 'targets', 'many-targets', 'trips']

const catalog: unknown = JSON.parse(readFileSync(inRoot('benches/catalog.json'), 'utf8'))

const SOURCES = 'benches/native/src'

/** What the files depend on. */
const generator = createHash('sha256')
for (const source of readdirSync(inRoot(SOURCES)).sort()) {
  if (['events.rs', 'input.rs', 'json.rs', 'mix.rs'].includes(source))
    generator.update(readFileSync(inRoot(`${SOURCES}/${source}`)))
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
    options: options(events, shape),
  }
}

function make(events: number, shape: Shape, framing: 'array' | 'lines'): string {
  const written = shape === 'mix-four' ? 'mix' : shape
  const name = `${written}-${events}-${version}.${framing === 'array' ? 'json' : 'ndjson'}`
  const file = inMade(`inputs/${name}`)
  if (!existsSync(file)) {
    mkdirSync(inMade('inputs'), { recursive: true })
    execFileSync(NATIVE, ['generate', String(events), written, framing, `${file}.part`], { stdio: 'inherit' })
    renameSync(`${file}.part`, file)
  }
  return file
}

function days(events: number, shape: Shape): number {
  const isMixed = shape === 'mix-four' || ASKED_FOR_ALL.includes(shape)
  const [days, most] = isMixed
    ? [Math.floor(events / MIXED_EVENTS_A_DAY), MOST_MIXED_DAYS]
    : [Math.ceil(events / EVENTS_A_DAY), MOST_DAYS]
  return Math.min(Math.max(days, 1), most)
}

function options(events: number, shape: Shape): Options {
  const last = new Date(`${LAST_DAY}T00:00:00Z`)
  const first = new Date(last)
  first.setUTCDate(first.getUTCDate() - (days(events, shape) - 1))
  const from = first.toISOString().slice(0, 10) as Day
  return {
    now: '2026-01-01T02:00:00',
    from,
    to: LAST_DAY,
    months: months(first, last),
    consent: [{ from }],
    ...(ASKED_FOR_ALL.includes(shape) ? {} : { catalog: catalog as NonNullable<Options['catalog']> }),
  }
}

function months(first: Date, last: Date): Month[] {
  const months: Month[] = []
  for (const month = new Date(first); month <= last; month.setUTCMonth(month.getUTCMonth() + 1, 1)) {
    months.push(month.toISOString().slice(0, 7) as Month)
  }
  return months
}

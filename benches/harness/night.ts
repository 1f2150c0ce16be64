// Whole nightly runs of a typical home: the real service file against a local Cozy.

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readPermissions, SERVICE } from '../../js/demo/built-package.ts'
import { generateHome } from '../../js/generate/home.ts'
import { type Cozy, startCozy } from '../../js/stand-in/cozy/cozy.ts'
import { startDacc } from '../../js/stand-in/dacc/dacc.ts'
import type { Definitions, Dacc as Package } from '../../js/types/index.d.ts'
import { input } from './inputs.ts'
import { inMade, inRoot } from './places.ts'
import { median } from './statistics.ts'

export interface Night {
  readonly millis: number
  /** Milliseconds of all threads of the service's process. */
  readonly cpu: number
  readonly rss: number
  readonly requests: number
  readonly sent: number
}

export interface Nights {
  readonly eventsADay: number
  /** Reads the whole year. */
  readonly first: Night
  /** Of the nights after it, the medians. */
  readonly typical: Night
}

const EVENTS_A_DAY = 60
const YEAR = { from: '2025-01-01', to: '2025-12-31' } as const
const EVENTS = 'com.grandlyon.ecolyo.usageevents'

/** The first night, and the nights after it: none of them computes a month. */
const FIRST = '2025-12-15'
const TYPICAL = ['2025-12-16', '2025-12-17', '2025-12-18', '2025-12-19', '2025-12-20']

interface Event {
  readonly _id: string
  readonly eventDate: string
}

export async function nights(): Promise<Nights> {
  const { file } = input(EVENTS_A_DAY * 365)
  const events = JSON.parse(readFileSync(file, 'utf8')) as Event[]
  const before =
    (night: string) =>
    ({ eventDate }: Event) =>
      eventDate < night
  const home = generateHome({
    seed: 4,
    ...YEAR,
    name: 'typical',
    habit: 'devoted',
    consent: 'given',
    joined: YEAR.from,
  })
  const { load } = (await import(inRoot('pkg/index.node.js'))) as { load: () => Promise<Package> }
  const definitions: Definitions = (await load()).definitions()
  const dacc = await startDacc({ definitions, token: 'of-the-dacc' })
  const permissions = await readPermissions()
  const cozy = await startCozy({
    home: { ...home, [EVENTS]: events.filter(before(FIRST)) },
    token: 'of-the-app',
    ...(permissions && { permissions }),
    dacc: dacc.url,
    daccToken: 'of the dacc',
  })
  const spend = async (night: string): Promise<Night> => {
    const [requests, sent] = [cozy.requests.length, (await dacc.measures()).length]
    const took = await run(cozy, night)
    return { ...took, requests: cozy.requests.length - requests, sent: (await dacc.measures()).length - sent }
  }
  try {
    const first = await spend(FIRST)
    const later: Night[] = []
    let [last] = [FIRST]
    for (const night of TYPICAL) {
      for (const event of events.filter(before(night))) if (!before(last)(event)) cozy.put(EVENTS, { ...event })
      later.push(await spend(night))
      last = night
    }
    const middle = (part: keyof Night) => median(later.map((night) => night[part]))
    return {
      eventsADay: EVENTS_A_DAY,
      first,
      typical: {
        millis: middle('millis'),
        cpu: middle('cpu'),
        rss: middle('rss'),
        requests: middle('requests'),
        sent: middle('sent'),
      },
    }
  } finally {
    await cozy.close()
    await dacc.close()
  }
}

async function run(cozy: Cozy, night: string): Promise<Pick<Night, 'millis' | 'cpu' | 'rss'>> {
  const usage = inMade('usage.json')
  const began = performance.now()
  const child = spawn(process.execPath, ['--require', inRoot('benches/harness/programs/usage.cjs'), SERVICE], {
    env: {
      COZY_URL: cozy.url,
      COZY_CREDENTIALS: cozy.token,
      COZY_TIME_LIMIT: '305',
      COZY_JOB_ID: night,
      COZY_FIELDS: JSON.stringify({ now: `${night}T03:12:00` }),
      DACC_BENCH_USAGE: usage,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const log: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => log.push(chunk))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  const millis = performance.now() - began
  if (code !== 0) throw new Error(`the service ended with ${code}:\n${Buffer.concat(log).toString()}`)
  return { millis, ...(JSON.parse(readFileSync(usage, 'utf8')) as { cpu: number; rss: number }) }
}

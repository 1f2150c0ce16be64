// A Cozy and a DACC on this machine, and what a preview says of the same home.

import { readFile } from 'node:fs/promises'
import type { TestContext } from 'node:test'
import { load } from '../../../js/api/index.node.ts'
import type { Cozy } from '../../../js/stand-in/cozy/cozy.ts'
import { startCozy } from '../../../js/stand-in/cozy/cozy.ts'
import type { Dacc } from '../../../js/stand-in/dacc/dacc.ts'
import { startDacc } from '../../../js/stand-in/dacc/dacc.ts'
import type { Options } from '../../../pkg/wasm/dacc_aggregator.js'

export type Home = Record<string, object[]>

const TOKEN = 'the-token-of-the-app'
const DACC_TOKEN = 'the-token-of-the-stack'

/** A fragment of the manifest, as the stack would have it. */
export async function manifest(name = 'manifest.webapp') {
  const text = await readFile(new URL(`../../../pkg/${name}`, import.meta.url), 'utf8')
  return JSON.parse(text) as {
    services: Record<string, { type: string; file: string; trigger: string }>
    permissions: Record<string, { type: string; verbs: string[] }>
  }
}

export interface World {
  cozy: Cozy
  dacc: Dacc
  /** What the stack gives the service. */
  environment(options?: Options): Record<string, string>
}

/** Starts both for a test, with the manifest's permissions unless others are given. */
export async function world(
  t: TestContext,
  home: Home,
  settings: Partial<Parameters<typeof startCozy>[0]> = {},
): Promise<World> {
  const { definitions } = await load()
  const dacc = await startDacc({ definitions: definitions(), token: DACC_TOKEN })
  t.after(() => dacc.close())
  const { permissions } = await manifest()
  const cozy = await startCozy({ home, token: TOKEN, permissions, dacc: dacc.url, daccToken: DACC_TOKEN, ...settings })
  t.after(() => cozy.close())
  const environment = (options: Options = {}) => ({
    COZY_URL: cozy.url,
    COZY_CREDENTIALS: TOKEN,
    COZY_LOCALE: 'fr',
    COZY_TIME_LIMIT: '305',
    COZY_JOB_ID: 'f2ac45e4f1a7f5d3',
    COZY_TRIGGER_ID: 'a4d6b1f7c3e2',
    COZY_FIELDS: JSON.stringify(options),
    COZY_PAYLOAD: '{}',
  })
  return { cozy, dacc, environment }
}

/** The payloads that a preview shows, in order. */
export async function previewed(home: Home, options: Options): Promise<string[]> {
  const { aggregateHome } = await load()
  const bytes = new TextEncoder().encode(JSON.stringify(home))
  return aggregateHome(bytes, options).measures.map((measure) => JSON.stringify(measure))
}

/** The payloads that the DACC took, in order. */
export async function stored(dacc: Dacc): Promise<string[]> {
  return (await dacc.measures()).map((measure) => measure.sent)
}

/** A month in which every indicator has something to say. */
export const FULL_HOME: Home = {
  'com.grandlyon.ecolyo.term': [{ _id: 't1', accepted: true, version: '1.0.0', date: '2024-01-01T09:00:00.000Z' }],
  'com.grandlyon.ecolyo.profile': [
    {
      _id: 'p1',
      monthlyAnalysisDate: '2024-01-03T00:00:00.000Z',
      sendAnalysisNotification: true,
      firstConnectionDate: '2024-01-02T08:00:00.000Z',
    },
  ],
  'com.grandlyon.ecolyo.profiletype': [
    { _id: 'pt1', housingType: 'apartment', updateDate: '2024-01-02T09:00:00.000Z' },
  ],
  'com.grandlyon.enedis.month': [
    { load: 100, year: 2024, month: 2 },
    { load: 90, year: 2024, month: 3 },
  ],
  'com.grandlyon.egl.month': [
    { load: 10, year: 2024, month: 2 },
    { load: 12, year: 2024, month: 3 },
  ],
  'com.grandlyon.grdf.month': [
    { load: 7, year: 2024, month: 2 },
    { load: 7, year: 2024, month: 3 },
  ],
  'com.grandlyon.enedis.minute': [{ load: 0.2, year: 2024, month: 3, day: 1, hour: 0, minute: 30 }],
  'io.cozy.accounts': [
    { _id: 'a1', account_type: 'enedisgrandlyon' },
    { _id: 'a2', account_type: 'eglgrandlyon' },
  ],
  'io.cozy.triggers': [{ _id: 'tr1', message: { account: 'a2' }, current_state: { status: 'errored' } }],
  'com.grandlyon.ecolyo.usageevents': [
    ['ConnectionEvent', '2024-04-02T08:00:00.000Z', { context: 'Firefox', result: 'firstConnection' }],
    ['NavigationEvent', '2024-04-02T08:00:10.000Z', { target: 'consumption' }],
    ['ConsumptionCompareEvent', '2024-04-02T08:00:20.000Z', { target: 'month', context: 'electricity' }],
    ['ConsumptionChangeTimeStepEvent', '2024-04-02T08:00:30.000Z', { target: 'day', context: 'water' }],
    ['KonnectorConnectEvent', '2024-04-02T08:01:00.000Z', { target: 'enedisgrandlyon', result: 'success' }],
    ['KonnectorRefreshEvent', '2024-04-02T08:02:00.000Z', { target: 'eglgrandlyon', result: 'error' }],
    ['ChallengeLaunchEvent', '2024-04-02T08:03:00.000Z', { target: 'CHALLENGE0001' }],
    [
      'QuizEndEvent',
      '2024-04-02T08:05:00.000Z',
      { target: 'QUIZ001', context: 'CHALLENGE0001', startDate: '2024-04-02T08:04:00.000Z', result: 4 },
    ],
    ['ActionChangeEvent', '2024-04-02T08:06:00.000Z', { target: 'ECOGESTURE0001', context: 'CHALLENGE0001' }],
    ['ProfileSetEvent', '2024-03-10T09:00:00.000Z', {}],
    ['ConnectionEvent', '2024-03-10T08:59:00.000Z', { context: 'mobile' }],
    ['ReportFromEvent', '2024-03-04T09:00:00.000Z', { context: 'analysis', result: 1 }],
    ['KonnectorAttemptEvent', '2024-03-05T09:00:00.000Z', { target: 'enedisgrandlyon', result: 'success' }],
  ].map(([type, eventDate, fields], at) => ({
    _id: `e${at}`,
    type,
    eventDate,
    aggregated: false,
    ...(fields as object),
  })),
}

/** The run of 3 April, on which March is due. */
export const FULL_OPTIONS: Options = { now: '2024-04-03T02:00:00', firstDay: '2024-03-31' }

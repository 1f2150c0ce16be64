// Executes the nightly run of one home: its Cozy, the service, and what reached the DACC.

import { generateHome, type Home, type HomeOptions } from '../generate/home.ts'
import { type Permissions, startCozy } from '../stand-in/cozy/cozy.ts'
import type { Dacc } from '../stand-in/dacc/dacc.ts'
import type { Dacc as Aggregator, Diagnostics, Measure } from '../types/index.d.ts'
import { RUN_OPTIONS } from './homes.ts'
import { runService, type ServiceRun } from './service-process.ts'

/** What all runs share. */
export interface RunSetup {
  readonly aggregator: Aggregator
  readonly dacc: Dacc
  readonly daccToken: string
  readonly permissions: Permissions | undefined
  readonly interruption: AbortSignal
}

/** The result of a run. */
export interface HomeRun {
  readonly name: string
  readonly options: HomeOptions
  readonly events: number
  /** The process of the service. */
  readonly ended: ServiceRun
  /** What a preview of the same home with the same options shows. */
  readonly previewed: readonly Measure[]
  readonly diagnostics: Diagnostics
  /** The bodies that the DACC stored, in the order of arrival. */
  readonly stored: readonly string[]
  /** The doctypes that the service asked for. */
  readonly doctypes: ReadonlySet<string>
}

/** Long enough for its homes' documents, and as the stack counts: the limit plus up to 5 s. */
const TIME_LIMIT_SECONDS = 305

/** Generates a home, starts a Cozy with it and runs the service there. */
export async function runHome(options: HomeOptions, surroundings: RunSetup): Promise<HomeRun> {
  const { aggregator, dacc, daccToken, permissions, interruption } = surroundings
  const home = generateHome(options)
  const { measures: previewed, diagnostics } = preview(aggregator, home)

  const before = (await dacc.measures()).length
  const token = `token-of-the-app-${before}`
  const cozy = await startCozy({ home, token, ...(permissions && { permissions }), dacc: dacc.url, daccToken })
  try {
    const ended = await runService(environment(cozy.url, token), interruption)
    return {
      name: options.name,
      options,
      events: home['com.grandlyon.ecolyo.usageevents'].length,
      ended,
      previewed,
      diagnostics,
      stored: (await dacc.measures()).slice(before).map(({ sent }) => sent),
      doctypes: new Set(cozy.requests.map(({ path }) => path.split('/')[2] ?? '')),
    }
  } finally {
    await cozy.close()
  }
}

function preview(aggregator: Aggregator, home: Home) {
  return aggregator.aggregateHome(new TextEncoder().encode(JSON.stringify(home)), RUN_OPTIONS)
}

/** The stack's environment, and no more than that. */
function environment(url: string, token: string): Record<string, string> {
  return {
    COZY_URL: url,
    COZY_CREDENTIALS: token,
    COZY_LOCALE: 'fr',
    COZY_TIME_LIMIT: String(TIME_LIMIT_SECONDS),
    COZY_JOB_ID: '5f0c1a9b7d3e4f62',
    COZY_TRIGGER_ID: 'b81d24f09c6a7e35',
    COZY_FIELDS: JSON.stringify(RUN_OPTIONS),
    COZY_PAYLOAD: '{}',
  }
}

// Simulates connections to suppliers: attempts, refreshes, and the accounts they create.

import type { Fluid } from '../types/index.d.ts'
import { createDocument, type Document } from './events.ts'
import { KONNECTOR_SUCCESS, SUPPLIES } from './fluids.ts'
import type { Random } from './random.ts'
import type { Session } from './session.ts'

export interface Account extends Document {
  readonly account_type: string
}

export interface Trigger extends Document {
  readonly type: string
  readonly worker: string
  readonly message: { readonly account: string; readonly konnector: string }
  readonly current_state: { readonly status: 'done' | 'errored' }
}

type State = 'absent' | 'done' | 'errored'

/** How likely somebody tries to connect what is not connected yet. */
const TRIES = 0.7

/** How likely a connection is refreshed by hand in a session that looks at the options. */
const REFRESHES = 0.6

export class Konnectors {
  readonly #states: Map<Fluid, State>
  readonly #withData: Set<Fluid>

  /** `wanted` is what the home connects sooner or later. */
  constructor(wanted: readonly Fluid[], areConnected: boolean) {
    this.#states = new Map(wanted.map((fluid) => [fluid, areConnected ? 'done' : 'absent']))
    this.#withData = new Set(areConnected ? wanted : [])
  }

  /** Those whose data has come at least once. */
  get withData(): Fluid[] {
    return [...this.#withData]
  }

  /** Those whose connection works. */
  get connected(): Fluid[] {
    return [...this.#states].filter(([, state]) => state === 'done').map(([fluid]) => fluid)
  }

  /** Tries once to connect the next fluid that is not. */
  connect(session: Session): void {
    const next = [...this.#states].find(([, state]) => state !== 'done')
    if (!next || !session.random.chance(TRIES)) return
    const [fluid] = next
    const target = SUPPLIES[fluid].slug
    session.record('NavigationEvent', { target: fluid })
    session.pass([20, 150])
    const isConnected = session.random.chance(KONNECTOR_SUCCESS.connect)
    const result = isConnected ? 'success' : 'error'
    session.record('KonnectorAttemptEvent', { target, result })
    session.record('KonnectorConnectEvent', { target, result })
    this.#states.set(fluid, isConnected ? 'done' : 'errored')
    if (isConnected) this.#withData.add(fluid)
  }

  /** Fetches new data by hand. */
  refresh(session: Session): void {
    for (const fluid of this.connected) {
      if (!session.random.chance(REFRESHES)) continue
      const isRefreshed = session.random.chance(KONNECTOR_SUCCESS.refresh)
      const result = isRefreshed ? 'success' : 'error'
      session.record('KonnectorRefreshEvent', { target: SUPPLIES[fluid].slug, result })
      if (!isRefreshed) this.#states.set(fluid, 'errored')
    }
  }

  /** The accounts and triggers as they stand; what was never tried has none. */
  documents(random: Random): { accounts: Account[]; triggers: Trigger[] } {
    const accounts: Account[] = []
    const triggers: Trigger[] = []
    for (const [fluid, status] of this.#states) {
      if (status === 'absent') continue
      const { slug } = SUPPLIES[fluid]
      const account = createDocument(random, { account_type: slug })
      accounts.push(account)
      triggers.push(
        createDocument(random, {
          type: '@cron',
          worker: 'konnector',
          message: { account: account._id, konnector: slug },
          current_state: { status },
        }),
      )
    }
    return { accounts, triggers }
  }
}

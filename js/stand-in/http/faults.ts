// Injects faults into requests: slow, lost and refused ones.

import { isObject } from './json.ts'
import type { Decision, Intercept } from './server.ts'

/** What a fault does to a request. */
export const FAULT_KINDS = ['429', '500', 'html-502', 'drop-after-accept'] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

/** Where a fault occurs: the DACC, or the Cozy's remote doctypes or data API. */
export const FAULT_PLACES = ['dacc', 'remote', 'data'] as const
export type FaultPlace = (typeof FAULT_PLACES)[number]

/** Where requests go. The queue of jobs has no faults, but the same latency. */
export type Place = FaultPlace | 'jobs'

/** One rule; without a probability or a count it affects every request. */
export interface FaultRule {
  readonly kind: FaultKind
  readonly at: FaultPlace
  /** 0 … 1 */
  readonly probability?: number
  /** How many more requests it affects. */
  readonly count?: number
}

/** The injected faults. */
export interface Faults {
  /** How long the Cozy waits before it does anything, in milliseconds. */
  readonly latency: number
  /** The first rule that applies decides. */
  readonly rules: readonly FaultRule[]
}

export const NO_FAULTS: Faults = { latency: 0, rules: [] }

/** The longest latency; clients give up before. */
const MAX_LATENCY_MS = 60_000

const DECISIONS: Readonly<Record<FaultKind, Decision>> = {
  '429': {
    status: 429,
    contentType: 'application/json',
    body: JSON.stringify({ error: 'Too many requests: a fault that was asked for.' }),
    headers: { 'retry-after': '1' },
  },
  '500': {
    status: 500,
    contentType: 'application/json',
    body: JSON.stringify({ error: 'Internal server error: a fault that was asked for.' }),
  },
  'html-502': {
    status: 502,
    contentType: 'text/html; charset=utf-8',
    body: '<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1><p>A fault that was asked for.</p>\n',
  },
  'drop-after-accept': 'drop-after',
}

/** A fault cannot be parsed; the message is one sentence. */
export class FaultError extends Error {
  override name = 'FaultError'
}

/**
 * Reads `KIND[:COUNT|:PERCENT%][@PLACE]`, as `500`, `429:3`, `html-502:30%@remote`.
 * @throws FaultError
 */
export function readFault(text: string): FaultRule {
  const parts = /^([^:@]+)(?::(\d+)|:(\d+(?:\.\d+)?)%)?(?:@(.+))?$/.exec(text)
  const [, kind, count, percent, at = 'dacc'] = parts ?? []
  if (count !== undefined && Number(count) === 0)
    throw new FaultError(`The fault ${shown(text)} would never strike; write a count from 1 on.`)
  return checkRule({
    kind: kind ?? text,
    at,
    ...(count !== undefined && { count: Number(count) }),
    ...(percent !== undefined && { probability: Number(percent) / 100 }),
  })
}

/**
 * Reads faults from JSON.
 * @throws FaultError
 */
export function readFaults(value: unknown): Faults {
  if (!isObject(value)) throw new FaultError('Faults are an object, {"latency": milliseconds, "rules": [rule, …]}.')
  const { latency = 0, rules = [] } = value
  if (!Array.isArray(rules)) throw new FaultError('rules is not a list; write [{"kind": "429", "at": "dacc"}, …].')
  return { latency: checkLatency(latency), rules: rules.map(checkRule) }
}

/** @throws FaultError */
export function checkLatency(latency: unknown): number {
  if (typeof latency === 'number' && latency >= 0 && latency <= MAX_LATENCY_MS) return latency
  throw new FaultError(`latency ${shown(latency)} is not a number of milliseconds from 0 to ${MAX_LATENCY_MS}.`)
}

function checkRule(rule: unknown): FaultRule {
  if (!isObject(rule)) throw new FaultError('A rule is not an object; write {"kind": "429", "at": "dacc"}.')
  const { kind, at = 'dacc', probability, count } = rule
  const knownKind = FAULT_KINDS.find((known) => known === kind)
  if (knownKind === undefined)
    throw new FaultError(`The fault ${shown(kind)} is not known; write ${listed(FAULT_KINDS)}.`)
  const knownPlace = FAULT_PLACES.find((known) => known === at)
  if (knownPlace === undefined)
    throw new FaultError(`The place ${shown(at)} is not known; write ${listed(FAULT_PLACES)}.`)
  if (probability !== undefined && !(typeof probability === 'number' && probability >= 0 && probability <= 1)) {
    throw new FaultError(`The probability ${shown(probability)} is not a number from 0 to 1 (0 % to 100 %).`)
  }
  if (count !== undefined && !(Number.isSafeInteger(count) && Number(count) >= 0)) {
    throw new FaultError(`The count ${shown(count)} is not a whole number of requests.`)
  }
  return {
    kind: knownKind,
    at: knownPlace,
    ...(typeof probability === 'number' && { probability }),
    ...(typeof count === 'number' && { count }),
  }
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'that is missing'
}

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

/** Turns faults on and off. */
export class FaultSwitches {
  #faults: Faults
  readonly #chance: () => number

  /** `chance` gives a number from 0 to 1 (1 excluded). */
  constructor(faults: Faults = NO_FAULTS, chance: () => number = Math.random) {
    this.#faults = faults
    this.#chance = chance
  }

  get faults(): Faults {
    return this.#faults
  }

  set faults(faults: Faults) {
    this.#faults = faults
  }

  /** Decides about a request to a place; other requests pass. */
  intercept(placeOf: (path: string) => Place | undefined): Intercept {
    return async ({ path }) => {
      const place = placeOf(path)
      if (place === undefined) return 'pass'
      const { latency } = this.#faults
      // A measure passes both servers, but is delayed only once.
      if (latency > 0 && place !== 'dacc') await new Promise((resolve) => setTimeout(resolve, latency))
      return this.#strike(place)
    }
  }

  #strike(place: Place): Decision {
    const { latency, rules } = this.#faults
    const strikes = ({ at, count = 1, probability = 1 }: FaultRule): boolean =>
      at === place && count > 0 && (probability === 1 || this.#chance() < probability)
    const struck = rules.find(strikes)
    if (struck === undefined) return 'pass'
    const { count } = struck
    if (count !== undefined) {
      this.#faults = { latency, rules: rules.map((rule) => (rule === struck ? { ...rule, count: count - 1 } : rule)) }
    }
    return DECISIONS[struck.kind]
  }
}

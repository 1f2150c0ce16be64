// The connection of the page to the local stack, if there is one.

import { computed, signal } from '@preact/signals'
import { lastDayOf, monthOf } from '../../generate/calendar.ts'
import type { Day, Delivery, Measure, Month, WholeCatalog } from '../../types/index.d.ts'
import type { Rules } from '../protocol/protocol.ts'
import { groupsOf } from './measure-diff.ts'
import { text } from './settings.ts'
import { fail, messageOf, monthlyNames, open, openings, outcome, succeed, updateWorkspace, workspace } from './state.ts'
import { ask } from './worker-client.ts'

export interface Stack {
  cozy: { url: string }
  dacc: { url: string; mode: string; threshold: number }
  faults: Faults
}

export const FAULTS = ['429', '500', 'html-502', 'drop-after-accept'] as const
export type Fault = (typeof FAULTS)[number]

export interface Faults {
  latency: number
  rules: { kind: Fault; at: 'dacc' | 'remote' | 'data' }[]
}

/** What the server says of one measure. */
export interface Sent extends Pick<Delivery, 'outcome' | 'isFinal'> {
  status: number
  sentence: string
}

/** A cell as the server sees it. */
export interface Aggregated extends Omit<Measure, 'value' | 'createdBy'> {
  count: number
  threshold: number
  published: boolean
  aggregate?: Record<string, unknown>
}

/** What some made-up homes sent. */
export interface Neighbourhood {
  added: number
  /** With those of earlier. */
  neighbours: number
  measures: number
  period: { from: Day; to: Day; months: Month[] }
}

export const stack = signal<Stack | undefined>(undefined)
export const failed = signal<string | undefined>(undefined)
export const sending = signal<{ done: number; of: number } | undefined>(undefined)
/** What became of each measure of this home that may not be sent again. */
export const sent = signal<readonly (Sent & { measure: Measure })[]>([])
/** What was said of those of the last sending that may be. */
export const notAccepted = signal<readonly Sent[]>([])
/** What came of the last neighbours. */
export const neighbourhood = signal<Neighbourhood | undefined>(undefined)
/** What the server holds. */
export const aggregates = signal<Aggregated[]>([])

/** Measures in one request: progress is seen, and a fault loses little. */
const AT_ONCE = 100

async function request(path: string, init?: RequestInit): Promise<Response> {
  const wrong = (why: string) => new Error(text.value.server.failed(why))
  const answer = await fetch(path, init).catch((error: unknown) => {
    throw wrong(messageOf(error))
  })
  if (!answer.ok) throw wrong(`${answer.status} ${await answer.text()}`.slice(0, 300))
  return answer
}

const json = (method: string, body: unknown): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

/** Does something of the local stack, and says why where it cannot. */
async function attempt(action: () => Promise<void>): Promise<void> {
  try {
    await action()
    failed.value = undefined
  } catch (error) {
    failed.value = messageOf(error)
  }
}

/** Looks whether the local stack is behind this page. */
export async function findStack(): Promise<void> {
  try {
    const answer = await fetch('dev/state')
    if (!answer.ok || !(answer.headers.get('content-type') ?? '').includes('json')) return
    stack.value = (await answer.json()) as Stack
  } catch {
    return
  }
  const news = new EventSource('dev/events')
  news.addEventListener('change', () => void follow())
  // The service of the Cozy sends too.
  news.addEventListener('measure', () => void readSentSoon())
  await attempt(readAggregates)
}

/** Does something with the home of the local Cozy, and says on the page why where it cannot. */
const withCozy = (what: 'live' | 'save', action: () => Promise<unknown>): Promise<void> =>
  action().then(() => succeed(what), fail(what))

const readHome = async () => (await request('dev/home')).text()

let following = Promise.resolve()

/** The home of the local Cozy has changed. */
function follow(): Promise<void> {
  following = following.then(() =>
    withCozy('live', async () => {
      // What is changed here while the home is fetched must not be lost to it.
      for (let isDone = false; !isDone; ) {
        const now = workspace.value
        isDone = !now?.isLive || now.changes > 0 || (await updateWorkspace(await readHome(), now.generation))
      }
    }),
  )
  return following
}

export const openLive = (name: string, before?: Rules) =>
  withCozy('live', async () => open({ from: 'live', text: await readHome(), name }, before))

/** Gives the local Cozy the home as it was edited here. */
export const saveLive = () =>
  withCozy('save', async () => {
    const { file, workspace: saved } = await ask('save', undefined)
    // Another home may have been opened at this moment.
    if (!saved.isLive) return
    const home = await file.text()
    await request('dev/home?same', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: home })
    // What was changed is now what is there; what was changed since waits to be saved.
    await updateWorkspace(home, saved.generation, 'you')
  })

export const setFaults = (faults: Faults) =>
  attempt(async () => {
    await request('dev/faults', json('PUT', faults))
    stack.value = (await (await request('dev/state')).json()) as Stack
  })

/**
 * What a home contributes once, whatever the value: the cell, but for groups that are an attribute of
 * the contribution and do not identify it.
 */
function identityOf(measure: Measure, { indicators }: Pick<WholeCatalog, 'indicators'>): string {
  const { createdBy, measureName, startDate } = measure
  const identity = indicators.find(({ name }) => name === measureName)?.identity
  const groups = groupsOf(measure).filter(([key]) => identity?.includes(key) ?? true)
  return JSON.stringify([createdBy, measureName, startDate, groups])
}

const catalog = computed(() => outcome.value?.catalog ?? { indicators: [] })

const known = computed(() => new Set(sent.value.map(({ measure }) => identityOf(measure, catalog.value))))

/** Whether it may not be sent again. */
export const isSent = (measure: Measure) => known.value.has(identityOf(measure, catalog.value))

// Another home may have equal measures, and sends its own.
openings.subscribe(() => {
  sent.value = []
  notAccepted.value = []
  neighbourhood.value = undefined
  void attempt(readSent)
})

/** What this home has sent, here or before the page was loaded, is known where it was sent to. */
async function readSent(): Promise<void> {
  const { key } = workspace.value ?? {}
  if (stack.value === undefined || key === undefined) return
  const receipts = (await (await request(`dev/measures?home=${key}`)).json()) as (Sent & { payload: string })[]
  if (workspace.value?.key !== key) return
  sent.value = receipts.map(({ payload, ...said }) => ({ measure: JSON.parse(payload) as Measure, ...said }))
}

let reading = 0

/** A night's measures come one after the other. */
function readSentSoon(): void {
  clearTimeout(reading)
  if (workspace.value?.isLive && sending.value === undefined)
    reading = window.setTimeout(
      () =>
        void attempt(async () => {
          await readSent()
          await readAggregates()
        }),
      300,
    )
}

/** So many that no cell is divided. */
function some(measures: Measure[], from: number): Measure[] {
  let to = Math.min(from + AT_ONCE, measures.length)
  const at = (place: number) => {
    const measure = measures[place]
    return measure && identityOf(measure, catalog.value)
  }
  while (to < measures.length && at(to) === at(to - 1)) to += 1
  return measures.slice(from, to)
}

export const send = (measures: Measure[]) =>
  attempt(async () => {
    const waiting = measures.filter((measure) => !isSent(measure))
    const { key } = workspace.value ?? {}
    const home = openings.value
    notAccepted.value = []
    try {
      for (let done = 0; done < waiting.length; ) {
        sending.value = { done, of: waiting.length }
        const now = some(waiting, done)
        const answers = (await (await request(`dev/measures?home=${key}`, json('POST', now))).json()) as Sent[]
        // Nothing more of a home that was left meanwhile.
        if (openings.value !== home) break
        const final = now.flatMap((measure, at) => {
          const answer = answers[at]
          return answer?.isFinal ? [{ measure, ...answer }] : []
        })
        sent.value = [...sent.value, ...final]
        notAccepted.value = [...notAccepted.value, ...answers.filter(({ isFinal }) => !isFinal)]
        done += now.length
      }
    } finally {
      sending.value = undefined
    }
    await readAggregates()
  })

/** Lets other homes send measures of the days that these are of. */
export const addNeighbours = (count: number, measures: Measure[]) =>
  attempt(async () => {
    neighbourhood.value = undefined
    const answer = await request('dev/neighbours', json('POST', { count, ...daysOf(measures) }))
    neighbourhood.value = { added: count, ...((await answer.json()) as Omit<Neighbourhood, 'added'>) }
    await readAggregates()
  })

/** The first day and the last; a monthly measure is of a whole month. */
function daysOf(measures: Measure[]): { from?: Day | undefined; to?: Day | undefined } {
  const firsts = measures.map(({ startDate }) => startDate)
  const lasts = measures.map(({ measureName, startDate }) =>
    monthlyNames.value.has(measureName) ? lastDayOf(monthOf(startDate)) : startDate,
  )
  return { from: firsts.sort()[0], to: lasts.sort().at(-1) }
}

async function readAggregates(): Promise<void> {
  aggregates.value = (await (await request('dev/aggregates')).json()) as Aggregated[]
}

// The state of the page, and all actions that change it.

import { batch, computed, signal } from '@preact/signals'
import type { Catalog, Day, Measure } from '../../types/index.d.ts'
import type {
  Computation,
  EventFilter,
  EventOutcome,
  EventSummary,
  Rules,
  Source,
  Workspace,
} from '../protocol/protocol.ts'
import { focusOn } from './focus.ts'
import { type Difference, differences } from './measure-diff.ts'
import { ask } from './worker-client.ts'

export const VIEWS = ['events', 'results', 'rules'] as const
/** The part that a narrow screen shows. */
export type View = (typeof VIEWS)[number]

export const TABS = ['indicators', 'payloads', 'notices', 'server'] as const
export type Tab = (typeof TABS)[number]

const DEFAULT_RULES: Rules = {
  consent: 'terms',
  consentFrom: '2024-01-01',
  consentTo: '',
  clock: 'wall',
  zone: 'Europe/Paris',
  now: '',
  catalog: undefined,
}

export const workspace = signal<Workspace | undefined>(undefined)
export const opening = signal<{ name: string; share: number } | undefined>(undefined)
export const rules = signal<Rules>(DEFAULT_RULES)
export const outcome = signal<Computation | undefined>(undefined)
export const eventSummary = signal<EventSummary | undefined>(undefined)
/** Incremented with each answer about the events, so that lists load them again. */
export const revision = signal(0)
/** Incremented with each opened workspace, so that messages about the one before go. */
export const openings = signal(0)
export const busy = signal(false)
/** Actions that can fail. */
export type Failing = 'open' | 'compute' | 'live' | 'save'
export const failure = signal<{ what: Failing; why: string } | undefined>(undefined)

/** Why there is no summary of the events; undefined while there is one or it is being computed. */
export const summaryFailure = signal<string | undefined>(undefined)

/** The effect of the last change, and who made it: the person here, or the app in the local Cozy. */
export const changes = signal<Difference[] | undefined>(undefined)
export const changedBy = signal<'you' | 'app'>('you')

export const day = signal<Day | undefined>(undefined)
/** The filter of the list of events. */
export const eventFilter = signal<EventFilter>('all')
export const searchText = signal('')
export const chosenEvent = signal<number | undefined>(undefined)
export const eventOutcome = signal<EventOutcome | undefined>(undefined)
export const view = signal<View>('events')
export const tab = signal<Tab>('indicators')
/** The selected indicator, and the selected one of its measures. */
export const indicator = signal<string | undefined>(undefined)
export const measure = signal<Measure | undefined>(undefined)
export const catalogOpen = signal(false)

/** A monthly measure belongs to every day of its month. */
export function isOn(measure: Measure, monthly: boolean, day: Day | undefined): boolean {
  if (day === undefined) return true
  return monthly ? measure.startDate.slice(0, 7) === day.slice(0, 7) : measure.startDate === day
}

export const monthlyNames = computed(
  () =>
    new Set(
      (outcome.value?.catalog.indicators ?? []).filter(({ period }) => period === 'month').map(({ name }) => name),
    ),
)

/** The measures of the selected day, or all. */
export const shownMeasures = computed(() =>
  (outcome.value?.measures ?? []).filter((measure) =>
    isOn(measure, monthlyNames.value.has(measure.measureName), day.value),
  ),
)

export const rulesAreDefault = computed(() => {
  const { consent, ...others } = rules.value
  const { consent: _, ...defaults } = DEFAULT_RULES
  return consent === defaultConsent() && JSON.stringify(others) === JSON.stringify(defaults)
})

function defaultConsent(): Rules['consent'] {
  return workspace.value?.kind === 'events' ? 'always' : 'terms'
}

type By = 'you' | 'app'

let baseline: { cause: unknown; measures: Measure[] } | undefined
let wanted: { cause: unknown; by: By } | undefined
let computing: Promise<void> | undefined

/**
 * Computes everything again. Changes with the same cause, as letters typed into one event, are shown
 * together. Calls during a computation share one more computation after it.
 */
function compute(cause?: unknown, by: By = 'you'): Promise<void> {
  wanted = { cause, by }
  computing ??= computeWanted().finally(() => {
    computing = undefined
  })
  return computing
}

async function computeWanted(): Promise<void> {
  busy.value = true
  while (wanted !== undefined) {
    const { cause, by } = wanted
    wanted = undefined
    await computeOnce(cause, by).then(() => succeed('compute'), fail('compute'))
  }
  busy.value = false
}

async function computeOnce(cause: unknown, by: By): Promise<void> {
  const before = outcome.value?.measures
  if (cause === undefined || before === undefined) baseline = undefined
  else if (baseline?.cause !== cause) baseline = { cause, measures: before }
  const found = await ask('compute', rules.value)
  batch(() => {
    outcome.value = found
    changedBy.value = by
    changes.value = baseline && differences(baseline.measures, found.measures)
    if (measure.value !== undefined) measure.value = stillThere(measure.value, found.measures)
  })
  if (wanted !== undefined) return
  const events = await ask('explain', rules.value)
  batch(() => {
    eventSummary.value = events
    revision.value += 1
  })
  await loadEventOutcome()
}

/** The measure of the same cell, with its present value. */
function stillThere(wanted: Measure, measures: Measure[]): Measure | undefined {
  const cell = ({ value: _, ...cell }: Measure) => JSON.stringify(cell)
  return measures.find((measure) => cell(measure) === cell(wanted))
}

export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Shows on the page why an action failed. */
export const fail =
  (what: Failing) =>
  (error: unknown): void => {
    failure.value = { what, why: messageOf(error) }
    if (what === 'compute' && eventSummary.value === undefined) summaryFailure.value = messageOf(error)
  }

/** Removes the message about an action that now succeeded. */
export function succeed(what: Failing): void {
  if (what === 'compute') summaryFailure.value = undefined
  if (failure.value?.what === what) failure.value = undefined
}

async function loadEventOutcome(): Promise<void> {
  const index = chosenEvent.value
  const found = index === undefined ? undefined : await ask('story', { index })
  if (chosenEvent.value === index) eventOutcome.value = found
}

/** Opens a source; `before` are its rules of an earlier session. */
export async function open(source: Source, before?: Rules): Promise<boolean> {
  const { name } = source
  opening.value = { name, share: 0 }
  try {
    const opened = await ask('open', source, (share) => {
      opening.value = { name, share }
    })
    batch(() => {
      workspace.value = opened
      openings.value += 1
      rules.value = before ?? { ...rules.value, consent: defaultConsent(), now: '' }
      forget()
    })
    focusOn('#content')
  } catch (error) {
    fail('open')(error)
    return false
  } finally {
    opening.value = undefined
  }
  await compute()
  if (outcome.value !== undefined || failure.value === undefined || before !== undefined) return true
  // Nothing was changed yet, so the file is at fault and not a rule.
  const { why } = failure.value
  close()
  failure.value = { what: 'open', why }
  return false
}

/** Clears all state that belongs to the workspace. */
function forget(): void {
  outcome.value = undefined
  eventSummary.value = undefined
  summaryFailure.value = undefined
  changes.value = undefined
  failure.value = undefined
  day.value = undefined
  eventFilter.value = 'all'
  searchText.value = ''
  chosenEvent.value = undefined
  eventOutcome.value = undefined
  measure.value = undefined
}

/** Opens another home of the same file. */
export const openOtherHome = (at: number) =>
  withFailure(async () => {
    const opened = await ask('turn', { at })
    batch(() => {
      workspace.value = opened
      openings.value += 1
      forget()
    })
    await compute()
  })

/** Replaces the home by its new version and keeps the selection. False if the workspace has another generation. */
export async function updateWorkspace(text: string, generation: number, by: By = 'app'): Promise<boolean> {
  const opened = await ask('news', { text, generation })
  if (opened === undefined) return false
  // It may have been closed meanwhile.
  if (workspace.value !== undefined) {
    workspace.value = opened
    await compute({}, by)
  }
  return true
}

export function close(): void {
  batch(() => {
    workspace.value = undefined
    forget()
    rules.value = DEFAULT_RULES
  })
}

export function setRules(some: Partial<Rules>): Promise<void> {
  rules.value = { ...rules.value, ...some }
  return compute({})
}

export const resetRules = () => setRules({ ...DEFAULT_RULES, consent: defaultConsent() })

export const setCatalog = (catalog: Catalog | undefined) => setRules({ catalog })

/** Executes an action, and shows why it failed. */
const withFailure = (action: () => Promise<void>): Promise<void> => action().catch(fail('compute'))

export function choose(index: number | undefined): Promise<void> {
  chosenEvent.value = index
  eventOutcome.value = undefined
  return withFailure(loadEventOutcome)
}

export function chooseDay(chosenDay: Day | undefined): void {
  day.value = chosenDay
}

export const edit = (index: number, text: string) =>
  withFailure(async () => {
    workspace.value = await ask('edit', { index, text })
    await compute(`event ${index}`)
  })

export const remove = (index: number) =>
  withFailure(async () => {
    workspace.value = await ask('remove', { index })
    await choose(undefined)
    await compute({})
  })

export const add = (text: string) =>
  withFailure(async () => {
    const { workspace: now, index } = await ask('add', { text })
    workspace.value = now
    chosenEvent.value = index
    await compute(`event ${index}`)
  })

export const undo = () =>
  withFailure(async () => {
    const { workspace: now, index } = await ask('undo', undefined)
    workspace.value = now
    if (index !== undefined && index === chosenEvent.value && (await ask('text', { index })) === '')
      await choose(undefined)
    await compute({})
  })

// What the page knows, and everything that can happen to it.

import { batch, computed, signal } from '@preact/signals'
import type { Catalog, Day, Measure } from '../../types/index.d.ts'
import type { Book, Computed, Only, Rules, Source, Story, Told } from '../protocol/protocol.ts'
import { focusOn } from './focus.ts'
import { type Difference, differences } from './measure-diff.ts'
import { ask } from './worker-client.ts'

export const VIEWS = ['events', 'results', 'rules'] as const
/** Which part a narrow screen shows. */
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

export const book = signal<Book | undefined>(undefined)
export const opening = signal<{ name: string; share: number } | undefined>(undefined)
export const rules = signal<Rules>(DEFAULT_RULES)
export const outcome = signal<Computed | undefined>(undefined)
export const told = signal<Told | undefined>(undefined)
/** Grows with each answer about the events, for those who show some of them. */
export const revision = signal(0)
/** Grows with each book that is opened, for what was said of the one before. */
export const openings = signal(0)
export const busy = signal(false)
/** What can fail. */
export type Failing = 'open' | 'compute' | 'live' | 'save'
export const failure = signal<{ what: Failing; why: string } | undefined>(undefined)

/** Why nothing is told of what lies open; undefined while it is, or is on its way. */
export const untold = signal<string | undefined>(undefined)

/** What the last change did, and whose it was: of the person here, or of the app in the local Cozy. */
export const changes = signal<Difference[] | undefined>(undefined)
export const changedBy = signal<'you' | 'app'>('you')

export const day = signal<Day | undefined>(undefined)
/** Which events are listed. */
export const only = signal<Only>('all')
export const words = signal('')
export const chosen = signal<number | undefined>(undefined)
export const story = signal<Story | undefined>(undefined)
export const view = signal<View>('events')
export const tab = signal<Tab>('indicators')
/** The indicator looked at, and the measure of it. */
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

/** The measures of the day looked at, or all. */
export const shown = computed(() =>
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
  return book.value?.kind === 'events' ? 'always' : 'terms'
}

type By = 'you' | 'app'

let baseline: { cause: unknown; measures: Measure[] } | undefined
let wanted: { cause: unknown; by: By } | undefined
let computing: Promise<void> | undefined

/**
 * Computes everything again. What changed is shown since the first of several
 * changes that have one cause, as letters typed into one event have. Who asks
 * while this is under way is answered by one more computation, not by each.
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
    told.value = events
    revision.value += 1
  })
  await tellStory()
}

/** The measure of the same cell, whatever its value is now. */
function stillThere(wanted: Measure, measures: Measure[]): Measure | undefined {
  const cell = ({ value: _, ...cell }: Measure) => JSON.stringify(cell)
  return measures.find((measure) => cell(measure) === cell(wanted))
}

export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Says on the page why something could not be done. */
export const fail =
  (what: Failing) =>
  (error: unknown): void => {
    failure.value = { what, why: messageOf(error) }
    if (what === 'compute' && told.value === undefined) untold.value = messageOf(error)
  }

/** What could not be done before can be, and no more need be said of it. */
export function succeed(what: Failing): void {
  if (what === 'compute') untold.value = undefined
  if (failure.value?.what === what) failure.value = undefined
}

async function tellStory(): Promise<void> {
  const index = chosen.value
  const found = index === undefined ? undefined : await ask('story', { index })
  if (chosen.value === index) story.value = found
}

/** Opens something, by these rules if it lay open under them before. */
export async function open(source: Source, before?: Rules): Promise<boolean> {
  const { name } = source
  opening.value = { name, share: 0 }
  try {
    const opened = await ask('open', source, (share) => {
      opening.value = { name, share }
    })
    batch(() => {
      book.value = opened
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
  // Nothing was changed yet: what cannot be computed is the file, not a rule.
  const { why } = failure.value
  close()
  failure.value = { what: 'open', why }
  return false
}

/** Nothing is known any more of what lay open. */
function forget(): void {
  outcome.value = undefined
  told.value = undefined
  untold.value = undefined
  changes.value = undefined
  failure.value = undefined
  day.value = undefined
  only.value = 'all'
  words.value = ''
  chosen.value = undefined
  story.value = undefined
  measure.value = undefined
}

/** Another home of the same file. */
export const turn = (at: number) =>
  asking(async () => {
    const opened = await ask('turn', { at })
    batch(() => {
      book.value = opened
      openings.value += 1
      forget()
    })
    await compute()
  })

/** The same home with news in it: what is looked at stays. False where the book is no longer of that generation. */
export async function openNews(text: string, generation: number, by: By = 'app'): Promise<boolean> {
  const opened = await ask('news', { text, generation })
  if (opened === undefined) return false
  // It may have been closed meanwhile.
  if (book.value !== undefined) {
    book.value = opened
    await compute({}, by)
  }
  return true
}

export function close(): void {
  batch(() => {
    book.value = undefined
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

/** Does what the worker is needed for, and says so where it fails. */
const asking = (action: () => Promise<void>): Promise<void> => action().catch(fail('compute'))

export function choose(index: number | undefined): Promise<void> {
  chosen.value = index
  story.value = undefined
  return asking(tellStory)
}

export function chooseDay(chosenDay: Day | undefined): void {
  day.value = chosenDay
}

export const edit = (index: number, text: string) =>
  asking(async () => {
    book.value = await ask('edit', { index, text })
    await compute(`event ${index}`)
  })

export const remove = (index: number) =>
  asking(async () => {
    book.value = await ask('remove', { index })
    await choose(undefined)
    await compute({})
  })

export const add = (text: string) =>
  asking(async () => {
    const { book: now, index } = await ask('add', { text })
    book.value = now
    chosen.value = index
    await compute(`event ${index}`)
  })

export const undo = () =>
  asking(async () => {
    const { book: now, index } = await ask('undo', undefined)
    book.value = now
    if (index !== undefined && index === chosen.value && (await ask('text', { index })) === '') await choose(undefined)
    await compute({})
  })

// Prints what the DACC received, what it publishes, and what it hides.

import type { Aggregate, AggregateAnswer, Dacc, Definition } from '../stand-in/dacc/dacc.ts'
import { groupsOf } from './home-section.ts'
import { type Column, counted, formatNumber, type TerminalPage } from './terminal-page.ts'
import { bar } from './text-chart.ts'

/** What the DACC makes of an indicator. */
interface Restitution extends AggregateAnswer {
  readonly name: string
  readonly received: number
}

/** More rows than this say nothing new. */
const MAX_EXAMPLES = 12

const RECEIVED: readonly Column[] = [
  { head: 'indicator', width: 30 },
  { head: 'measures', width: 8, align: 'right' },
]

const PUBLISHED: readonly Column[] = [
  { head: 'day', width: 5 },
  { head: 'indicator', width: 30 },
  { head: 'homes', width: 5, align: 'right' },
  { head: 'mean', width: 8, align: 'right' },
]

const HIDDEN: readonly Column[] = [
  { head: 'indicator', width: 30 },
  { head: 'groups', width: 6, align: 'right' },
  { head: 'published', width: 9, align: 'right' },
  { head: 'hidden', width: 6, align: 'right' },
  { head: 'measures hidden', width: 15, align: 'right' },
]

/** The last three sections. */
export async function showDacc(page: TerminalPage, dacc: Dacc, definitions: readonly Definition[]): Promise<void> {
  const restitutions: Restitution[] = []
  const all = await dacc.measures()
  for (const { name } of definitions) {
    const received = all.filter(({ measureName }) => measureName === name).length
    restitutions.push({ name, received, ...(await dacc.aggregate({ measureName: name })) })
  }
  const thresholds = new Set(definitions.map(({ aggregationThreshold }) => aggregationThreshold ?? 0))
  showReceived(page, restitutions)
  showPublished(page, restitutions, Math.min(...thresholds))
  showHidden(page, restitutions, Math.max(...thresholds))
}

function showReceived(page: TerminalPage, restitutions: readonly Restitution[]): void {
  const total = sum(restitutions.map(({ received }) => received))
  page.section('3  What the DACC received', `${counted(total, 'measure')}, none of which says from which home it came.`)
  const width = page.rest(RECEIVED)
  const greatest = Math.max(...restitutions.map(({ received }) => received))
  const rows = restitutions.map(({ name, received }) => [
    name,
    formatNumber(received),
    page.colors.cyan(bar(received, greatest, width)),
  ])
  page.table([...RECEIVED, { head: '', width }], rows)
}

function showPublished(page: TerminalPage, restitutions: readonly Restitution[], threshold: number): void {
  const published = restitutions.flatMap((restitution) => restitution.published)
  page.section(
    '4  What it publishes',
    `${counted(published.length, 'group')} to which at least ${threshold} measures contributed; one home gives at most one to each, so that counting measures is counting homes.`,
  )
  const examples = restitutions.flatMap(({ published: own }) => largest(own, 2)).slice(0, MAX_EXAMPLES)
  const columns = [...PUBLISHED, { head: 'group', width: page.rest(PUBLISHED) }]
  page.table(
    columns,
    examples.map((aggregate) => [
      aggregate.startDate.slice(5, 10),
      aggregate.measureName,
      formatNumber(aggregate.count),
      formatNumber(aggregate.avg),
      groupsOf(aggregate as Parameters<typeof groupsOf>[0]) || page.colors.dim('(all homes)'),
    ]),
  )
  if (published.length > examples.length)
    page.print(page.colors.dim(`… and ${formatNumber(published.length - examples.length)} more`))
}

function showHidden(page: TerminalPage, restitutions: readonly Restitution[], threshold: number): void {
  const groups = sum(restitutions.map(({ hiddenGroups }) => hiddenGroups))
  const measures = sum(restitutions.map(({ hiddenMeasures }) => hiddenMeasures))
  page.section(
    '5  What it refuses to publish',
    `${counted(groups, 'group')} with ${counted(measures, 'measure')} stay below the threshold of ${threshold}: with twelve homes that is most of them, with thousands it is what only a few people do.`,
  )
  page.table(
    HIDDEN,
    restitutions.map(({ name, published, hiddenGroups, hiddenMeasures }) => [
      name,
      formatNumber(published.length + hiddenGroups),
      published.length > 0 ? page.colors.green(formatNumber(published.length)) : page.colors.dim('–'),
      hiddenGroups > 0 ? page.colors.yellow(formatNumber(hiddenGroups)) : page.colors.dim('–'),
      formatNumber(hiddenMeasures),
    ]),
  )
}

function largest(aggregates: readonly Aggregate[], count: number): Aggregate[] {
  return [...aggregates].sort((a, b) => b.count - a.count).slice(0, count)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

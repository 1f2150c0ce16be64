// Prints one home in full: what it sends, by indicator.

import { daysThrough } from '../generate/calendar.ts'
import type { Indicator, Measure, WholeCatalog } from '../types/index.d.ts'
import type { HomeRun } from './home-run.ts'
import { MONTH, SHOWN_HOME } from './homes.ts'
import { type Column, counted, formatNumber, type TerminalPage } from './terminal-page.ts'
import { sparkline } from './text-chart.ts'

const SECONDS_AN_HOUR = 3_600
const SECONDS_A_DAY = 24 * SECONDS_AN_HOUR

/** Values of these kinds are durations or marks: their mean says something, their sum does not. */
const AVERAGED: ReadonlySet<string> = new Set(['session', 'span', 'observation'])

const DURATIONS: ReadonlySet<string> = new Set(['session', 'span'])

const DAILY: readonly Column[] = [
  { head: 'daily indicator', width: 25, gap: 1 },
  { head: 'days', width: 4, align: 'right', gap: 1 },
  { head: 'groups', width: 6, align: 'right', gap: 1 },
  { head: 'in all', width: 10, align: 'right', gap: 1 },
]

const MONTHLY: readonly Column[] = [
  { head: 'monthly indicator', width: 30 },
  { head: 'value', width: 7, align: 'right' },
]

/** Every indicator of the home, and its measures. */
export function showHome(page: TerminalPage, run: HomeRun, catalog: WholeCatalog): void {
  const { previewed, events } = run
  page.section(
    `2  One home: ${SHOWN_HOME}`,
    `${counted(events, 'event')} have become ${counted(previewed.length, 'measure')}: counts and durations by day, month and group, with neither a time of day nor an id.`,
  )
  showDays(page, previewed, catalog)
  page.print()
  showMonth(page, previewed, catalog)
  page.print()
  const example = previewed.find(({ measureName }) => measureName === 'konnector-event-daily') ?? previewed[0]
  page.paragraph('One of them as it leaves the home:')
  page.json(JSON.stringify(example), page.colors.green)
  page.print()
  page.paragraph('And all that the service wrote to its log:')
  for (const line of run.ended.log) page.print(page.colors.dim(JSON.stringify(line)))
}

function showDays(page: TerminalPage, measures: readonly Measure[], catalog: WholeCatalog): void {
  const days = daysThrough(MONTH.first, MONTH.last)
  const isRoomy = page.rest(DAILY) >= days.length
  const columns = isRoomy ? [...DAILY, { head: MONTH.span, width: days.length }] : DAILY
  const rows = catalog.indicators
    .filter(({ period }) => period === 'day')
    .map((indicator) => {
      const own = measures.filter(({ measureName }) => measureName === indicator.name)
      const ofDay = days.map((day) => {
        const values = own.filter(({ startDate }) => startDate === day).map(({ value }) => value)
        return values.length > 0 ? combined(values, indicator) : undefined
      })
      const withValue = ofDay.filter((value) => value !== undefined).length
      const cells = [
        indicator.name,
        formatNumber(withValue),
        formatNumber(new Set(own.map(groupsOf)).size),
        inAll(own, indicator),
      ]
      return isRoomy ? [...cells, page.colors.cyan(sparkline(ofDay))] : cells
    })
  page.table(columns, rows)
}

function showMonth(page: TerminalPage, measures: readonly Measure[], catalog: WholeCatalog): void {
  const columns = [...MONTHLY, { head: 'groups', width: page.rest(MONTHLY) }]
  const rows = catalog.indicators
    .filter(({ period }) => period === 'month')
    .flatMap(({ name }) => {
      const own = measures.filter(({ measureName }) => measureName === name)
      if (own.length === 0) return [[name, page.colors.dim('–'), '']]
      return own.map((measure) => [name, formatNumber(measure.value), groupsOf(measure)])
    })
  page.table(columns, rows)
}

/** Its groups' values, in words. */
export function groupsOf({ group1, group2, group3 }: Pick<Measure, 'group1' | 'group2' | 'group3'>): string {
  return [group1, group2, group3].flatMap((group) => Object.values(group ?? {})).join(' · ')
}

function combined(values: readonly number[], { value }: Indicator): number {
  const sum = values.reduce((total, one) => total + one, 0)
  return AVERAGED.has(value.kind) ? sum / values.length : sum
}

function inAll(measures: readonly Measure[], indicator: Indicator): string {
  if (measures.length === 0) return '–'
  const number = combined(
    measures.map(({ value }) => value),
    indicator,
  )
  if (!AVERAGED.has(indicator.value.kind)) return formatNumber(number)
  return `mean ${DURATIONS.has(indicator.value.kind) ? duration(number) : number.toFixed(1)}`
}

/** In the unit that keeps it short. */
function duration(seconds: number): string {
  if (seconds < 1_000) return `${Math.round(seconds)} s`
  if (seconds < 2 * SECONDS_A_DAY) return `${short(seconds / SECONDS_AN_HOUR)} h`
  return `${short(seconds / SECONDS_A_DAY)} d`
}

function short(number: number): string {
  return number < 10 ? number.toFixed(1) : String(Math.round(number))
}

// The values of one indicator over time, as a picture.

import type { Measure } from '../../types/index.d.ts'
import { combine, valuesBy } from '../state/measure-values.ts'
import { eventSummary, monthlyNames, outcome } from '../state/state.ts'

/** Values over time as bars, on the days of the timeline; below zero they hang. */
export function Bars({ name, measures }: { name: string; measures: Measure[] }) {
  const isMonthly = monthlyNames.value.has(name)
  const dates = isMonthly
    ? (outcome.value?.months.map((month) => `${month}-01`) ?? [])
    : (eventSummary.value?.days.map(({ day }) => day) ?? [])
  const byDate = valuesBy(measures, ({ startDate }) => startDate)
  const values = dates.map((date) => combine(name, byDate.get(date) ?? []))
  const most = Math.max(0, ...values)
  const span = most - Math.min(0, ...values) || 1
  const zero = (most / span) * 100
  const width = values.length < 150 ? 0.76 : 1
  const path = values
    .map((value, at) => {
      if (!byDate.has(dates[at] ?? '')) return ''
      const height = Math.max(2, (Math.abs(value) / span) * 100)
      const y = value >= 0 ? Math.max(0, zero - height) : zero
      return `M${at + (1 - width) / 2} ${y.toFixed(1)}h${width}v${height.toFixed(1)}h${-width}z`
    })
    .join('')
  // A few values keep the width they would have among many.
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${Math.max(isMonthly ? 12 : 1, values.length)} 100`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={path} />
      <path class="spark-zero" d={`M0 ${zero.toFixed(1)}H${values.length}`} />
    </svg>
  )
}

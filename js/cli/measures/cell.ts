// Names cells as a person writes them.

import type { Measure } from '../../types/index.d.ts'

/** A cell as a person names it: `navigation-count-daily@2024-03-09[page=water]`. */
export interface CellName {
  measureName: string
  /** A day, or a month. */
  date: string
  /** Only those that are named. */
  groups: ReadonlyMap<string, string>
}

const CELL = /^([^@\s]+)@(\d{4}-\d{2}(?:-\d{2})?)(?:\[(.*)\])?$/

/** Parses the name of a cell; undefined if it is none. */
export function readCell(text: string): CellName | undefined {
  const [, measureName, date, inside] = CELL.exec(text) ?? []
  if (measureName === undefined || date === undefined) return undefined
  const pairs = (inside ?? '').split(',').filter((pair) => pair.trim() !== '')
  const groups = new Map(
    pairs.map((pair) => {
      const [key = '', ...value] = pair.split('=')
      return [key.trim(), value.join('=').trim()]
    }),
  )
  return { measureName, date, groups }
}

/** The name of a measure's cell, as `dacc explain` accepts it. */
export function cellName({ measureName, startDate, ...groups }: Measure): string {
  const pairs = pairsOf(groups).map(([key, value]) => `${key}=${value}`)
  return `${measureName}@${startDate}${pairs.length === 0 ? '' : `[${pairs.join(',')}]`}`
}

/** Whether a measure belongs to the cell; groups that the name leaves out match any value. */
export function matchesCell(measure: Measure, { measureName, date, groups }: CellName): boolean {
  const pairs = new Map(pairsOf(measure))
  return (
    measure.measureName === measureName
    && measure.startDate.startsWith(date)
    && [...groups].every(([key, value]) => pairs.get(key) === value)
  )
}

function pairsOf({ group1, group2, group3 }: Pick<Measure, 'group1' | 'group2' | 'group3'>): [string, string][] {
  return [group1, group2, group3].flatMap((group) => Object.entries(group ?? {}))
}

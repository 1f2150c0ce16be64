// Compares measures before and after a change, cell by cell.

import type { Measure } from '../../types/index.d.ts'

export interface Difference {
  kind: 'added' | 'removed' | 'changed'
  /** As it stands now, or stood last. */
  measure: Measure
  /** The value before, of one that changed. */
  before: number | undefined
}

/** The groups of a measure, in order. */
export function groupsOf({ group1, group2, group3 }: Measure): [key: string, value: string][] {
  return [group1, group2, group3].flatMap((group) => Object.entries(group ?? {}))
}

/** A home has one measure in a cell, unless a definition wants each contribution. */
function keyOf(measure: Measure): string {
  return JSON.stringify([measure.measureName, measure.startDate, groupsOf(measure)])
}

function byCell(measures: Measure[]): Map<string, Measure[]> {
  const cells = new Map<string, Measure[]>()
  for (const measure of measures) {
    const key = keyOf(measure)
    const cell = cells.get(key)
    if (cell === undefined) cells.set(key, [measure])
    else cell.push(measure)
  }
  return cells
}

export function differences(before: Measure[], after: Measure[]): Difference[] {
  const old = byCell(before)
  const found: Difference[] = []
  for (const [key, cell] of byCell(after)) {
    const was = old.get(key) ?? []
    old.delete(key)
    for (const [at, measure] of cell.entries()) {
      const earlier = was[at]
      if (earlier === undefined) found.push({ kind: 'added', measure, before: undefined })
      else if (earlier.value !== measure.value) found.push({ kind: 'changed', measure, before: earlier.value })
    }
    for (const measure of was.slice(cell.length)) found.push({ kind: 'removed', measure, before: undefined })
  }
  for (const cell of old.values()) {
    for (const measure of cell) found.push({ kind: 'removed', measure, before: undefined })
  }
  const order = { changed: 0, added: 1, removed: 2 }
  return found.sort((a, b) => order[a.kind] - order[b.kind])
}

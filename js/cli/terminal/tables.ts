// Prints the tables of the rights commands.

import { formatColumns } from './columns.ts'
import { printable } from './errors.ts'
import { counted } from './progress.ts'

/** What became of the documents of a collection. */
export interface Counts {
  inserted: number
  unchanged: number
  replaced: number
  conflicts: number
  impossible: number
  /** How many documents the home cannot hold, by the reason. */
  impossibleBecause?: Record<string, number>
}

/** A table of what became of documents. */
export function printCounts(collections: Record<string, Counts>): void {
  const heads = ['collection', 'inserted', 'unchanged', 'replaced', 'conflicts', 'impossible'] as const
  const rows = Object.entries(collections).map(([name, counts]) => [
    name,
    ...heads.slice(1).map((head) => String(counts[head as keyof Counts])),
  ])
  if (rows.length === 0) process.stdout.write('There was nothing to take in.\n')
  else printTable(heads, rows)
  for (const [name, { impossibleBecause = {} }] of Object.entries(collections)) {
    for (const [why, count] of Object.entries(impossibleBecause)) {
      process.stdout.write(`${name}: ${counted(count, 'document')} cannot be kept here: ${printable(why)}\n`)
    }
  }
}

/** A table on stdout. */
export function printTable(heads: readonly string[], rows: readonly (readonly string[])[]): void {
  process.stdout.write(
    `${formatColumns(
      heads,
      rows.map((row) => row.map(printable)),
    )}\n`,
  )
}

/** A field of a CSV line. */
export function csvField(value: string | number): string {
  const text = String(value)
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

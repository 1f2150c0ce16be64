import { inColumns } from '../columns.ts'
import { printable } from '../errors.ts'

/** What became of the documents of a collection. */
export interface Counts {
  inserted: number
  unchanged: number
  replaced: number
  conflicts: number
  impossible: number
}

/** A table of what became of documents. */
export function printCounts(collections: Record<string, Counts>): void {
  const heads = ['collection', 'inserted', 'unchanged', 'replaced', 'conflicts', 'impossible'] as const
  const rows = Object.entries(collections).map(([name, counts]) =>
    [name, ...heads.slice(1).map((head) => String(counts[head as keyof Counts]))])
  if (rows.length === 0) process.stdout.write('There was nothing to take in.\n')
  else print(heads, rows)
}

/** A table on stdout. */
export function print(heads: readonly string[], rows: readonly (readonly string[])[]): void {
  process.stdout.write(`${inColumns(heads, rows.map((row) => row.map(printable)))}\n`)
}

/** A field of a CSV line. */
export function csv(value: string | number): string {
  const text = String(value)
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

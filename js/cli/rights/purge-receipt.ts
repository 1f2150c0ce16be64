// Prints what a purge deleted, and what it could not delete.

import { printable } from '../terminal/errors.ts'
import { columnsOf } from '../terminal/output.ts'
import { counted } from '../terminal/progress.ts'
import { printTable } from '../terminal/tables.ts'
import { wrap } from '../terminal/text-layout.ts'
import type { Backup } from './purge-backup.ts'

export interface PurgeReceipt {
  deleted: Record<string, number>
  cancelled: number
  remaining: Record<string, number>
  left: number
  notErased: { what: string; count: number | null; why: string }[]
  backedUp: number
  closedUntil: string | null
  /** What once happened, and when is no longer known. */
  marks?: { firsts: string[]; reached: Record<string, string[]> }
}

/** The last sentence of a dry run. */
export function foreseen({ deleted }: PurgeReceipt, backup: Backup | undefined): string {
  const count = Object.values(deleted).reduce((sum, each) => sum + each, 0)
  const first =
    backup === undefined || count === 0 ? '' : ` What goes would first be written to ${printable(backup.name)}.`
  return `\n${wrap(`Nothing was written: this is what would be.${first}`, columnsOf(process.stdout))}\n`
}

/** Adds what the core cannot see: hard links of the home file. */
export function addLinks(receipt: PurgeReceipt, count: number): void {
  if (count === 0) return
  receipt.notErased.push({
    what: 'links',
    count,
    why: 'other names of the home file (hard links), which keep what it was: find -samefile finds them, rm removes them',
  })
}

export function printReceipt(
  { deleted, cancelled, remaining, notErased, backedUp, closedUntil, marks }: PurgeReceipt,
  backup: Backup | undefined,
): void {
  const names = [...new Set([...Object.keys(remaining), ...Object.keys(deleted)])]
  printTable(
    ['collection', 'deleted', 'remaining'],
    names.map((name) => [name, String(deleted[name] ?? 0), String(remaining[name] ?? 0)]),
  )
  if (cancelled > 0) process.stdout.write(`\n${counted(cancelled, 'measure')} that waited will never be sent.\n`)
  if (backedUp > 0 && backup !== undefined)
    process.stdout.write(`\n${counted(backedUp, 'document')} stand in ${printable(backup.name)}.\n`)
  if (closedUntil !== null) process.stdout.write(`\nA later start begins with the day after ${closedUntil}.\n`)
  if (marks !== undefined) {
    const all = [
      ...marks.firsts.map((type) => `a first ${type}`),
      ...Object.keys(marks.reached).map((measure) => `what ${measure} counts until`),
    ]
    process.stdout.write(
      `\nThat it happened stays noted, without a time, so that nothing later is the first: ${all.join(', ')}.\n`,
    )
  }
  if (notErased.length === 0) return
  process.stdout.write('\nNot erased:\n')
  printTable(
    ['what', 'count', 'why'],
    notErased.map(({ what, count, why }) => [what, count === null ? 'unknown' : String(count), why]),
  )
}

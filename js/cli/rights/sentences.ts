// Sentences and flags that several rights commands share.

import { printable } from '../terminal/errors.ts'
import { columnsOf } from '../terminal/output.ts'
import { counted } from '../terminal/progress.ts'
import { wrap } from '../terminal/text-layout.ts'
import type { HomeFlags } from './command.ts'

export interface JsonFlags extends HomeFlags {
  json?: boolean
}

/** Breaks a sentence at the width of the terminal. */
export function fitted(sentence: string): string {
  return wrap(sentence, columnsOf(process.stdout))
}

/** The sentence about events without a usable date. */
export function undatedLine({ undated, ageless }: { undated: number; ageless: number }): string {
  const many = `${counted(undated, 'event')} without a readable date, or dated more than a year ahead`
  return ageless === 0 ? many : `${many}; retention never deletes ${ageless} of them, dacc purge --undated does`
}

export interface ExportSummary {
  counts: Record<string, number>
  dateless: number
}

export function printWritten({ counts, dateless }: ExportSummary, output: string): void {
  const count = Object.values(counts).reduce((sum, each) => sum + each, 0)
  const without = dateless > 0 ? `; ${counted(dateless, 'document')} without a readable date left out` : ''
  process.stderr.write(
    `${counted(count, 'document')} written${output === '-' ? '' : ` to ${printable(output)}`}${without}\n`,
  )
}

/** Warns that hard links still lead to the old content. */
export function warnOfLinks(home: string): (which: string, count: number) => void {
  return (_, count) =>
    process.stderr.write(
      `${printable(home)}: ${counted(count, 'other name')} of it (hard links) lead to what it was before\n`,
    )
}

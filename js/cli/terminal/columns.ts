// Prints rows in columns.

import Table from 'cli-table3'
import { coloursOf, columnsOf } from './output.ts'
import { width, wrap } from './text-layout.ts'

/** Between columns. */
const GAP = 2

/** The least width of the last column; longer words go beyond the edge. */
const LEAST = 20

/**
 * Formats rows under bold heads. The last column is a sentence and is wrapped at the terminal's edge. Cells may
 * contain colours.
 */
export function formatColumns(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, at) => Math.max(...[head, ...rows.map((row) => row[at] ?? '')].map(plainWidth)))
  const before = widths.slice(0, -1).reduce((sum, each) => sum + each + GAP, 0)
  const columns = columnsOf(process.stdout)
  const room = columns === undefined ? undefined : Math.max(LEAST, columns - before)
  const table = new Table({
    chars: NO_LINES,
    style: { 'padding-left': 0, 'padding-right': GAP, head: [], border: [], compact: true },
    colWidths: [...widths.slice(0, -1).map((each) => each + GAP), null] as number[],
  })
  const { bold } = coloursOf(process.stdout)
  table.push(heads.map(bold))
  for (const row of rows) {
    const last = row.at(-1) ?? ''
    table.push([...row.slice(0, -1), plainWidth(last) <= (room ?? Infinity) ? last : wrap(last, room)])
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** The width of a text without its colour codes. */
function plainWidth(text: string): number {
  return width(text.replace(/\u001b\[\d+m/g, ''))
}

/** Options of cli-table3: no borders. */
export const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
}

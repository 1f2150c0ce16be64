// Prints measures as a table.

import Table from 'cli-table3'
import type { Measure } from '../../types/index.d.ts'
import { NO_LINES } from './columns.ts'
import { printable } from './errors.ts'
import { coloursOf, columnsOf, type Output } from './output.ts'
import { fillLines, width } from './text-layout.ts'

/** The number of rows that are laid out together; longer tables are printed in pieces. */
const PIECE = 200

/** The width for groups; a longer value is printed below its key. */
const ENOUGH_FOR_GROUPS = 29

const MIN_HOME = 8

/** Between columns; the narrow one where groups would lack room. */
const GAP = 2
const NARROW_GAP = 1

interface Row {
  home: string
  measure: Measure
}

/** A table of measures, printed as it grows; a blank line stands between periods. */
export class MeasureTable {
  readonly #output: Output
  readonly #isOfMany: boolean
  readonly #columns = columnsOf(process.stdout)
  readonly #colours = coloursOf(process.stdout)
  #rows: Row[] = []
  readonly #widths: number[]
  #last: Row | undefined

  constructor(output: Output, isOfMany: boolean) {
    this.#output = output
    this.#isOfMany = isOfMany
    this.#widths = this.#heads().map(width)
  }

  /** Adds a measure; `home` is printed if the table is of many homes. */
  async add(measure: Measure, home: string): Promise<void> {
    this.#rows.push({ measure, home: printable(home) })
    if (this.#rows.length >= PIECE) await this.flush()
  }

  /** Prints the rows that were added since the last call. */
  async flush(): Promise<void> {
    if (this.#rows.length === 0) return
    const rows = this.#rows
    this.#rows = []
    // Columns never shrink, so that the pieces of a long table stay aligned.
    for (const { home, measure } of rows) {
      this.#cells(home, measure).forEach((cell, at) => {
        this.#widths[at] = Math.max(this.#widths[at]!, width(cell))
      })
    }
    const layout = this.#layout()
    const table = new Table({
      chars: NO_LINES,
      style: { 'padding-left': 0, 'padding-right': layout.gap, head: [], border: [], compact: true },
      colAligns: this.#isOfMany ? ['left', 'left', 'left', 'right', 'left'] : ['left', 'left', 'right', 'left'],
      colWidths: [...layout.widths.map((each) => each + layout.gap), null] as number[],
    })
    const { bold } = this.#colours
    if (this.#last === undefined) table.push([...this.#heads(), 'groups'].map(bold))
    for (const row of rows) {
      if (this.#last !== undefined && !isOfOnePeriod(this.#last, row)) table.push([''])
      this.#last = row
      table.push(this.#row(row, layout.room))
    }
    for (const line of table.toString().split('\n')) await this.#output.line(line.trimEnd())
    await this.#output.flush()
  }

  #heads(): string[] {
    return [...(this.#isOfMany ? ['home'] : []), 'measure', 'date', 'value']
  }

  #cells(home: string, { measureName, startDate, value }: Measure): string[] {
    return [...(this.#isOfMany ? [home] : []), measureName, startDate, String(value)]
  }

  #row({ home, measure }: Row, room: number): string[] {
    const { dim, cyan } = this.#colours
    const [value, date, name, ...homes] = this.#cells(home, measure).reverse() as [string, string, string, ...string[]]
    return [...homes.map(cyan), name, dim(date), value, this.#groups(measure, room)]
  }

  /** `key=value …`, on several lines where one has not enough room. */
  #groups({ group1, group2, group3 }: Measure, room: number): string {
    const pairs = [group1, group2, group3].flatMap((group) => Object.entries(group ?? {}))
    const pieces = pairs.flatMap(([key, value]) =>
      width(`${key}=${value}`) > room ? [`${key}=`, value] : [`${key}=${value}`],
    )
    const { dim } = this.#colours
    return fillLines(pieces, room, width)
      .join('\n')
      .replace(/(?<=^|\s)[^=\s]+=/g, dim)
  }

  /** The widths of the columns, the gap, and the room for the last column. */
  #layout(): Layout {
    const columns = this.#columns ?? Infinity
    const room = (widths: number[], gap: number) => widths.reduce((left, each) => left - each - gap, columns)
    const isWide = room(this.#widths, GAP) >= ENOUGH_FOR_GROUPS
    const gap = isWide ? GAP : NARROW_GAP
    const widths = [...this.#widths]
    if (this.#isOfMany) {
      // A long home name is cut to make room for the groups.
      const missing = Math.max(0, ENOUGH_FOR_GROUPS - room(widths, gap))
      widths[0] = Math.min(widths[0]!, Math.max(MIN_HOME, widths[0]! - missing))
    }
    return { widths, gap, room: room(widths, gap) }
  }
}

interface Layout {
  widths: number[]
  gap: number
  room: number
}

function isOfOnePeriod(one: Row, other: Row): boolean {
  return one.home === other.home && one.measure.startDate === other.measure.startDate
}

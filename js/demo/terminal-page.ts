// Prints to the terminal: width, colours and tables.

import Table from 'cli-table3'
import pc from 'picocolors'

type Colors = ReturnType<typeof pc.createColors>

/** A column of a table. */
export interface Column {
  readonly head: string
  readonly width: number
  readonly align?: 'left' | 'right'
  /** The space after it. */
  readonly gap?: number
}

/** Lines longer than this are hard to read, however wide the terminal is. */
const WIDEST = 120

/** What a terminal has that does not say. */
const USUAL_WIDTH = 80

/** No borders: columns are told apart by the space between them. */
const NO_BORDERS = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
    'middle',
  ].map((part) => [part, '']),
)

/** Columns of digits and words side by side need some air. */
const USUAL_GAP = 2

export class TerminalPage {
  readonly width: number
  readonly colors: Colors
  readonly #stream: NodeJS.WriteStream

  constructor(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv) {
    this.#stream = stream
    const isTerminal = stream.isTTY === true
    this.colors = pc.createColors(isTerminal && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb')
    // One column is left free: some terminals wrap when the last one is written.
    this.width = Math.min(isTerminal ? stream.columns || USUAL_WIDTH : USUAL_WIDTH, WIDEST) - 1
  }

  print(text = ''): void {
    this.#stream.write(`${text}\n`)
  }

  /** A heading, and one sentence on what is seen below it. */
  section(title: string, sentence: string): void {
    this.print()
    this.print(this.colors.bold(this.colors.cyan(title)))
    this.paragraph(sentence)
    this.print()
  }

  /** Text, broken between words. */
  paragraph(text: string, paint: (line: string) => string = String): void {
    this.#broken(text.split(/(?<= )/), paint)
  }

  /** JSON, broken after commas and otherwise as it is. */
  json(text: string, paint: (line: string) => string = String): void {
    this.#broken(text.split(/(?<=,)/), paint)
  }

  #broken(parts: readonly string[], paint: (line: string) => string): void {
    let line = ''
    for (const part of parts) {
      if (line !== '' && line.length + part.trimEnd().length > this.width) {
        this.print(paint(line.trimEnd()))
        line = ''
      }
      line += part
    }
    this.print(paint(line))
  }

  /** A table with the names of its columns above it. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
    this.heads(columns)
    for (const row of rows) this.row(columns, row)
  }

  heads(columns: readonly Column[]): void {
    this.row(
      columns,
      columns.map(({ head }) => head),
      this.colors.dim,
    )
  }

  /** One row; rows of the same columns line up. */
  row(columns: readonly Column[], cells: readonly string[], paint: (line: string) => string = String): void {
    const table = new Table({
      chars: NO_BORDERS,
      style: { head: [], border: [], 'padding-left': 0 },
      colWidths: columns.map(({ width, gap }) => width + (gap ?? USUAL_GAP)),
      colAligns: columns.map(({ align }) => align ?? 'left'),
    })
    table.push(cells.map((content, at) => ({ content, style: { 'padding-right': columns[at]?.gap ?? USUAL_GAP } })))
    this.print(paint(table.toString().trimEnd()))
  }

  /** What is left of the width beside these columns and one more. */
  rest(columns: readonly Column[]): number {
    return this.width - columns.reduce((sum, { width, gap }) => sum + width + (gap ?? USUAL_GAP), 0)
  }
}

/** A number as people read it. */
export function formatNumber(number: number): string {
  return number.toLocaleString('en', { maximumFractionDigits: 2 })
}

/** `1 group`, `2 groups`. */
export function counted(number: number, noun: string): string {
  return `${formatNumber(number)} ${noun}${number === 1 ? '' : 's'}`
}

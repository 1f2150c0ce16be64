// Compares two texts line by line.

import { coloursOf } from './output.ts'

/** Lines around a change that are shown with it. */
const AROUND = 3

interface Line {
  sign: ' ' | '-' | '+'
  text: string
}

/** What makes one small text another, as `diff -u` shows it. */
export function unifiedDiff(before: string, after: string, name: string): string[] {
  const { bold, cyan, green, red } = coloursOf(process.stdout)
  const lines = compared(before.split(/\r?\n/), after.split(/\r?\n/))
  const isShown = lines.map((_, at) =>
    lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ sign }) => sign !== ' '),
  )
  const shown = [bold(`--- ${name}`), bold(`+++ ${name}`)]
  let [old, now] = [1, 1]
  for (const [at, { sign, text }] of lines.entries()) {
    if (isShown[at]) {
      if (!isShown[at - 1]) {
        const end = isShown.indexOf(false, at)
        const hunk = lines.slice(at, end === -1 ? undefined : end)
        const count = (other: string) => hunk.filter((line) => line.sign !== other).length
        shown.push(cyan(`@@ -${old},${count('+')} +${now},${count('-')} @@`))
      }
      const paint = sign === '+' ? green : sign === '-' ? red : (plain: string) => plain
      shown.push(paint(`${sign}${text}`))
    }
    if (sign !== '+') old += 1
    if (sign !== '-') now += 1
  }
  return shown
}

/** The longest common lines stay, the others go or come. */
function compared(before: readonly string[], after: readonly string[]): Line[] {
  const [rows, columns] = [before.length, after.length]
  const common = Array.from({ length: rows + 1 }, () => new Uint32Array(columns + 1))
  for (let row = rows - 1; row >= 0; row -= 1) {
    for (let column = columns - 1; column >= 0; column -= 1) {
      common[row]![column] =
        before[row] === after[column]
          ? common[row + 1]![column + 1]! + 1
          : Math.max(common[row + 1]![column]!, common[row]![column + 1]!)
    }
  }
  const lines: Line[] = []
  let [row, column] = [0, 0]
  while (row < rows || column < columns) {
    if (row < rows && column < columns && before[row] === after[column]) {
      lines.push({ sign: ' ', text: before[row]! })
      row += 1
      column += 1
    } else if (column === columns || (row < rows && common[row + 1]![column]! >= common[row]![column + 1]!)) {
      lines.push({ sign: '-', text: before[row]! })
      row += 1
    } else {
      lines.push({ sign: '+', text: after[column]! })
      column += 1
    }
  }
  return lines
}

// Breaks sentences into lines.

/** The width of a text in columns; East Asian characters and emoji take two. */
export function width(text: string): number {
  let columns = 0
  for (const sign of text) columns += /[\u1100-\u115f\u2e80-\uffdc\u{1f300}-\u{3fffd}]/u.test(sign) ? 2 : 1
  return columns
}

/** Breaks a sentence into lines of at most `columns`; all but the first are indented. */
export function wrap(sentence: string, columns: number | undefined, indent = 0): string {
  const room = columns === undefined ? Infinity : columns - indent
  return fillLines(sentence.split(' '), room, width).join(`\n${' '.repeat(indent)}`)
}

/** Joins pieces with spaces into as few lines as possible; `length` measures a piece. */
export function fillLines(pieces: string[], room: number, length: (piece: string) => number): string[] {
  const lines: string[] = []
  let left = -1
  for (const piece of pieces) {
    if (length(piece) < left) {
      lines[lines.length - 1] += ` ${piece}`
      left -= length(piece) + 1
    } else {
      lines.push(piece)
      left = room - length(piece)
    }
  }
  return lines
}

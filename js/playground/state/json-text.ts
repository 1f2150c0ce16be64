// Parses JSON that people type, and finds where it is wrong.

export interface Place {
  line: number
  column: number
}

export type Parsed = { value: unknown } | { wrong: Place | undefined }

/** Engines say where in their own words; the position is in most of them. */
export function parse(text: string): Parsed {
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    const message = error instanceof Error ? error.message : ''
    const [, line, column] = /line (\d+) column (\d+)/.exec(message) ?? []
    if (line !== undefined) return { wrong: { line: Number(line), column: Number(column) } }
    const [, position] = /position (\d+)/.exec(message) ?? []
    const at = position !== undefined ? Number(position) : /end of/.test(message) ? text.length : undefined
    if (at === undefined) return { wrong: undefined }
    const before = text.slice(0, at).split('\n')
    return { wrong: { line: before.length, column: (before.at(-1) ?? '').length + 1 } }
  }
}

/** A document as people like to read it. */
export function pretty(text: string): string {
  const parsed = parse(text)
  return 'value' in parsed ? JSON.stringify(parsed.value, null, 2) : text
}

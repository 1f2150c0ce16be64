// Draws small charts with letters.

const LEVELS = '▁▂▃▄▅▆▇█'

const NOTHING = '·'

/** One column for each value, relative to the greatest; a dot where there is none. */
export function sparkline(values: readonly (number | undefined)[]): string {
  const greatest = Math.max(...values.map((value) => value ?? 0), 0)
  return values.map((value) => (value === undefined ? NOTHING : level(value, greatest))).join('')
}

/** Lower than its line, so that bars below each other stay apart. */
const BAR = '▆'

/** A bar as long as the share of the greatest that a value is. */
export function bar(value: number, greatest: number, width: number): string {
  return value > 0 ? BAR.repeat(Math.max(1, Math.round((value / greatest) * width))) : ''
}

function level(value: number, greatest: number): string {
  const at = greatest > 0 ? Math.round((value / greatest) * (LEVELS.length - 1)) : 0
  return LEVELS[Math.max(at, 0)] ?? NOTHING
}

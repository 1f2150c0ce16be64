// Writes the log: the stack reads one JSON object from each line of stdout.

import type { Level } from '../../pkg/wasm/dacc_aggregator.js'

/** The stack cuts longer messages without a mark, so they are cut here with one. */
const MAX_MESSAGE = 4_000

/** One line of the log, as the stack reads it. */
export function logLine(level: Level, message: string): string {
  const cut = message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE - 1)}…` : message
  return `${JSON.stringify({ type: level, message: cut })}\n`
}

/** Writes one line to the log. */
export function log(level: Level, message: string): void {
  process.stdout.write(logLine(level, message))
}

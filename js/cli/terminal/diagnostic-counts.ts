// Adds up and prints diagnostics.

import type { DiagnosticCode, Diagnostics } from '../../types/index.d.ts'
import { coloursOf, columnsOf } from './output.ts'
import { wrap } from './text-layout.ts'

/** The counts of several computations together. */
export class DiagnosticCounts {
  readonly #counts = new Map<DiagnosticCode, number>()

  add(diagnostics: Diagnostics): void {
    for (const [code, count] of Object.entries(diagnostics) as [DiagnosticCode, number][]) {
      this.#counts.set(code, this.count(code) + count)
    }
  }

  count(code: DiagnosticCode): number {
    return this.#counts.get(code) ?? 0
  }

  toJSON(): Diagnostics {
    return Object.fromEntries([...this.#counts].sort(([one], [other]) => (one < other ? -1 : 1)))
  }

  /** One line a code on stderr: the count, the code, its sentence. */
  print(sentences: Record<DiagnosticCode, string>): void {
    const { yellow } = coloursOf(process.stderr)
    const columns = process.stderr.isTTY ? columnsOf(process.stderr) : undefined
    const counted = [...this.#counts].sort(([one], [other]) => (one < other ? -1 : 1))
    const digits = Math.max(0, ...counted.map(([, count]) => String(count).length))
    const letters = Math.max(0, ...counted.map(([code]) => code.length))
    for (const [code, count] of counted) {
      const number = String(count).padStart(digits)
      const sentence = wrap(sentences[code], columns, digits + letters + 4)
      process.stderr.write(`${number}  ${yellow(code.padEnd(letters))}  ${sentence}\n`)
    }
  }
}

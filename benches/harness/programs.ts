// Programs that are run once and end.

import { spawn } from 'node:child_process'
import { inMade, MADE } from './places.ts'

/** Runs a bundled program to its end; gives what it printed, and how long it was there. */
export async function runProgram(
  name: string,
  parameters: readonly string[],
): Promise<{ millis: number; printed: unknown }> {
  const began = performance.now()
  const child = spawn(process.execPath, [inMade(`${name}.mjs`), ...parameters], {
    cwd: MADE,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  const millis = performance.now() - began
  if (code !== 0) throw new Error(`${name} ${parameters[0]} ended with ${code}: see what it printed`)
  return { millis, printed: JSON.parse(Buffer.concat(output).toString()) }
}

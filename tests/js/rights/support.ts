import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Ended } from '../cli/process.ts'
import { dacc, folder } from '../cli/process.ts'

export { dacc, file, folder } from '../cli/process.ts'

export const EVENTS = 'com.grandlyon.ecolyo.usageevents'
export const TERMS = 'com.grandlyon.ecolyo.term'
export const MEASURES = 'com.grandlyon.ecolyo.dacc.measures'
export const MEMORY = 'com.grandlyon.ecolyo.dacc.memory'
export const HISTORY = 'com.grandlyon.ecolyo.dacc.history'

/** When commands are run. */
export const NOW = ['--now', '2024-04-10T12:00:00']

/** The same without the home's id, which is drawn for each home. */
export function withoutId(home: string): string {
  return home.replace(/"home":"[0-9a-f]{32}",/, '')
}

export function content(name: string): string {
  return readFileSync(path.join(folder, name), 'utf8')
}

/** Runs a command that has to succeed. */
export async function done(...args: string[]): Promise<Ended> {
  const ended = await dacc(args)
  if (ended.code !== 0) throw new Error(`dacc ${args.join(' ')}: ${ended.code} ${ended.stderr}`)
  return ended
}

/** The hash of all lines but the last, as `head -n -1 | sha256sum` gives it. */
export function hashOfAllButTheLastLine(text: string): string {
  const lines = text.trimEnd().split('\n')
  return createHash('sha256')
    .update(`${lines.slice(0, -1).join('\n')}\n`)
    .digest('hex')
}

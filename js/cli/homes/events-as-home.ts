// Makes a temporary home file of events, for commands that need a home.

import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findNodeAtLocation, parseTree } from 'jsonc-parser'
import { load } from '../../api/index.node.ts'
import { keepOnExit, removeOnExit } from '../../hosts/files/cleanup.ts'
import { readWhole } from '../input/input.ts'
import { findJsonError, shiftPosition } from '../input/measure-file.ts'
import { type ComputationFlags, readOptions } from '../options/computation-options.ts'
import { UsageError } from '../terminal/errors.ts'

/** Far more events than a home has. They are held in memory. */
const MAX_BYTES = 64 * 2 ** 20

/** Calls `work` with a temporary home file that holds only these events, and deletes it afterwards. */
export async function withEventsAsHome<T>(
  file: string,
  flags: ComputationFlags,
  work: (home: string) => Promise<T>,
): Promise<T> {
  const { doctypes } = await readOptions(flags, await load())
  const bytes = await readWhole(file)
  if (bytes.length > MAX_BYTES)
    throw new UsageError(`${file}: these events are more than 64 MiB; put them into a home, {"${EVENTS}": [event, …]}`)
  const documents = documentsOf(file, new TextDecoder().decode(bytes))
  const folder = await mkdtemp(path.join(tmpdir(), `dacc-${process.pid}-`))
  removeOnExit(folder)
  try {
    await chmod(folder, 0o700)
    const home = path.join(folder, 'home.json')
    await writeFile(home, `{${JSON.stringify(doctypes?.events ?? EVENTS)}:[${documents}]}`, { mode: 0o600 })
    const done = await work(home)
    process.stderr.write('These are events alone, without terms: nothing is expected of any day.\n')
    return done
  } finally {
    await rm(folder, { recursive: true, force: true })
    keepOnExit(folder)
  }
}

const EVENTS = 'com.grandlyon.ecolyo.usageevents'

/** The events of an array, a `_find` response or NDJSON, as they are written, joined with commas. */
function documentsOf(file: string, text: string): string {
  const plain = text.replace(/^\ufeff/, '')
  const broken = findJsonError(plain)
  const root = broken === undefined ? parseTree(plain, [], { disallowComments: true }) : undefined
  const list = root?.type === 'array' ? root : root && findNodeAtLocation(root, ['docs'])
  if (list?.type === 'array') return plain.slice(list.offset + 1, list.offset + list.length - 1)
  // A line that is no JSON is left out; the others stay.
  const lines = plain.split('\n').filter((line) => line.trim() !== '')
  const good = lines.filter((line) => findJsonError(line) === undefined)
  if (broken !== undefined && good.length === 0) {
    const { line, column } = shiftPosition(plain, broken.at, { line: 1, column: 1 })
    throw new UsageError(`${file}: ${broken.sentence} at line ${line}, column ${column}`)
  }
  return good.join(',')
}

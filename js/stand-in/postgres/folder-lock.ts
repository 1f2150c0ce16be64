// Locks the folder of an embedded database.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { isProcessAlive } from '../../hosts/files/cleanup.ts'
import { DatabaseError, reasonOf } from './sql.ts'

/** A killed process needs a moment to end. */
const ENDING_WAIT_MS = 100
const ENDING_WAITS = 10

/** Locks a folder for this process. Two processes would destroy it: the embedded database does not notice. */
export async function lockFolder(folder: string): Promise<() => void> {
  const file = join(folder, 'in-use-by')
  await makeFolder(folder).catch((error: unknown) => {
    throw new DatabaseError(`${folder} cannot be made (${reasonOf(error)})`)
  })
  const inUse = (owner: number): DatabaseError =>
    new DatabaseError(
      `${folder} is in use by the process ${owner}; end it, choose another folder, or remove ${file} if it is not a dacc dev`,
    )
  let owner = ownerOf(file)
  for (let waits = 0; isThere(owner) && waits < ENDING_WAITS; waits += 1) {
    await setTimeout(ENDING_WAIT_MS)
    owner = ownerOf(file)
  }
  if (isThere(owner)) throw inUse(owner)
  try {
    // Removes the lock of a killed process.
    rmSync(file, { force: true })
    writeFileSync(file, String(process.pid), { flag: 'wx' })
  } catch (error) {
    throw new DatabaseError(`${folder} cannot be locked (${reasonOf(error)})`)
  }
  if (owner !== undefined) {
    // Another start may have removed our lock, because it saw the same old one.
    await setTimeout(ENDING_WAIT_MS)
    const winner = ownerOf(file)
    if (winner !== process.pid) throw inUse(winner ?? 0)
  }
  return () => rmSync(file, { force: true })
}

/** Creates folders step by step: Node's `recursive` never returns under `/proc`. */
async function makeFolder(folder: string): Promise<void> {
  if (existsSync(folder)) return
  await makeFolder(dirname(folder))
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    // Another start may have created it meanwhile.
    if (error.code !== 'EEXIST') throw error
  })
}

function ownerOf(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function isThere(owner: number | undefined): owner is number {
  return owner !== undefined && owner > 0 && isProcessAlive(owner)
}

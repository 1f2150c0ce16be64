// Lets one command at a time change a home file: a lock file beside it holds the process id.

import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { claimName } from './claim-name.ts'
import { isProcessAlive, isRemovedOnExit, keepOnExit, removeOnExit } from './cleanup.ts'
import { withReason } from './file-error.ts'
import { hiddenSibling } from './sibling-name.ts'

/** How long a lock may be empty, in milliseconds: it is created first and written then. */
const WRITTEN_WITHIN = 200

/** Locks a file for this process; the function that it returns unlocks it. */
export async function lockFile(home: string): Promise<() => Promise<void>> {
  const lock = hiddenSibling(home, '.dacc-lock')
  let handle = await createLock(lock)
  if (handle === undefined) {
    const holder = await holderOf(lock)
    const isStale = holder !== undefined && !isAtWork(lock, holder)
    if (isStale) await removeStale(lock, holder)
    handle = await createLock(lock)
    if (handle === undefined) {
      throw new Error(
        `another command is at work on it; try again when that has ended (${path.basename(lock)} beside it names its process)`,
      )
    }
  }
  removeOnExit(lock)
  try {
    await handle.write(String(process.pid))
  } finally {
    await handle.close()
  }
  return async () => {
    await rm(lock, { force: true })
    keepOnExit(lock)
  }
}

/** Creates the lock; undefined if there is one already. */
async function createLock(lock: string): Promise<FileHandle | undefined> {
  try {
    return await open(lock, 'wx', 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new Error('there is no such folder')
    if (code === 'EACCES' || code === 'EPERM') {
      throw new Error('its folder takes no other file, which is needed beside it while it is rewritten')
    }
    return withReason(Promise.reject(error as Error), path.dirname(lock))
  }
}

/** The process id in the lock, as text; undefined if the lock is gone. */
async function holderOf(lock: string): Promise<string | undefined> {
  const text = () => readFile(lock, 'utf8').catch(() => undefined)
  const first = await text()
  if (first !== '') return first
  await setTimeout(WRITTEN_WITHIN)
  return text()
}

function isAtWork(lock: string, holder: string): boolean {
  const pid = Number(holder)
  if (!/^\d+$/.test(holder) || pid === 0) return false
  // In containers the same process id comes again and again.
  return pid === process.pid ? isRemovedOnExit(lock) : isProcessAlive(pid)
}

/** Removes a lock whose process has ended; a lock that another process made meanwhile stays. */
async function removeStale(lock: string, holder: string): Promise<void> {
  const aside = `${lock}.${process.pid}`
  try {
    await rename(lock, aside)
  } catch {
    return
  }
  const found = await readFile(aside, 'utf8').catch(() => '')
  // It was another's lock: gives it back, unless a third process has the name by now. The owner then
  // notices that the file has changed before it replaces it.
  if (found !== holder) await claimName(aside, lock).catch(() => {})
  await rm(aside, { force: true })
}

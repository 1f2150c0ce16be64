// One command at a time over a home file: a file beside it says which process
// is at work.

import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { takeName } from './claim-name.ts'
import { isAlive, isLeftover, isOurs, isSettled } from './cleanup.ts'
import { named } from './file-error.ts'
import { beside } from './sibling-name.ts'

/** How long a lock may be empty: it is made first, and then written. */
const WRITTEN_WITHIN = 200

/** Takes a home file for this process; what it gives lets it go again. */
export async function locked(home: string): Promise<() => Promise<void>> {
  const lock = beside(home, '.dacc-lock')
  let handle = await made(lock)
  if (handle === undefined) {
    const holder = await holderOf(lock)
    const isStale = holder !== undefined && !isAtWork(lock, holder)
    if (isStale) await takeAway(lock, holder)
    handle = await made(lock)
    if (handle === undefined) {
      throw new Error(
        `another command is at work on it; try again when that has ended (${path.basename(lock)} beside it names its process)`,
      )
    }
  }
  isLeftover(lock)
  try {
    await handle.write(String(process.pid))
  } finally {
    await handle.close()
  }
  return async () => {
    await rm(lock, { force: true })
    isSettled(lock)
  }
}

/** The new lock; undefined if there is one. */
async function made(lock: string): Promise<FileHandle | undefined> {
  try {
    return await open(lock, 'wx', 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new Error('there is no such folder')
    if (code === 'EACCES' || code === 'EPERM') {
      throw new Error('its folder takes no other file, which is needed beside it while it is rewritten')
    }
    return named(Promise.reject(error as Error), path.dirname(lock))
  }
}

/** What a lock says; undefined if it is gone. */
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
  // In containers the same number comes again and again.
  return pid === process.pid ? isOurs(lock) : isAlive(pid)
}

/** Removes a lock that nobody holds; if another process was faster, its lock stays. */
async function takeAway(lock: string, holder: string): Promise<void> {
  const aside = `${lock}.${process.pid}`
  try {
    await rename(lock, aside)
  } catch {
    return
  }
  const found = await readFile(aside, 'utf8').catch(() => '')
  // Back under its name, unless a third process has taken that meanwhile; then
  // whose lock it was finds the home changed before it puts its own in place.
  if (found !== holder) await takeName(aside, lock).catch(() => {})
  await rm(aside, { force: true })
}

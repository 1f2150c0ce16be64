// Removes files that must not outlive the process: unfinished files, locks, copies of input.

import { rmSync } from 'node:fs'
import { lstat, readdir, rm } from 'node:fs/promises'
import path from 'node:path'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const leftovers = new Set<string>()

/** Removes this file or folder if a signal or an error ends the process. */
export function removeOnExit(name: string): void {
  if (leftovers.size === 0) {
    process.on('exit', sweep)
    for (const signal of SIGNALS) process.on(signal, end)
  }
  leftovers.add(name)
}

/** Takes the file off the list: it is gone already, or it stays. */
export function keepOnExit(name: string): void {
  if (!leftovers.delete(name) || leftovers.size > 0) return
  process.off('exit', sweep)
  for (const signal of SIGNALS) process.off(signal, end)
}

/** Whether this process would still remove it. */
export function isRemovedOnExit(name: string): boolean {
  return leftovers.has(name)
}

/** Whether a process with this id runs, of any user. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Removes what killed processes of this user left in a folder. `names` matches their files; its first
 * group is the id of the process.
 */
export async function removeLeftovers(folder: string, names: RegExp): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = Number(names.exec(name)?.[1] ?? 0)
    const whole = path.join(folder, name)
    // In containers the same process id comes again and again.
    const isLeft = pid > 0 && (pid === process.pid ? !isRemovedOnExit(whole) : !isProcessAlive(pid))
    if (isLeft && (await isOfThisUser(whole))) await rm(whole, { recursive: true, force: true }).catch(() => {})
  }
}

/** Whether this user owns the file: an administrator may remove others' files, but must not here. */
async function isOfThisUser(name: string): Promise<boolean> {
  const owner = (await lstat(name).catch(() => undefined))?.uid
  return process.getuid === undefined || owner === process.getuid()
}

function sweep(): void {
  for (const name of leftovers) {
    try {
      rmSync(name, { recursive: true, force: true })
    } catch {
      // The others still have to go.
    }
  }
}

let isCtrlCAWish = false

/** Whether Ctrl-C is a wish that somebody else hears, who ends what is under way first. */
export function takeCtrlCForAWish(is: boolean): void {
  isCtrlCAWish = is
}

/** Ends as the signal would have, so that whoever sent it sees just that. */
function end(signal: NodeJS.Signals): void {
  if (signal === 'SIGINT' && isCtrlCAWish) return
  sweep()
  for (const each of SIGNALS) process.off(each, end)
  process.kill(process.pid, signal)
}

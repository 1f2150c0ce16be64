// Gives a file a name that no other file has.

import { link, open, rename, rm } from 'node:fs/promises'

/**
 * Moves a complete file to its final name. Returns false, and changes nothing, where the name is taken.
 * Of two programs that want one name at the same time, only one gets it.
 */
export async function claimName(from: string, name: string, linked: typeof link = link): Promise<boolean> {
  try {
    await linked(from, name)
  } catch (error) {
    if (isTaken(error)) return false
    return takeWithoutLinks(from, name)
  }
  await rm(from, { force: true })
  return true
}

/** For disks without hard links: an empty file claims the name, and the complete file then replaces it. */
async function takeWithoutLinks(from: string, name: string): Promise<boolean> {
  try {
    await (await open(name, 'wx', 0o600)).close()
  } catch (error) {
    if (isTaken(error)) return false
    throw error
  }
  try {
    await rename(from, name)
  } catch (error) {
    await rm(name, { force: true })
    throw error
  }
  return true
}

function isTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST'
}

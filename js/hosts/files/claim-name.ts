import { link, open, rename, rm } from 'node:fs/promises'

/**
 * Gives a file that is whole its final name, unless something has that name
 * already: then it tells so, and both stay. Two programs that want one name at
 * the same time never both get it.
 */
export async function takeName(from: string, name: string, linked: typeof link = link): Promise<boolean> {
  try {
    await linked(from, name)
  } catch (error) {
    if (isTaken(error)) return false
    return takeWithoutLinks(from, name)
  }
  await rm(from, { force: true })
  return true
}

/** On disks without hard links: an empty file takes the name, and makes room for the whole one. */
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

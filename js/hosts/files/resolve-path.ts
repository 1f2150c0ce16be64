// Finds out what a path names: the real file behind links, stdin, a device, or nothing yet.

import { fstatSync } from 'node:fs'
import { access, constants, lstat, readlink, realpath, stat } from 'node:fs/promises'
import path from 'node:path'

/** A file cannot be used in the role it was given; the message is one sentence. */
export class FileError extends Error {
  override name = 'FileError'

  constructor(file: string, why: string) {
    super(`${file}: ${why}`)
  }
}

const MAX_LINKS = 40

/** Names of stdin. On Linux they may lead to a socket, which cannot be opened by its name. */
const STDIN: readonly string[] = ['-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0']

/** Whether a name is stdin, and stdin can be read only once. */
export function isStdin(name: string): boolean {
  if (name === '-') return true
  if (!STDIN.includes(name)) return false
  try {
    return !fstatSync(0).isFile()
  } catch {
    return true
  }
}

/** The real path behind links, and whether the file can be replaced, as devices and pipes cannot. */
export async function resolvePath(name: string): Promise<{ real: string; isReplaceable: boolean }> {
  if (name === '-') return { real: name, isReplaceable: false }
  const found = await stat(name).catch(absent)
  if (found === undefined) return { real: await futureOf(name), isReplaceable: true }
  // The system refuses a directory later, with its own error.
  if (!found.isFile()) return { real: name, isReplaceable: false }
  return { real: await realpath(name), isReplaceable: true }
}

/** Refuses a write-protected file: replacing it by a new one would ignore its permissions. */
export async function requireWritable(real: string, mode: number): Promise<void> {
  const isWritable =
    (mode & 0o222) !== 0
    && (await access(real, constants.W_OK).then(
      () => true,
      () => false,
    ))
  if (!isWritable) throw new Error('it is write-protected; chmod u+w allows that it is changed')
}

/** Whether two names lead to the same existing file; `-` as an output is the file behind stdout. */
export async function isSameFile(file: string, name: string, other: string): Promise<boolean> {
  if (other === '-') return false
  const [one, two] = [
    name === '-' ? stdoutOf(file) : await stat(name).catch(() => undefined),
    await stat(other).catch(() => undefined),
  ]
  // Devices hold no data that could be lost.
  return one !== undefined && two !== undefined && one.isFile() && one.dev === two.dev && one.ino === two.ino
}

function stdoutOf(file: string) {
  try {
    return file === 'output' ? fstatSync(1) : undefined
  } catch {
    return undefined
  }
}

/** Where a file will be: a link that leads to none yet is followed. */
async function futureOf(name: string): Promise<string> {
  let at = path.resolve(name)
  for (let links = 0; links < MAX_LINKS; links += 1) {
    const found = await lstat(at).catch(absent)
    if (found === undefined || !found.isSymbolicLink()) break
    at = path.resolve(path.dirname(at), await readlink(at))
  }
  const folder = await realpath(path.dirname(at)).catch(() => path.dirname(at))
  return path.join(folder, path.basename(at))
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
  return undefined
}

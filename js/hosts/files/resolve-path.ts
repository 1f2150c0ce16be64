import { fstatSync } from 'node:fs'
import { access, constants, lstat, readlink, realpath, stat } from 'node:fs/promises'
import path from 'node:path'

/** A file cannot be taken for what it was given as; its message is one sentence. */
export class FileError extends Error {
  override name = 'FileError'

  constructor(file: string, why: string) {
    super(`${file}: ${why}`)
  }
}

const MOST_LINKS = 40

/** The names of what is read once, as it comes; those that Linux has may be a socket, which cannot be opened by name. */
const STDIN: readonly string[] = ['-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0']

/** Whether a name is stdin's, and nothing is there to be read twice. */
export function isStdin(name: string): boolean {
  if (name === '-') return true
  if (!STDIN.includes(name)) return false
  try {
    return !fstatSync(0).isFile()
  } catch {
    return true
  }
}

/** Where a file truly is, and whether it can be replaced as a whole, as devices and pipes cannot. */
export async function placed(name: string): Promise<{ real: string; isWhole: boolean }> {
  if (name === '-') return { real: name, isWhole: false }
  const found = await stat(name).catch(absent)
  if (found === undefined) return { real: await futureOf(name), isWhole: true }
  // A directory is left for the system to refuse.
  if (!found.isFile()) return { real: name, isWhole: false }
  return { real: await realpath(name), isWhole: true }
}

/** Refuses to rewrite what is write-protected: a new file takes its place, which its own permissions would not hinder. */
export async function mayBeRewritten(real: string, mode: number): Promise<void> {
  const isWritable =
    (mode & 0o222) !== 0
    && (await access(real, constants.W_OK).then(
      () => true,
      () => false,
    ))
  if (!isWritable) throw new Error('it is write-protected; chmod u+w allows that it is changed')
}

/** Whether two names are of one file that is there; `-` as an output is what stdout leads to. */
export async function isOne(file: string, name: string, other: string): Promise<boolean> {
  if (other === '-') return false
  const [one, two] = [
    name === '-' ? stdoutOf(file) : await stat(name).catch(() => undefined),
    await stat(other).catch(() => undefined),
  ]
  // Devices lead to no data of the person that could be lost.
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
  for (let links = 0; links < MOST_LINKS; links += 1) {
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

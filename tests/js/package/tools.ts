// The package as somebody else gets it, and other people's tools to use it with: installed from the
// registry into target/, once.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const run = promisify(execFile)

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const PACKAGE = path.join(ROOT, 'pkg')
const TOOLS = path.join(ROOT, 'target/tools')

/** A registry that does not answer is no failure of the package. */
const INSTALL_MILLIS = 240_000

const QUIET = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--loglevel=error']

/** The tarball that would be published. */
export async function pack(
  into: string,
): Promise<{ file: string; size: number; unpackedSize: number; files: { path: string; size: number }[] }> {
  await mkdir(into, { recursive: true })
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', into], {
    cwd: PACKAGE,
    maxBuffer: 1 << 26,
  })
  const [packed] = JSON.parse(stdout) as [
    { filename: string; size: number; unpackedSize: number; files: { path: string; size: number }[] },
  ]
  return { ...packed, file: path.join(into, packed.filename) }
}

/** An empty project, far from any other's packages, in which the packed package is installed; gone after the tests. */
export async function project(manifest: object = {}): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dacc-project-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const { file } = await pack(folder)
  await writeFile(
    path.join(folder, 'package.json'),
    JSON.stringify({ name: 'somebody-elses', private: true, ...manifest }),
  )
  await run('npm', ['install', ...QUIET, '--offline', '--omit=peer', file], { cwd: folder, maxBuffer: 1 << 26 })
  await rm(file)
  return folder
}

/** Where these packages of the registry are installed; or why they are not. */
export async function tools(...packages: string[]): Promise<{ folder: string } | { missing: string }> {
  const folder = path.join(TOOLS, packages.join('+').replace(/[^\w.@+-]/g, '_'))
  if (existsSync(folder)) return { folder }
  const unfinished = `${folder}.${process.pid}`
  try {
    await mkdir(unfinished, { recursive: true })
    await writeFile(path.join(unfinished, 'package.json'), '{"private":true}')
    await run('npm', ['install', ...QUIET, ...packages], {
      cwd: unfinished,
      timeout: INSTALL_MILLIS,
      maxBuffer: 1 << 26,
    })
    await rename(unfinished, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error
    })
    return { folder }
  } catch (error) {
    return {
      missing: `${packages.join(', ')} cannot be installed here: ${String(
        (error as { stderr?: string }).stderr ?? error,
      )
        .trim()
        .split('\n')
        .at(-1)}`,
    }
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

/** All files below a folder, with what is in them told apart by a hash. */
export async function hashes(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = path.join(entry.parentPath, entry.name)
    found.set(
      path.relative(folder, file),
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    )
  }
  return found
}

// Runs the built service file as the stack does.

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod, copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const SERVICE = fileURLToPath(new URL('../../../pkg/service/index.js', import.meta.url))

/** The address space that the stack's jail leaves a Node of 20 and above, in KiB. */
export const JAIL_KIB = 14_680_064

/** The same of an older Node. */
export const OLD_JAIL_KIB = 4_194_304

export interface Start {
  /** The address space, in KiB. */
  kib?: number
  /** Flags of Node. */
  node?: string[]
  /** The file to run. */
  program?: string
  /** Ends the process when it is aborted. */
  kill?: AbortSignal
  /** With this signal. */
  by?: NodeJS.Signals
}

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  lines: { type: string; message: string }[]
  stderr: string
  /** The most memory that was resident at once, in bytes; 0 where nobody knows. */
  peak: number
}

/** The most memory of a process so far, as Linux knows it. */
function peakOf(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

/** `node index.js`, alone in an empty read-only folder, with this environment and no other. */
export async function runService(
  environment: Record<string, string>,
  { kib = JAIL_KIB, node = [], kill, by = 'SIGKILL', program = SERVICE }: Start = {},
): Promise<Ended> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dacc-service-'))
  try {
    await copyFile(program, path.join(folder, 'index.js'))
    await chmod(folder, 0o555)
    const command = `ulimit -v ${kib}; exec "$0" "$@" index.js`
    const child = spawn('/bin/bash', ['-c', command, process.execPath, ...node], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [stdout, stderr] = ['', ''].map(() => [] as Buffer[])
    child.stdout.on('data', (chunk: Buffer) => stdout?.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr?.push(chunk))
    let peak = 0
    const look = setInterval(() => {
      peak = Math.max(peak, peakOf(child.pid))
    }, 10)
    kill?.addEventListener('abort', () => child.kill(by))
    const ended = await new Promise<Pick<Ended, 'code' | 'signal'>>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => resolve({ code, signal }))
    })
    clearInterval(look)
    const text = Buffer.concat(stdout ?? []).toString()
    // Each line has to be JSON of two fields: anything else is an error in the stack's log.
    const lines = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Ended['lines'][number])
    return { ...ended, peak, lines, stderr: Buffer.concat(stderr ?? []).toString() }
  } finally {
    await chmod(folder, 0o755)
    await rm(folder, { recursive: true })
  }
}

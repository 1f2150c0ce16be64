// Runs the built service file as the stack does.

import { spawn } from 'node:child_process'
import { chmod, copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { SERVICE } from './built-package.ts'

/** The address space that the stack's jail leaves to Node, in KiB. */
const JAIL_KIB = 14_680_064

/** Much longer than a run takes here, and shorter than anybody waits. */
const PATIENCE_MILLIS = 60_000

/** What came of a run of the service. */
export interface ServiceRun {
  /** The exit code, or the signal that ended the process. */
  readonly exit: number | NodeJS.Signals
  readonly log: readonly LogLine[]
  /** What was written to stdout and is not the log's JSON, and all of stderr. */
  readonly noise: readonly string[]
  readonly millis: number
}

export interface LogLine {
  readonly type: string
  readonly message: string
}

/** `node index.js`, alone in an empty read-only directory, with this environment and nothing else. */
export async function runService(environment: Record<string, string>, interruption: AbortSignal): Promise<ServiceRun> {
  const directory = await mkdtemp(path.join(tmpdir(), 'dacc-demo-'))
  try {
    await copyFile(SERVICE, path.join(directory, 'index.js'))
    await chmod(directory, 0o555)
    return await run(directory, environment, interruption)
  } finally {
    await chmod(directory, 0o755)
    await rm(directory, { recursive: true, force: true })
  }
}

async function run(cwd: string, env: Record<string, string>, interruption: AbortSignal): Promise<ServiceRun> {
  const [command, ...parameters] = commandLine()
  const began = performance.now()
  const child = spawn(command, parameters, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: interruption,
    timeout: PATIENCE_MILLIS,
    killSignal: 'SIGKILL',
  })
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  const exit = await new Promise<number | NodeJS.Signals>((resolve, reject) => {
    let failure: unknown
    child.on('error', (error) => {
      failure = error
      // A process that never was does not close.
      if (child.pid === undefined) reject(error)
    })
    child.on('close', (code, signal) => (failure === undefined ? resolve(code ?? signal ?? 1) : reject(failure)))
  })
  const millis = performance.now() - began
  const lines = textLines(stdout).map((text) => ({ text, line: readLine(text) }))
  return {
    exit,
    log: lines.flatMap(({ line }) => line ?? []),
    noise: [...lines.filter(({ line }) => line === undefined).map(({ text }) => text), ...textLines(stderr)],
    millis,
  }
}

/** Under the jail's limit where the system has one; a shell's own variables stay out of it. */
function commandLine(): [string, ...string[]] {
  if (process.platform !== 'linux') return [process.execPath, 'index.js']
  const script = `ulimit -v ${JAIL_KIB} && unset PWD OLDPWD SHLVL _ && exec "$0" index.js`
  return ['/bin/sh', '-c', script, process.execPath]
}

function textLines(chunks: Buffer[]): string[] {
  return Buffer.concat(chunks)
    .toString()
    .split('\n')
    .filter((line) => line !== '')
}

function readLine(text: string): LogLine | undefined {
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch {
    return undefined
  }
  return isLogLine(line) ? line : undefined
}

function isLogLine(line: unknown): line is LogLine {
  if (typeof line !== 'object' || line === null) return false
  return 'type' in line && typeof line.type === 'string' && 'message' in line && typeof line.message === 'string'
}

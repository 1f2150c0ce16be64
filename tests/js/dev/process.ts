import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { dacc, folder, program } from '../cli/process.ts'

/** What `dacc dev --json` prints. */
export interface Addresses {
  page: string
  cozy: { url: string; token: string }
  dacc: { url: string; token: string; mode: string }
  home: { restored: number; documents?: number }
  environment: Record<string, string>
}

export interface Running extends Addresses {
  child: ChildProcess
  /** Sends the signal, and gives how the process ended. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>
  /** Everything on stderr so far. */
  stderr(): string
}

const WITHOUT_SERVER = { ...process.env, DATABASE_URL: '' }

/** Starts `dacc dev --json` on a free port, and waits until it listens. */
export async function dev(
  t: TestContext,
  args: readonly string[] = [],
  port: readonly string[] = ['--port', '0'],
): Promise<Running> {
  const child = spawn(process.execPath, [program, 'dev', '--json', ...port, ...args], {
    cwd: folder,
    env: WITHOUT_SERVER,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.on('close', (code, signal) => resolve(code ?? signal)),
  )
  t.after(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const addresses = await new Promise<Addresses>((resolve, reject) => {
    createInterface(child.stdout).once('line', (line) => resolve(JSON.parse(line) as Addresses))
    void ended.then((code) => reject(new Error(`it ended with ${code}: ${stderr}`)))
  })
  return {
    ...addresses,
    child,
    end: (signal) => {
      child.kill(signal)
      return ended
    },
    stderr: () => stderr,
  }
}

/** Runs `dacc dev` where it ends by itself. */
export function refused(args: readonly string[], env: Record<string, string> = {}) {
  return dacc(['dev', '--port', '0', ...args], { env: { DATABASE_URL: '', ...env } })
}

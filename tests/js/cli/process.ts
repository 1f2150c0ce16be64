import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'

/** The program as it is built. */
export const program = fileURLToPath(new URL('../../../pkg/bin/dacc.mjs', import.meta.url))

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs the program in its own process; neither stream is a terminal. */
export function dacc(
  args: readonly string[],
  { stdin, env = {} }: { stdin?: string | Uint8Array; env?: Record<string, string> } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...env }, cwd: folder })
    const ended: Ended = { code: null, stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        ended[stream] += text
      })
    }
    child.on('error', reject).on('close', (code) => resolve({ ...ended, code }))
    // The program may end before it has read everything.
    child.stdin.on('error', () => {}).end(stdin ?? '')
  })
}

/** Runs the program with a stdout that nobody reads, or that is this file. */
export function withoutReader(
  args: readonly string[],
  env: Record<string, string> = {},
  stdout?: number,
): Promise<Omit<Ended, 'stdout'>> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...process.env, ...env },
      cwd: folder,
      stdio: ['ignore', stdout ?? 'pipe', 'pipe'],
    })
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.stdout?.destroy()
    child.on('error', reject).on('close', (code) => resolve({ code, stderr }))
  })
}

/** A folder for the files of one test file; the program runs in it. */
export const folder = mkdtempSync(path.join(tmpdir(), 'dacc-cli-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** Writes a file into the folder and gives its name there. */
export function file(name: string, content: string | Uint8Array | object): string {
  const isText = typeof content === 'string' || content instanceof Uint8Array
  writeFileSync(path.join(folder, name), isText ? content : JSON.stringify(content))
  return name
}

/** A home with one connection on 9 March 2024 and consent from the first of the month. */
export const home = {
  'com.grandlyon.ecolyo.term': [{ _id: 't', accepted: true, version: '1.0.0', date: '2024-03-01T08:00:00Z' }],
  'com.grandlyon.ecolyo.usageevents': [
    { _id: 'e1', type: 'ConnectionEvent', eventDate: '2024-03-09T10:00:00Z', context: 'mobile' },
    { _id: 'e2', type: 'NavigationEvent', target: 'water', eventDate: '2024-03-09T10:00:30Z' },
    { _id: 'e2', type: 'NavigationEvent', target: 'water', eventDate: '2024-03-09T10:00:30Z' },
  ],
}

/** When the home is looked at. */
export const NOW = ['--now', '2024-03-10T02:00:00']

/** The measures of the home's 9 March. */
export const MEASURES = [
  '{"createdBy":"ecolyo","measureName":"connection-count-daily","startDate":"2024-03-09","value":1,"group1":{"device":"mobile"}}',
  '{"createdBy":"ecolyo","measureName":"navigation-count-daily","startDate":"2024-03-09","value":1,"group1":{"page":"water"}}',
  '{"createdBy":"ecolyo","measureName":"session-duration","startDate":"2024-03-09","value":30,"group1":{"number_pages":"1"},"group2":{"session_type":"any"}}',
]

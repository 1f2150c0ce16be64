// Runs the built service file as the stack does.

import { spawn } from 'node:child_process'
import { chmod, copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const SERVICE = fileURLToPath(new URL('../../../pkg/service/index.js', import.meta.url))

/** The address space that the stack's jail leaves a Node of 20 and above, in KiB. */
export const JAIL_KIB = 14_680_064

export interface Ended {
  code: number | null
  lines: { type: string; message: string }[]
  stderr: string
}

/** `node index.js`, alone in an empty read-only folder, with this environment and no other. */
export async function runService(environment: Record<string, string>, file = SERVICE): Promise<Ended> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dacc-service-'))
  try {
    await copyFile(file, path.join(folder, 'index.js'))
    await chmod(folder, 0o555)
    const command = `ulimit -v ${JAIL_KIB}; exec "$0" index.js`
    const child = spawn('/bin/bash', ['-c', command, process.execPath], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [stdout, stderr] = ['', ''].map(() => [] as Buffer[])
    child.stdout.on('data', (chunk: Buffer) => stdout?.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr?.push(chunk))
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    })
    const text = Buffer.concat(stdout ?? []).toString()
    // Each line has to be JSON of two fields: anything else is an error in the stack's log.
    const lines = text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Ended['lines'][number])
    return { code, lines, stderr: Buffer.concat(stderr ?? []).toString() }
  } finally {
    await chmod(folder, 0o755)
    await rm(folder, { recursive: true })
  }
}

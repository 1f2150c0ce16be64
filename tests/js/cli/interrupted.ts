import { spawn } from 'node:child_process'
import type { Dacc } from '../../../js/stand-in/dacc.ts'
import { folder, program } from './process.ts'

/** Runs the program, and sends it Ctrl-C while its requests to a DACC are under way. */
export async function interrupted(
  server: Dacc, args: readonly string[], env: Record<string, string> = {},
): Promise<{ code: unknown; stderr: string }> {
  const child = spawn(process.execPath, [program, ...args], { cwd: folder, env: { ...process.env, ...env } })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (piece: string) => { stderr += piece })
  server.intercept = async (): Promise<'pass'> => {
    child.kill('SIGINT')
    // The signal is there before the answer is.
    await new Promise((resolve) => setTimeout(resolve, 200))
    return 'pass'
  }
  const code = await new Promise((resolve) => child.on('close', resolve))
  return { code, stderr }
}

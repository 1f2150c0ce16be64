import { spawn } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import type { Dacc } from '../../../js/stand-in/dacc/dacc.ts'
import type { Decision } from '../../../js/stand-in/http/server.ts'
import { folder, program } from './process.ts'
import { onTerminal } from './terminal.ts'

/** The signal is there before the answer is; and with two of them, a progress line is. */
const ANSWER_MILLIS = 300

/**
 * Runs the program, and sends it Ctrl-C while its requests to a DACC are under way; or, where they
 * are decided in another way than by the server itself, when the program has that answer.
 */
export async function interrupted(
  server: Dacc,
  args: readonly string[],
  env: Record<string, string> = {},
  decision: Decision = 'pass',
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [program, ...args], { cwd: folder, env: { ...process.env, ...env } })
  const ended = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (piece: string) => {
      ended[stream] += piece
    })
  }
  server.intercept = async () => {
    const later = setTimeout(ANSWER_MILLIS)
    if (decision !== 'pass') {
      void later.then(() => child.kill('SIGINT'))
      return decision
    }
    child.kill('SIGINT')
    await later
    return 'pass'
  }
  const code = await new Promise((resolve) => child.on('close', resolve))
  return { code, ...ended }
}

/** Runs the program on a terminal, and presses Ctrl-C there while its `nth` measure is under way. */
export async function interruptedOnTerminal(
  server: Dacc,
  args: readonly string[],
  nth: number,
  env: Record<string, string> = {},
): Promise<{ code: number | null; text: string }> {
  const terminal = onTerminal(args, { NO_COLOR: '1', ...env })
  let sends = 0
  server.intercept = async (): Promise<Decision> => {
    sends += 1
    await setTimeout(2 * ANSWER_MILLIS)
    if (sends !== nth) return 'pass'
    terminal.pressCtrlC()
    await setTimeout(ANSWER_MILLIS)
    return 'pass'
  }
  return terminal.ended
}

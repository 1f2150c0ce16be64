import { spawn, spawnSync } from 'node:child_process'
import { folder, program } from './process.ts'

/** A terminal for a shell's command: what makes one, and its arguments. */
type Maker = (command: string) => [string, ...string[]]

/** Gives stdin to the command as what is typed, shows what it shows, and ends as it does. */
const IN_PYTHON = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))'

const has = (name: string) => spawnSync(name, ['--version']).status === 0

const maker: Maker | undefined = has('script')
  ? (command) => ['script', '-qec', command, '/dev/null']
  : has('python3')
    ? (command) => ['python3', '-c', IN_PYTHON, 'sh', '-c', command]
    : undefined

/** Why nothing can be shown on a terminal here; false where it can. */
export const noTerminal: string | false = maker === undefined && 'neither script nor python3 is here to make a terminal'

const CTRL_C = '\u0003'

/** The program on a terminal. */
export interface Terminal {
  /** All that was shown until it ended, and how it ended. */
  ended: Promise<{ text: string; code: number | null }>
  pressCtrlC(): void
}

/** Runs the program on a terminal of 80 columns. */
export function onTerminal(args: readonly string[], env: Record<string, string> = {}): Terminal {
  const words = [process.execPath, program, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`)
  const [name, ...rest] = maker?.(`stty cols 80; exec ${words.join(' ')}`) ?? ['false']
  const child = spawn(name, rest, {
    cwd: folder,
    env: { ...process.env, TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece
  })
  const ended = new Promise<{ text: string; code: number | null }>((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ text: text.replaceAll('\r\n', '\n'), code }))
  })
  return { ended, pressCtrlC: () => child.stdin.write(CTRL_C) }
}

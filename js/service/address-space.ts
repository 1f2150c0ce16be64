// Node reserves gigabytes of addresses for a wasm memory, so that it need not
// check each access. Where the stack limits the address space there is no room
// for that, and a Node that knows the flag works without it.

import { spawn } from 'node:child_process'

const FLAG = '--disable-wasm-trap-handler'

/** Signals that end a process and that it can hand on. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** What is said where Node was told to do without WebAssembly. */
export const NO_WASM = 'this Node runs without WebAssembly, as with --jitless; it has to be started without that flag'

/** Whether this Node has WebAssembly at all. */
export function hasWasm(): boolean {
  return typeof WebAssembly !== 'undefined'
}

/** Whether this process can make a wasm memory. */
export function hasRoom(): boolean {
  try {
    new WebAssembly.Memory({ initial: 1 })
    return true
  } catch {
    return false
  }
}

/**
 * Starts this program again in a process that needs less room, with the same
 * environment, input and output; gives its exit code, or why this Node knows
 * no way. Nothing is lost then, for nothing was begun.
 */
export async function startAgain(): Promise<number | string> {
  if (!hasWasm()) return NO_WASM
  const [program] = process.argv.slice(1)
  const isSecond = process.execArgv.includes(FLAG)
  if (isSecond || program === undefined || !process.allowedNodeEnvironmentFlags.has(FLAG)) {
    const why = isSecond
      ? `even with ${FLAG}`
      : program === undefined
        ? 'and there is no file to start again'
        : `and Node ${process.versions.node} has no ${FLAG}`
    return `the address space is too small for WebAssembly, ${why}`
  }
  const child = spawn(process.execPath, [FLAG, ...process.execArgv, ...process.argv.slice(1)], { stdio: 'inherit' })
  // A terminal sends Ctrl-C to both, and a second one means something else.
  const handOn = (signal: NodeJS.Signals) => (signal === 'SIGINT' && process.stdin.isTTY ? false : child.kill(signal))
  for (const signal of SIGNALS) process.on(signal, handOn)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      for (const handled of SIGNALS) process.off(handled, handOn)
      // Ended by a signal: so does this one.
      if (signal !== null) process.kill(process.pid, signal)
      else resolve(code ?? 1)
    })
  })
}

// Starts the program again where the address space is too small for WebAssembly. Node reserves gigabytes of
// addresses for a wasm memory, so that it need not check each access. The stack limits the address space;
// with a flag, newer versions of Node do without the reservation.

import { spawn } from 'node:child_process'

const FLAG = '--disable-wasm-trap-handler'

/** Signals that the parent passes on to the child. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** The message where Node was started without WebAssembly. */
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
 * Starts this program again in a process that needs less address space, with the same environment, input and
 * output. Resolves to its exit code, or to a sentence why this Node cannot; nothing was begun in that case.
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
  // A terminal sends Ctrl-C to both processes; a second signal would mean something else.
  const handOn = (signal: NodeJS.Signals) => (signal === 'SIGINT' && process.stdin.isTTY ? false : child.kill(signal))
  for (const signal of SIGNALS) process.on(signal, handOn)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      for (const handled of SIGNALS) process.off(handled, handOn)
      // A signal ended the child, so it ends the parent too.
      if (signal !== null) process.kill(process.pid, signal)
      else resolve(code ?? 1)
    })
  })
}

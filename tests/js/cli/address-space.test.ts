// The command line where the address space is small, and where Node runs
// without WebAssembly.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { describe, it } from 'node:test'
import { dacc, file, folder, home, NOW, program } from './process.ts'

const input = file('home.json', home)

/** Less than a wasm memory takes, and more than one without guards. */
const SMALL_KIB = 8_000_000

const knowsTheFlag = process.allowedNodeEnvironmentFlags.has('--disable-wasm-trap-handler')
const skip = process.platform !== 'linux' ? 'only Linux limits it' : !knowsTheFlag && 'this Node has no such flag'

function limited(args: readonly string[], stdin = '', node: readonly string[] = [], kib = SMALL_KIB) {
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    const child = spawn(
      '/bin/bash',
      ['-c', `ulimit -v ${kib}; exec "$0" "$@"`, process.execPath, ...node, program, ...args],
      { cwd: folder },
    )
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject).on('close', (code) => resolve({ code, stdout, stderr }))
    child.stdin.on('error', () => {}).end(stdin)
  })
}

describe('in a small address space', { skip }, () => {
  it('it does the same, from a file and from stdin', async () => {
    const expected = await dacc(['preview', input, '--ndjson', ...NOW])
    assert.deepEqual(await limited(['preview', input, '--ndjson', ...NOW]), expected)
    assert.deepEqual(await limited(['preview', '-', '--ndjson', ...NOW], JSON.stringify(home)), expected)
  })

  it('its exit code is the same', async () => {
    assert.equal((await limited(['check', file('bad.ndjson', '{}\n')])).code, 3)
    assert.equal((await limited(['preview', 'nowhere.json'])).code, 2)
  })

  it('too small for any, it says so', async () => {
    const { code, stderr } = await limited(['preview', input], '', [
      '--disable-wasm-trap-handler',
      '--wasm-max-mem-pages=0',
    ])
    assert.equal(
      stderr,
      'dacc: the address space is too small for WebAssembly, even with --disable-wasm-trap-handler; ulimit -v sets it\n',
    )
    assert.equal(code, 2)
  })
})

describe('without WebAssembly', () => {
  const jitless = (args: readonly string[]) => dacc(args, { env: { NODE_OPTIONS: '--jitless' } })

  it('a command that needs it says what to do, and is no defect', async () => {
    const { code, stderr } = await jitless(['preview', input])
    assert.match(
      stderr,
      /dacc: this Node runs without WebAssembly, as with --jitless; it has to be started without that flag\n$/,
    )
    assert.equal(code, 2)
  })

  it('what needs none goes on', async () => {
    const { code, stdout } = await jitless(['--help'])
    assert.match(stdout, /^Usage: dacc /)
    assert.equal(code, 0)
  })
})

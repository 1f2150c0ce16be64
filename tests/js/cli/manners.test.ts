import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { describe, it } from 'node:test'
import { dacc, file, folder, home, MEASURES, NOW, program } from './process.ts'
import { noTerminal, onTerminal } from './terminal.ts'

const input = file('home.json', home)
const many = file('many.ndjson', `${JSON.stringify(home)}\n`.repeat(1500))
const measures = file('measures.ndjson', `${MEASURES.join('\n')}\n`.repeat(4000))

interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stderr: string
}

/** Runs the program, and does something with it once it has written. */
function once(args: readonly string[], act: (child: ReturnType<typeof spawn>) => void): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    stderr += piece
  })
  child.stdout.once('data', () => act(child))
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, stderr })))
}

const LONG: Record<string, string[]> = {
  preview: ['preview', many, '--ndjson', ...NOW],
  explain: ['explain', 'e1', many, ...NOW],
  check: ['check', measures, '--all'],
  send: ['send', measures, '--dacc', 'http://127.0.0.1:9', '--dry-run'],
  generate: ['generate', '--homes', '100000'],
  definitions: ['definitions'],
  completion: ['completion', 'zsh'],
}

describe('a reader that has seen enough is no error', { concurrency: 2 }, () => {
  for (const [name, args] of Object.entries(LONG)) {
    it(`for ${name}`, async () => {
      const { code, stderr } = await once(args, (child) => child.stdout?.destroy())
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    })
  }
})

describe('Ctrl-C ends at once, without a word', { concurrency: 2 }, () => {
  for (const name of ['preview', 'check', 'generate']) {
    it(name, async () => {
      const ended = await once(LONG[name] ?? [], (child) => child.kill('SIGINT'))
      assert.deepEqual(ended, { code: null, signal: 'SIGINT', stderr: '' })
    })
  }
})

describe('nobody sees colours or a progress bar but on a terminal', { concurrency: 2 }, () => {
  for (const args of [
    ['check', measures],
    ['explain', 'e1', input, ...NOW],
    ['generate', '--homes', '50'],
    ['preview', many, ...NOW],
  ]) {
    it(args[0] ?? '', async () => {
      const { stdout, stderr } = await dacc(args, { env: { FORCE_COLOR: '1', TERM: 'xterm-256color' } })
      assert.ok(!`${stdout}${stderr}`.includes('\u001b'))
    })
  }
})

describe('on a terminal', { skip: noTerminal }, () => {
  const shown = async (args: readonly string[], env: Record<string, string> = {}) =>
    (await onTerminal(args, env).ended).text
  const plain = (text: string) => text.replace(/\u001b\[\d*m/g, '')

  it('there are colours, unless NO_COLOR says no', async () => {
    assert.match(await shown(['explain', 'e1', input, ...NOW]), /\u001b\[32mcounted/)
    const without = await shown(['explain', 'e1', input, ...NOW], { NO_COLOR: '1' })
    assert.match(without, /counted/)
    assert.ok(!without.includes('\u001b'))
  })

  it('lines end before the edge', async () => {
    for (const args of [
      ['explain', 'e1', input, ...NOW],
      ['check', file('bad.ndjson', (MEASURES[0] ?? '').replace('"value":1', '"value":null'))],
      ['preview', input, ...NOW],
    ]) {
      const lines = plain(await shown(args)).split('\n')
      assert.ok(lines.length > 1 && lines.every((line) => [...line].length <= 80), lines.join('\n'))
    }
  })

  it('long work shows how far it is, and takes the line away', async () => {
    // More than half a second of work on any machine.
    const long = file('long.ndjson', `${MEASURES.join('\n')}\n`.repeat(12_000))
    const text = await shown(['check', long], { NO_COLOR: '1' })
    assert.match(text, /\r\u001b\[K[━─]{24} +\d+ % {2}\d+ measures\r\u001b\[K/)
    assert.match(text.split('\r\u001b[K').at(-1) ?? '', /^36000 measures, all good\n/)
  })
})

// The demonstration as it is built, run as a process.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const PROJECT = fileURLToPath(new URL('../../', import.meta.url))
const DEMO = path.join(PROJECT, 'target/js/demo.mjs')

interface Ended {
  code: number | null
  stdout: string
  stderr: string
  /** What it left in its temporary directory. */
  left: string[]
}

/** Runs it with a temporary directory of its own; `interrupt` is sent once a home is through. */
async function demonstrate({
  interrupt,
  demo = DEMO,
}: {
  interrupt?: NodeJS.Signals
  demo?: string
} = {}): Promise<Ended> {
  const temporary = await mkdtemp(path.join(tmpdir(), 'dacc-demo-test-'))
  try {
    // Colours are asked for as loudly as may be: a pipe is no terminal all the same.
    const env = { ...process.env, TMPDIR: temporary, FORCE_COLOR: '1' }
    const child = spawn(process.execPath, [demo], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const texts = { stdout: '', stderr: '' }
    child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text))
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      texts.stdout += text
      if (interrupt && !child.killed && texts.stdout.includes('the run is complete')) child.kill(interrupt)
    })
    const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
    return { code, ...texts, left: await readdir(temporary) }
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** The built project with another service in it. */
async function withService(service: string, use: (demo: string) => Promise<void>): Promise<void> {
  const project = await mkdtemp(path.join(tmpdir(), 'dacc-demo-project-'))
  try {
    await cp(path.join(PROJECT, 'pkg'), path.join(project, 'pkg'), { recursive: true })
    const demo = path.join(project, 'target/js/demo.mjs')
    await cp(DEMO, demo)
    await writeFile(path.join(project, 'pkg/service/index.js'), service)
    await use(demo)
  } finally {
    await rm(project, { recursive: true, force: true })
  }
}

describe('the demonstration', () => {
  const whole = demonstrate()

  it('shows what is sent, published and withheld, and ends by itself', async () => {
    const { code, stdout, stderr, left } = await whole
    assert.deepEqual({ code, stderr, left }, { code: 0, stderr: '', left: [] }, stdout)
    const sentences = [
      /^1 {2}Twelve homes, twelve Cozys$/m,
      /^Guillotière .* no consent today/m,
      /^2 {2}One home: Croix-Rousse$/m,
      /^navigation-count-daily +\d+ +\d+ +\d+ [·▁▂▃▄▅▆▇█]{30}$/m,
      /^\{"createdBy":"ecolyo","measureName":/m,
      /^3 {2}What the DACC received$/m,
      /^4 {2}What it publishes$/m,
      /groups to which at least 5 measures contributed/,
      /^5 {2}What it refuses to publish$/m,
      /stay below the threshold of 5/,
      /^✓ [\d,]+ measures stored, byte for byte as a preview of each home shows them\.$/m,
      /^✓ 2 homes without consent: nothing read beyond the terms, nothing sent\.$/m,
    ]
    for (const sentence of sentences) assert.match(stdout, sentence)
    assert.doesNotMatch(stdout, /✗|undefined|NaN/)
  })

  it('is plain text of 80 columns where it is piped', async () => {
    const { stdout } = await whole
    assert.ok(!stdout.includes('\u001b'))
    for (const line of stdout.split('\n')) assert.ok([...line].length <= 80, line)
  })

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`leaves nothing behind after ${signal}`, async () => {
      const ended = await demonstrate({ interrupt: signal })
      assert.deepEqual([ended.code, ended.left], [code, []])
      assert.match(ended.stderr, /Interrupted; everything is stopped\./)
    })
  }

  const services = {
    'ends with another code than 0': ['process.exit(3)', /✗ Bellecour: the service ended with 3 where 0 was due\./],
    'sends less than is previewed': ['', /✗ Bellecour: measure 1 of the preview is [\s\S]* but the DACC stored none\./],
    'writes to its output': ['console.log("hello")', /✗ Bellecour: the service wrote something beside its log: hello/],
    'logs an error': [
      'console.log(JSON.stringify({ type: "critical", message: "no air" }))',
      /✗ Bellecour: the service logged \(critical\): no air\./,
    ],
    'ignores that there is no consent': [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a program, which fills in its own
      'fetch(`${process.env.COZY_URL}/data/io.cozy.accounts/_normal_docs`, { headers: { authorization: `Bearer ${process.env.COZY_CREDENTIALS}` } })',
      /✗ Part-Dieu does not consent, but the service asked for io\.cozy\.accounts\./,
    ],
  } as const
  for (const [what, [service, sentence]] of Object.entries(services)) {
    it(`ends with 1 and a sentence if the service ${what}`, async () => {
      await withService(service, async (demo) => {
        const { code, stdout, left } = await demonstrate({ demo })
        assert.deepEqual([code, left], [1, []])
        // Sentences are broken into lines.
        assert.match(stdout.replaceAll('\n', ' ').replaceAll(' ✗', '\n✗'), sentence)
      })
    })
  }

  it('gives the service the environment of the stack and nothing else', async () => {
    await withService('console.log(Object.keys(process.env).sort().join(" "))', async (demo) => {
      const { stdout } = await demonstrate({ demo })
      const names = /Bellecour: the service wrote something beside its log: ([A-Z_\s]+)✗/
        .exec(stdout)?.[1]
        ?.split(/\s+/)
        .filter(Boolean)
      assert.deepEqual(names, [
        'COZY_CREDENTIALS',
        'COZY_FIELDS',
        'COZY_JOB_ID',
        'COZY_LOCALE',
        'COZY_PAYLOAD',
        'COZY_TIME_LIMIT',
        'COZY_TRIGGER_ID',
        'COZY_URL',
      ])
    })
  })
})

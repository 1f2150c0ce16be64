import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Measure } from '../../../js/types/index.d.ts'
import { dacc, file, folder, home, MEASURES, NOW, program } from './process.ts'

const line = (name?: unknown) => JSON.stringify(name === undefined ? home : { home: name, ...home })
const expected = (name: unknown) =>
  MEASURES.map((measure) => `{"home":${JSON.stringify(name)},"measure":${measure}}\n`).join('')

describe('a file of many homes', () => {
  const text = `${line('a')}\n\n${line()}\r\n${line(5)}`
  const lines = expected('a') + expected(3) + expected(4)
  const one = MEASURES.map((measure) => `${measure}\n`).join('')

  it('is a home a line, named by its field or by the number of its line', async () => {
    const { code, stdout, stderr } = await dacc(['preview', file('homes.ndjson', text), '--ndjson', ...NOW])
    assert.equal(stdout, lines)
    assert.equal(stderr, '3  event-duplicate  An event with the same _id was read before; the first stands.\n')
    assert.equal(code, 0)
  })

  it('is known by its content under another name, and on stdin', async () => {
    assert.equal((await dacc(['preview', file('homes.txt', text), '--ndjson', ...NOW])).stdout, lines)
    assert.equal((await dacc(['preview', '-', '--ndjson', ...NOW], { stdin: text })).stdout, lines)
    const late = `\ufeff\n\n${line('a')}\n\n${line('b')}\n`
    assert.equal(
      (await dacc(['preview', '-', '--ndjson', ...NOW], { stdin: late })).stdout,
      expected('a') + expected('b'),
    )
    const unnamed = `\n${line()}\n\n${line()}\n${line()}\n`
    assert.equal(
      (await dacc(['preview', '-', '--ndjson', ...NOW], { stdin: unnamed })).stdout,
      expected(2) + expected(4) + expected(5),
    )
  })

  it('ends its JSON where a home cannot be read, after those before it', async () => {
    const { code, stdout, stderr } = await dacc(['preview', '-', '--json', ...NOW], {
      stdin: `${line('a')}\n${line('b').slice(0, -1)}\n${line('c')}\n`,
    })
    const told = JSON.parse(stdout) as { measures: { home: string }[]; diagnostics?: object; error?: string }
    assert.deepEqual(
      told.measures.map(({ home }) => home),
      ['a', 'a', 'a'],
    )
    assert.equal(told.diagnostics, undefined)
    assert.match(told.error ?? '', /^stdin, line 2: /)
    assert.deepEqual({ code, stderr }, { code: 2, stderr: `dacc: ${told.error}\n` })
  })

  it('is one home where the name says so', async () => {
    const { stdout } = await dacc(['preview', file('one.ndjson', line('only')), '--ndjson', ...NOW])
    assert.equal(stdout, expected('only'))
  })

  it('is not what a single home is, on one line or on many', async () => {
    for (const [name, single] of Object.entries({
      'line.json': line('a'),
      'ended.json': `\n${line('a')}\n\n`,
      'pretty.json': JSON.stringify(home, null, 2),
      'brace.json': `{\n${line().slice(1)}`,
      'marked.json': `\ufeff${line()}`,
    })) {
      assert.equal((await dacc(['preview', file(name, single), '--ndjson', ...NOW])).stdout, one, name)
      assert.equal((await dacc(['preview', '-', '--ndjson', ...NOW], { stdin: single })).stdout, one, name)
    }
  })

  it('has a column of homes in its table', async () => {
    const { stdout } = await dacc(['preview', file('homes.ndjson', text), ...NOW])
    const rows = stdout.split('\n')
    assert.equal(rows[0], 'home  measure                 date        value  groups')
    assert.equal(rows[1], 'a     connection-count-daily  2024-03-09      1  device=mobile')
    assert.equal(rows[5], '3     connection-count-daily  2024-03-09      1  device=mobile')
  })

  it('cannot move a terminal by the name of a home', async () => {
    const { stdout } = await dacc(['preview', file('evil.ndjson', line('\u001b[2J\nx')), ...NOW])
    assert.ok(!stdout.includes('\u001b'))
    assert.equal(stdout.split('\n')[1]?.indexOf('\ufffd[2J\ufffdx'), 0)
  })

  it('ends at a home that cannot be read, after those before it', async () => {
    const { code, stdout, stderr } = await dacc([
      'preview',
      file('broken.ndjson', `${line('a')}\n{"home":"b",]}\n`),
      '--ndjson',
      ...NOW,
    ])
    assert.equal(stdout, expected('a'))
    assert.equal(stderr, 'dacc: broken.ndjson, line 2: this is not JSON at column 13\n')
    assert.equal(code, 2)
  })

  it('takes nothing for blank but spaces, tabs and line breaks', async () => {
    const blank = file('blank.txt', ` \t\r\n${line('a')}\n \t \r\n${line('b')}\n\n`)
    assert.equal((await dacc(['preview', blank, '--ndjson', ...NOW])).stdout, expected('a') + expected('b'))
    for (const filler of ['\0\0\0\0', '\x01', '\v', '\f', '\x1f', '\x7f', '\u00a0']) {
      for (const name of ['filled.txt', 'filled.ndjson']) {
        const filled = file(name, `${line('a')}\n${filler}\n${line('b')}\n`)
        const { code, stdout, stderr } = await dacc(['preview', filled, '--ndjson', ...NOW])
        assert.equal(stdout, expected('a'))
        assert.match(stderr, new RegExp(`^dacc: ${name}, line 2: this is not a JSON object`))
        assert.equal(code, 2)
      }
    }
    const zeros = await dacc(['preview', file('zeros.json', '\0'.repeat(4096)), ...NOW])
    assert.match(zeros.stderr, /^dacc: zeros\.json: this is not a JSON object/)
    assert.equal(zeros.code, 2)
  })

  it('says why there is nothing to send', async () => {
    const { stdout } = await dacc(['preview', file('none.ndjson', '{}\n{}\n'), ...NOW])
    assert.match(stdout, /^Nothing to send: none of the 2 homes consents today/)
    const some = await dacc(['preview', file('some.ndjson', `{}\n${line()}\n`), '--now', '2024-03-12T02:00:00'])
    assert.match(some.stdout, /^Nothing to send: .*; 1 of 2 homes do not consent today\.\n$/)
  })

  it('ends quietly when nobody reads on', async () => {
    const many = file('long.ndjson', `${line('a')}\n`.repeat(3000))
    for (const flags of [['--ndjson'], []]) {
      const child = spawn(process.execPath, [program, 'preview', many, ...flags, ...NOW], { cwd: folder })
      let stderr = ''
      child.stderr.setEncoding('utf8').on('data', (piece: string) => {
        stderr += piece
      })
      child.stdout.once('data', () => child.stdout.destroy())
      const code = await new Promise((resolve) => child.on('close', resolve))
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    }
  })
})

describe('real traffic', () => {
  const traffic = fileURLToPath(new URL('../../../../shared/data/web-traffic.ndjson', import.meta.url))
  const skip = existsSync(traffic) ? false : 'the traffic is not here: ../shared/data/web-traffic.ndjson'

  it('gives as many connections as there are', { skip }, async () => {
    const { code, stdout } = await dacc([
      'preview',
      traffic,
      '--ndjson',
      '--consent-since',
      '2015-01-01',
      '--from',
      '2015-05-17',
      '--to',
      '2015-05-20',
    ])
    const homes = readFileSync(traffic, 'utf8')
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as { home: string; 'com.grandlyon.ecolyo.usageevents': { type: string }[] })
    const sent = stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as { home: string; measure: Measure })
    const isConnected = ({ measure }: (typeof sent)[number]) => measure.measureName === 'connection-count-daily'
    const byHome = (name: string) =>
      sent.filter(isConnected).reduce((sum, { home, measure }) => sum + (home === name ? measure.value : 0), 0)

    assert.equal(homes.length, 869)
    let total = 0
    for (const { home, 'com.grandlyon.ecolyo.usageevents': events } of homes) {
      const connections = events.filter(({ type }) => type === 'ConnectionEvent').length
      assert.equal(byHome(home), connections, home)
      total += connections
    }
    assert.equal(
      sent.filter(isConnected).reduce((sum, { measure }) => sum + measure.value, 0),
      total,
    )
    assert.ok(total > 869)
    assert.equal(code, 0)
  })
})

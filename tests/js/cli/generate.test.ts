import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { describe, it } from 'node:test'
import { dacc, file, program } from './process.ts'

const EVENTS = 'com.grandlyon.ecolyo.usageevents'
const SPAN = ['--from', '2024-01-01', '--days', '40']

describe('dacc generate', () => {
  it('gives so many homes, one a line, each another, within the days', async () => {
    const { code, stdout, stderr } = await dacc(['generate', '--homes', '12', '--seed', '7', ...SPAN])
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    const homes = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { [EVENTS]: { eventDate: string }[] })
    assert.equal(new Set(homes.map((home) => JSON.stringify(home))).size, 12)
    const dates = homes.flatMap((home) => home[EVENTS].map(({ eventDate }) => eventDate.slice(0, 10)))
    assert.ok(dates.length > 100)
    assert.ok(dates.every((date) => date >= '2024-01-01' && date <= '2024-02-09'))
  })

  it('gives the same for the same seed, and something else for another', async () => {
    const made = async (seed: string) => (await dacc(['generate', '--homes', '2', '--seed', seed, ...SPAN])).stdout
    const [one, again, other] = await Promise.all([made('a'), made('a'), made('b')])
    assert.equal(one, again)
    assert.notEqual(one, other)
  })

  it('ends yesterday where no first day is given', async () => {
    const { stdout } = await dacc(['generate', '--homes', '20', '--days', '3', '--events-only'])
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
    const days = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { eventDate: string }).eventDate.slice(0, 10))
    assert.ok(days.every((day) => day <= yesterday))
    assert.ok(days.includes(yesterday))
  })

  it('makes up every day that it takes, and refuses those beyond', async () => {
    for (const span of [
      ['--from', '1970-01-01', '--days', '2'],
      ['--from', '2999-12-30', '--days', '2'],
    ]) {
      assert.equal((await dacc(['generate', ...span])).code, 0, span.join(' '))
    }
    for (const [from, days] of [
      ['9999-12-01', '92'],
      ['9999-12-31', '5'],
      ['0000-01-01', '1'],
      ['1969-12-31', '2'],
      ['2999-12-31', '2'],
    ] as const) {
      const { code, stdout, stderr } = await dacc(['generate', '--from', from, '--days', days])
      assert.match(stderr, /^dacc: --from: homes are made up of days from 1970-01-01 to 2999-12-31; [^\n]*\n$/, from)
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
    }
  })

  it('gives homes that preview reads', async () => {
    const { stdout } = await dacc(['generate', '--homes', '5', ...SPAN])
    const { code, stdout: lines } = await dacc([
      'preview',
      file('made.ndjson', stdout),
      '--ndjson',
      '--from',
      '2024-01-01',
      '--to',
      '2024-02-09',
      '--now',
      '2024-02-10T02:00:00',
    ])
    assert.equal(code, 0)
    assert.ok(lines.split('\n').length > 100)
  })

  it('ends quietly when nobody reads on', async () => {
    const child = spawn(process.execPath, [program, 'generate', '--homes', '100000'])
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      stderr += piece
    })
    child.stdout.once('data', () => child.stdout.destroy())
    const code = await new Promise((resolve) => child.on('close', resolve))
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  })

  it('refuses what it cannot make', async () => {
    for (const [flags, sentence] of [
      [['--homes', '0'], '--homes: "0" is not a whole number from 1 to 1000000'],
      [['--days', 'ten'], '--days: "ten" is not a whole number from 1 to 3660'],
      [['--from', '2024-02-30'], '--from: "2024-02-30" is not a day; write YYYY-MM-DD, a day of the calendar'],
    ] as const) {
      const { code, stderr } = await dacc(['generate', ...flags])
      assert.deepEqual({ code, stderr }, { code: 2, stderr: `dacc: ${sentence}\n` })
    }
  })
})

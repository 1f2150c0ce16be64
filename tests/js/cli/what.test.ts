// What stands for a home: a file, an address or events; and files that are
// something else.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { kindOf } from '../../../js/cli/input/file-kind.ts'
import { FULL_HOME, FULL_OPTIONS, previewed, world } from '../service/world.ts'
import { dacc, file, home, MEASURES, NOW } from './process.ts'
import { noTerminal, onTerminal } from './terminal.ts'

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

const events = home['com.grandlyon.ecolyo.usageevents']
const lines = `${events.map((event) => JSON.stringify(event)).join('\n')}\n`

/** Files that are neither a home nor events, and what is said of each. */
const OTHERS: Record<string, [name: string, content: string, sentence: string]> = {
  measures: [
    'm.ndjson',
    `${MEASURES.join('\n')}\n`,
    'these are measures; dacc check m.ndjson judges them, and dacc send m.ndjson sends them',
  ],
  'measures in an array': [
    'm.json',
    `[${MEASURES.join(',')}]`,
    'these are measures; dacc check m.json judges them, and dacc send m.json sends them',
  ],
  'measures of many homes': [
    'mm.ndjson',
    `{"home":"a","measure":${MEASURES[0]}}\n`,
    'these are measures; dacc check mm.ndjson judges them, and dacc send mm.ndjson sends them',
  ],
  'a preview as JSON': [
    'p.json',
    `{"measures":[\n${MEASURES[0]}\n],"diagnostics":{}}\n`,
    'these are measures; dacc check p.json judges them, and dacc send p.json sends them',
  ],
  'an export': [
    'e.json',
    '[{"_col":"dacc.export","format":1,"collections":{}},\n',
    'this is an export; dacc import HOME e.json brings it into a home, and dacc recover HOME e.json its events back',
  ],
  'a configuration': [
    'c.json',
    '{"now":"2024-03-10T02:00:00","zone":"Europe/Paris"}',
    'this is a configuration; write --config c.json, and name a home',
  ],
  'a catalog': [
    'catalog.json',
    JSON.stringify({ extends: true, indicators: [] }),
    'this is a catalog; dacc definitions --catalog catalog.json prints its definitions, and --config takes it as {"catalog": …}',
  ],
  'the description of an app': [
    'app.json',
    read('apps/ecolyo/app.json'),
    'this is the description of an app; dacc check app.json checks it, and dacc preview EVENTS --app app.json tries it',
  ],
  definitions: [
    'd.json',
    '{"definitions":[{"id":1,"name":"a"}]}',
    'these are definitions of a DACC; dacc definitions has to do with them',
  ],
  'a manifest': [
    'manifest.webapp',
    `{"slug":"ecolyo",${read('pkg/manifest.webapp').trim().slice(1)}`,
    'this is a manifest; dacc manifest --merge manifest.webapp completes it',
  ],
}

describe('a file that is something else', { concurrency: 2 }, () => {
  for (const [name, [path, content, sentence]] of Object.entries(OTHERS)) {
    it(`is known for what it is, with the command that is for it: ${name}`, async () => {
      file(path, content)
      for (const args of [
        ['preview', path],
        ['explain', 'e1', path],
        ['status', path],
        ['report', path],
        ['export', path, '-o', 'out.json'],
        ['purge', path],
      ]) {
        const { code, stdout, stderr } = await dacc(args)
        assert.deepEqual({ code, stdout, stderr }, { code: 2, stdout: '', stderr: `dacc: ${path}: ${sentence}\n` })
      }
    })
  }

  it('is not found in a home, whatever its documents hold', () => {
    for (const text of [
      JSON.stringify(home),
      JSON.stringify({ home: 'name', ...home }),
      '{"com.grandlyon.ecolyo.term":[{"type":1,"measureName":2,"docs":[]}]',
      `\ufeff ${JSON.stringify(home, null, 2)}`,
      '{"io.cozy.accounts":[{"a":"{\\"eventDate\\": 1}"}]}',
    ])
      assert.equal(kindOf(text), 'home', text)
    for (const text of ['{}', '', 'text', '7', '{"a": 1}']) assert.equal(kindOf(text), 'other', text)
  })
})

describe('events alone', { concurrency: 2 }, () => {
  const NOTE =
    "These are events alone, without terms, profile and loads: only what is made of events is computed, of all of them as one home's, and as if consent stood on every day.\n"
  const forms = {
    'one a line': lines,
    'an array': JSON.stringify(events),
    'a _find answer': JSON.stringify({ docs: events, next: false, bookmark: 'b' }),
  }
  for (const [name, content] of Object.entries(forms)) {
    it(`are previewed, with what is missing: ${name}`, async () => {
      const { code, stdout, stderr } = await dacc([
        'preview',
        file(`${name.replaceAll(' ', '-')}.txt`, content),
        '--ndjson',
        ...NOW,
      ])
      assert.deepEqual([code, stdout], [0, `${MEASURES.join('\n')}\n`])
      assert.ok(stderr.endsWith(NOTE), stderr)
    })
  }

  it('of another time say when the last one was', async () => {
    const { code, stdout, stderr } = await dacc(['preview', '-', '--now', '2026-01-10T02:00:00'], { stdin: lines })
    assert.deepEqual([code, stdout], [0, 'Nothing to send: no event of yesterday makes a measure.\n'])
    assert.ok(!stderr.includes('consents today'))
    assert.match(
      stderr,
      /^The last event that counts is of 2024-03-09, .*: --to 2024-03-09 shows what that day made, --month 2024-03 its month\.$/m,
    )
  })

  it("have a report, and no other of the person's rights", async () => {
    const own = JSON.parse((await dacc(['report', file('own.json', home), '--json', ...NOW])).stdout) as {
      events: number
      duplicates: number
      types: object
    }
    for (const content of Object.values(forms)) {
      const { code, stdout, stderr } = await dacc(['report', file('alone.txt', content), '--json', ...NOW])
      assert.equal(code, 0, stderr)
      const { events, duplicates, types } = JSON.parse(stdout) as typeof own
      assert.deepEqual(
        { events, duplicates, types },
        { events: own.events, duplicates: own.duplicates, types: own.types },
      )
      assert.match(stderr, /^These are events alone, without terms: nothing is expected of any day\.$/m)
    }
    for (const args of [
      ['status', 'alone.txt'],
      ['purge', 'alone.txt'],
      ['export', 'alone.txt', '-o', 'out.json'],
    ]) {
      const { code, stderr } = await dacc(args)
      assert.deepEqual(
        [code, stderr],
        [
          2,
          'dacc: alone.txt: these are events alone, and no home; dacc preview alone.txt, explain and report take them\n',
        ],
      )
    }
  })

  it('that stop being JSON are refused with their place', async () => {
    const { code, stderr } = await dacc(['preview', file('cut.json', '[{"type":"ConnectionEvent"},\n {]')])
    assert.match(stderr, /^dacc: cut\.json: this is not JSON at line 2, column \d+ \(byte \d+\)$/m)
    assert.equal(code, 2)
  })
})

describe('an old home', () => {
  it('says when its last event was, and what to ask for', async () => {
    const { stderr } = await dacc(['preview', file('home.json', home), '--now', '2024-06-10T02:00:00'])
    assert.match(
      stderr,
      /^The last event that counts is of 2024-03-09, which tonight's run does not look at: --to 2024-03-09 shows what that day made, --month 2024-03 its month\.$/m,
    )
    const { stdout } = await dacc([
      'preview',
      'home.json',
      '--now',
      '2024-06-10T02:00:00',
      '--to',
      '2024-03-09',
      '--ndjson',
    ])
    assert.equal(stdout, `${MEASURES.join('\n')}\n`)
  })

  it('of yesterday, or where days are asked for, does not', async () => {
    for (const args of [NOW, ['--now', '2024-06-10T02:00:00', '--from', '2024-06-01']]) {
      assert.ok(!(await dacc(['preview', file('home.json', home), ...args])).stderr.includes('The last event'))
    }
  })
})

describe('an address', () => {
  it('is previewed as the run would send, and explained; nothing is written', async (t) => {
    const { cozy, environment } = await world(t, FULL_HOME)
    const env = { ...environment(FULL_OPTIONS), COZY_URL: '' }
    const { code, stdout, stderr } = await dacc(['preview', cozy.url, '--ndjson'], { env })
    assert.deepEqual([code, stdout.split('\n').filter(Boolean)], [0, await previewed(FULL_HOME, FULL_OPTIONS)], stderr)
    const explained = await dacc(['explain', 'e1', cozy.url, '--json'], { env })
    const ofFile = await dacc(['explain', 'e1', file('full.json', FULL_HOME), '--json'], { env, stdin: '' })
    assert.equal(explained.code, 0, explained.stderr)
    const withNow = await dacc(
      ['explain', 'e1', 'full.json', '--json', '--config', file('full-options.json', FULL_OPTIONS)],
      { env },
    )
    assert.equal(explained.stdout, withNow.stdout)
    assert.equal(ofFile.code, 0)
    assert.ok(
      cozy.requests.every(({ method, path }) => method === 'GET' || /_(?:find|all_docs)/.test(path)),
      JSON.stringify(cozy.requests),
    )
  })

  it('that lets nobody in is told so', async (t) => {
    const { cozy } = await world(t, FULL_HOME)
    for (const args of [
      ['preview', cozy.url],
      ['explain', 'e1', cozy.url],
    ]) {
      const { code, stderr } = await dacc(args, { env: { COZY_CREDENTIALS: 'another' } })
      assert.match(stderr, /^dacc: http:\/\/127\.0\.0\.1:\d+: (?:[^:]+: )?the token is not accepted/)
      assert.equal(code, 4)
    }
  })
})

describe('a report', () => {
  const args = ['report', file('quality.json', home), '--from', '2024-03-01', '--to', '2024-03-09', ...NOW]

  it('leaves out what is zero', async () => {
    const { stdout } = await dacc(args)
    assert.match(stdout, /^2024-03-09 {2}\d+ expected, \d+ missing$/m)
    assert.match(stdout, /^8 days and months between 2024-03-01 and 2024-03-08: nothing expected, computed or sent$/m)
    assert.ok(!/\b0 [a-z]/.test(stdout.replace(/^.*\n/, '')), stdout)
  })

  it('ends before the edge of a terminal', { skip: noTerminal }, async () => {
    const { text } = await onTerminal(args, { NO_COLOR: '1' }).ended
    assert.ok(
      text.split('\n').every((line) => [...line].length <= 80),
      text,
    )
  })
})

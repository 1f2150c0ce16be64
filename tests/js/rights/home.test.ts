// The commands over home files, as a person uses them: the program in its own
// process, real files.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { program } from '../cli/process.ts'
import {
  content,
  dacc,
  done,
  EVENTS,
  file,
  folder,
  HISTORY,
  hashOfAllButTheLastLine,
  MEMORY,
  NOW,
  TERMS,
  withoutId,
} from './support.ts'

const AWKWARD = `{"${EVENTS}": [
{"_id":"a","type":"NavigationEvent","eventDate":"2024-04-08T08:00:00Z","n":1.10,"big":1e400,"s":"\\ud800 é 漢 \\"q\\""},
{"_id":"b","nested":{"deep":[[],{"_id":"x"}]},"eventDate":"2024-02-30T10:00:00Z"},
{"noId":true}
], "${TERMS}": [{"_id":"t","accepted":true,"version":"1.0.0","date":"2024-01-01T09:00:00Z"}], "com.example.other": [1, 2]}`

/** What is left in the folder of the names of files being made. */
const unfinished = () => readdirSync(folder).filter((name) => name.endsWith('.dacc-new'))

describe('a home file', () => {
  it('goes out with a hash that any program can check, and comes in again', async () => {
    const home = file('awkward.json', AWKWARD)
    await done('export', home, '-o', 'awkward.export.json', ...NOW)
    const text = content('awkward.export.json')
    const trailer = JSON.parse(text.trimEnd().split('\n').at(-1)!.slice(0, -1)) as {
      sha256: string
      counts: Record<string, number>
    }
    assert.equal(trailer.sha256, hashOfAllButTheLastLine(text))
    assert.equal(trailer.counts[EVENTS], 3)
    assert.equal((JSON.parse(text) as object[]).length, 1 + 3 + 1 + 1)
    await done('import', 'copy.json', 'awkward.export.json', ...NOW)
    for (const line of AWKWARD.split('\n').slice(1, 4)) {
      assert.ok(content('copy.json').includes(line.replace(/,$/, '')), line)
    }
    const copy = JSON.parse(content('copy.json').replace('1e400', '1')) as Record<string, { document?: object }[]>
    assert.equal(copy[TERMS], undefined)
    assert.deepEqual(
      copy[HISTORY]?.map(({ document }) => document),
      [{ _id: 't', accepted: true, version: '1.0.0', date: '2024-01-01T09:00:00Z' }],
    )
    const before = content('copy.json')
    const again = await done('import', 'copy.json', 'awkward.export.json', '--json', ...NOW)
    assert.equal(
      (JSON.parse(again.stdout) as { collections: { events: { inserted: number } } }).collections.events.inserted,
      0,
    )
    assert.equal(content('copy.json'), before)
    assert.deepEqual(unfinished(), [])
  })

  it('goes through pipes, compressed or not', async () => {
    const home = file('piped.json', AWKWARD)
    const { stdout } = await done('export', home, ...NOW)
    await done('export', home, '--gzip', '-o', 'piped.json.gz', ...NOW)
    const zipped = gunzipSync(readFileSync(path.join(folder, 'piped.json.gz'))).toString()
    // The first line has the time, and the last the hash of all that precedes it.
    assert.deepEqual(zipped.trimEnd().split('\n').slice(1, -1), stdout.trimEnd().split('\n').slice(1, -1))
    const piped = await dacc(['import', 'piped-copy.json', '-', ...NOW], { stdin: stdout })
    assert.equal(piped.code, 0, piped.stderr)
    await done('import', 'zipped-copy.json', 'piped.json.gz', ...NOW)
    assert.equal(withoutId(content('zipped-copy.json')), withoutId(content('piped-copy.json')))
    const cut = await dacc(['import', 'cut-copy.json', '-', ...NOW], { stdin: stdout.slice(0, -40) })
    assert.equal(cut.code, 2)
    assert.match(cut.stderr, /^dacc: stdin: the .* at byte \d+\n$/)
    assert.ok(!existsSync(path.join(folder, 'cut-copy.json')))
  })

  it('is unpacked however its bytes come', async () => {
    const home = file('slow.json', AWKWARD)
    await done('export', home, '--gzip', '-o', 'slow.json.gz', ...NOW)
    const zipped = readFileSync(path.join(folder, 'slow.json.gz'))
    const scratch = mkdtempSync(path.join(folder, 'scratch-'))
    const child = spawn(process.execPath, [program, 'import', 'slow-copy.json', '-', ...NOW], {
      cwd: folder,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { ...process.env, TMPDIR: scratch },
    })
    const ended = new Promise((resolve) => child.on('close', resolve))
    child.stdin.on('error', () => {}).write(zipped.subarray(0, 1))
    // It reads once it has a place for what it reads.
    for (let waited = 0; readdirSync(scratch, { recursive: true }).length < 2 && waited < 10_000; waited += 10)
      await setTimeout(10)
    await setTimeout(300)
    child.stdin.end(zipped.subarray(1))
    assert.equal(await ended, 0)
    await done('import', 'quick-copy.json', 'slow.json.gz', ...NOW)
    assert.equal(withoutId(content('slow-copy.json')), withoutId(content('quick-copy.json')))
    for (const stdin of ['', '[']) {
      const short = await dacc(['import', 'short.json', '-', ...NOW], { stdin })
      assert.deepEqual([short.code, existsSync(path.join(folder, 'short.json'))], [2, false])
    }
  })

  it('that is cut or changed gives nothing, and leaves what was there', async () => {
    const broken = file('broken.json', AWKWARD.slice(0, -20))
    writeFileSync(path.join(folder, 'kept.json'), 'kept')
    const ended = await dacc(['export', broken, '-o', 'kept.json', '--force', ...NOW])
    assert.equal(ended.code, 2)
    assert.match(ended.stderr, /^dacc: broken\.json: the text ends too early at byte \d+\n$/)
    assert.equal(content('kept.json'), 'kept')
    assert.deepEqual(unfinished(), [])
  })

  it('is purged with a backup, a receipt, and recovered', async () => {
    const home = file('purged.json', AWKWARD)
    const { stdout } = await done('purge', home, '--before', '2024-04-09', '--backup', 'purged.backup.json', ...NOW)
    assert.match(stdout, /^events +1 +2$/m)
    assert.match(stdout, /^1 document stand/m)
    assert.deepEqual(Object.keys(JSON.parse(content('purged.json').replace('1e400', '1')) as object), [
      EVENTS,
      TERMS,
      'com.example.other',
      MEMORY,
    ])
    const overwrites = await dacc(['purge', home, '--backup', 'purged.backup.json', ...NOW])
    assert.equal(overwrites.code, 2)
    assert.match(overwrites.stderr, /never overwritten/)
    writeFileSync(
      path.join(folder, 'bad.json'),
      content('purged.backup.json').replace('NavigationEvent', 'NavigationEvenT'),
    )
    const recovered = await dacc(['recover', home, 'bad.json', 'purged.backup.json', 'purged.backup.json', ...NOW])
    assert.equal(recovered.code, 3)
    assert.match(recovered.stderr, /^bad\.json: the export was changed/)
    assert.match(recovered.stdout, /^events +1 +1 /m)
    assert.ok(content('purged.json').includes('"n":1.10,"big":1e400'))
  })

  it('keeps its permissions to itself: an export is readable by its owner alone', async () => {
    await done('export', file('private.json', AWKWARD), '-o', 'private.export.json', ...NOW)
    assert.equal(statSync(path.join(folder, 'private.export.json')).mode & 0o077, 0)
  })

  it('is merged with a former one, or both are shown not to fit', async () => {
    const event = (id: string, eventDate: string) => ({ _id: id, type: 'NavigationEvent', eventDate })
    const former = file('former.json', { [EVENTS]: [event('f', '2023-05-01T08:00:00Z')] })
    const late = file('late.json', { [EVENTS]: [event('l', '2024-04-09T08:00:00Z')] })
    const home = file('current.json', { [EVENTS]: [event('c', '2024-04-08T08:00:00Z')] })
    const refused = await dacc(['merge', late, home, ...NOW])
    assert.equal(refused.code, 3)
    assert.match(refused.stderr, /2024-04-09T08:00:00Z.*2024-04-08T08:00:00Z/)
    const { stdout } = await done('merge', former, home, '--backup', 'former.backup.json', ...NOW)
    assert.match(stdout, /last event: 2023-05-01T08:00:00Z. The current's first: 2024-04-08T08:00:00Z/)
    const ids = (JSON.parse(content('current.json')) as Record<string, { _id: string }[]>)[EVENTS]?.map(
      ({ _id }) => _id,
    )
    assert.deepEqual(ids, ['c', 'f'])
    assert.deepEqual((JSON.parse(content('former.json')) as Record<string, object[]>)[EVENTS], [])
  })

  it('is reported on as text, JSON and CSV', async () => {
    const home = file('report.json', AWKWARD)
    const json = JSON.parse((await done('report', home, '--json', ...NOW)).stdout) as {
      events: number
      periods: { period: string }[]
    }
    assert.equal(json.events, 3)
    const { stdout: csv } = await done('report', home, '--csv', ...NOW)
    const [fields, periods] = csv.split('\r\n\r\n')
    assert.equal(fields?.split('\r\n')[0], 'type,count,field,present,missing,missingPercent,unknown,outOfRange')
    assert.ok(fields?.includes('NavigationEvent,1,target,0,1,100,0,0'))
    assert.equal(periods?.trimEnd().split('\r\n').length, 1 + json.periods.length)
    assert.match((await done('report', home, ...NOW)).stdout, /^NavigationEvent +1 +target: 1 missing \(100 %\)/m)
  })

  it('tells its status, its receipts, and the record prints', async () => {
    const home = file('status.json', AWKWARD)
    assert.match((await done('status', home, ...NOW)).stdout, /^days +waits +1 for the next run$/m)
    assert.match((await done('receipts', home, ...NOW)).stdout, /Nothing was ever planned/)
    const { stdout } = await done('record')
    assert.match(stdout, /^- \*\*events\*\* \(`com\.grandlyon\.ecolyo\.usageevents`\)/m)
    assert.match(stdout, /^- \*\*quiz-stars\*\*, by day/m)
  })
})

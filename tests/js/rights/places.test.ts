// Where a command's files truly are: links, two names of one file, devices, and
// two commands at once.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { NodeFiles } from '../../../js/hosts/files/node-files.ts'
import { program } from '../cli/process.ts'
import { content, dacc, done, EVENTS, file, folder, NOW } from './support.ts'

const at = (name: string) => path.join(folder, name)
const event = (id: string) => ({ _id: id, type: 'ProfileSetEvent', eventDate: '2023-03-01T08:00:00Z' })
const HOME = { [EVENTS]: [event('secret')] }
const ids = (name: string) =>
  (JSON.parse(content(name)) as Record<string, { _id: string }[]>)[EVENTS]?.map(({ _id }) => _id)

describe('a home behind a link', () => {
  it('is purged where it truly is, and the link stays one', async () => {
    mkdirSync(at('elsewhere'))
    file('elsewhere/home.json', HOME)
    symlinkSync('elsewhere/home.json', at('link.json'))
    await done('purge', 'link.json', '--no-backup', ...NOW)
    assert.ok(!content('elsewhere/home.json').includes('secret'))
    assert.ok(lstatSync(at('link.json')).isSymbolicLink())
    assert.deepEqual(readdirSync(at('elsewhere')), ['home.json'])
  })

  it('that is not there yet is made where the link leads to', async () => {
    await done('export', file('from.json', HOME), '-o', 'from.export.json', ...NOW)
    symlinkSync('elsewhere/new.json', at('new-link.json'))
    await done('import', 'new-link.json', 'from.export.json', ...NOW)
    assert.deepEqual(ids('elsewhere/new.json'), ['secret'])
    assert.ok(lstatSync(at('new-link.json')).isSymbolicLink())
  })
})

describe('a home that is rewritten', () => {
  it('keeps its permissions', async () => {
    file('shared.json', HOME)
    chmodSync(at('shared.json'), 0o664)
    await done('purge', 'shared.json', '--no-backup', ...NOW)
    assert.equal(statSync(at('shared.json')).mode & 0o777, 0o664)
  })

  it('is not given to a second command while one is at work', async () => {
    file('busy.json', HOME)
    writeFileSync(at('.busy.json.dacc-lock'), String(process.pid))
    const ended = await dacc(['purge', 'busy.json', '--no-backup', ...NOW])
    assert.equal(ended.code, 2)
    assert.match(ended.stderr, /^dacc: busy\.json: another command is at work on it; [^\n]+\n$/)
    assert.deepEqual(ids('busy.json'), ['secret'])
    assert.equal(content('.busy.json.dacc-lock'), String(process.pid))
    await done('status', 'busy.json', ...NOW)
  })

  it('is taken over from a process that is gone', async () => {
    file('stale.json', HOME)
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    writeFileSync(at('.stale.json.dacc-lock'), String(pid))
    writeFileSync(at(`.stale.json.${pid}-0.dacc-new`), 'half')
    await done('purge', 'stale.json', '--no-backup', ...NOW)
    assert.deepEqual(ids('stale.json'), [])
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes('.stale.json.')),
      [],
    )
  })

  it('loses nothing to two imports at once: both are in, or one was refused', async () => {
    const sizes = 3_000
    for (const which of ['a', 'b']) {
      file(`${which}.json`, { [EVENTS]: Array.from({ length: sizes }, (_, nth) => event(`${which}${nth}`)) })
      await done('export', `${which}.json`, '-o', `${which}.export.json`, ...NOW)
    }
    for (let round = 0; round < 3; round += 1) {
      const home = file(`both-${round}.json`, {})
      const ended = await Promise.all(['a', 'b'].map((which) => dacc(['import', home, `${which}.export.json`, ...NOW])))
      const expected = ended.reduce((sum, { code }) => sum + (code === 0 ? sizes : 0), 0)
      assert.ok(expected > 0 && ended.every(({ code }) => code === 0 || code === 2), JSON.stringify(ended))
      assert.equal(ids(home)?.length, expected)
    }
  })

  it('stays as another program left it meanwhile', async () => {
    const home = file('changed.json', HOME)
    const files = new NodeFiles({ home: at(home) }, { rewrites: ['home'] })
    await files.take()
    await files.read('home', 0, 10)
    await files.append('home', new TextEncoder().encode('{}'))
    writeFileSync(at(home), '{"other": []}')
    await assert.rejects(files.commit('home'), /another program changed it meanwhile/)
    await files.close()
    assert.equal(content(home), '{"other": []}')
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('.changed')),
      [],
    )
  })
})

describe('an output', () => {
  it('is never the home or the file that is read, by any of its names', async () => {
    file('own.json', HOME)
    symlinkSync('own.json', at('own-link.json'))
    linkSync(at('own.json'), at('own-hard.json'))
    file('pass', 'words\n')
    const before = content('own.json')
    for (const output of ['own.json', './own.json', 'own-link.json', 'own-hard.json']) {
      const commands = [
        ['export', 'own.json'],
        ['seal', 'own.json', '--passphrase-file', 'pass'],
        ['open', 'own.json', '--passphrase-file', 'pass'],
      ]
      for (const args of commands) {
        const ended = await dacc([...args, '-o', output, ...(args[0] === 'export' ? NOW : [])])
        assert.equal(ended.code, 2, args.join(' '))
        assert.match(ended.stderr, /^dacc: [^\n]*own[^\n]*it is the same file as [^\n]+\n$/)
      }
      assert.equal((await dacc(['backup', 'own.json', '-o', output, ...NOW])).code, 2)
      assert.equal(content('own.json'), before)
    }
  })

  it('that is a pipe is written to, and stays one', async (t) => {
    if (spawnSync('mkfifo', [at('pipe')]).status !== 0) return t.diagnostic('without mkfifo this shows nothing')
    const home = file('to-pipe.json', HOME)
    const reader = spawn('cat', [at('pipe')])
    let text = ''
    reader.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    const read = new Promise((resolve) => reader.on('close', resolve))
    await done('export', home, '-o', 'pipe', ...NOW)
    await read
    assert.equal((JSON.parse(text) as object[]).length, 3)
    assert.ok(statSync(at('pipe')).isFIFO())
  })

  it('on a full disk is one sentence, by name or as stdout', async (t) => {
    if (!existsSync('/dev/full')) return t.diagnostic('without /dev/full this shows nothing')
    const home = file('to-full.json', HOME)
    const named = await dacc(['export', home, '-o', '/dev/full', ...NOW])
    assert.deepEqual([named.code, named.stderr], [2, 'dacc: /dev/full: the disk is full\n'])
    // So much, and so mixed, that compressed it does not fit into what waits either.
    const mixed = Array.from({ length: 20_000 }, (_, nth) => ({
      ...event(`e${nth}`),
      hash: createHash('sha256').update(String(nth)).digest('hex'),
    }))
    const zipped = await dacc(['export', file('mixed.json', { [EVENTS]: mixed }), '--gzip', '-o', '/dev/full', ...NOW])
    assert.deepEqual([zipped.code, zipped.stderr], [2, 'dacc: /dev/full: the disk is full\n'])
    assert.ok(statSync('/dev/full').isCharacterDevice())
    const full = openSync('/dev/full', 'w')
    const { status, stderr } = spawnSync(process.execPath, [program, 'export', at(home), ...NOW], {
      stdio: ['ignore', full, 'pipe'],
    })
    closeSync(full)
    assert.deepEqual([status, stderr.toString()], [2, 'dacc: stdout: the disk is full\n'])
  })
})

// How files are read: while nobody changes them, through pipes, compressed, and
// never so that a disk is filled.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { explainError } from '../../../js/hosts/files/file-error.ts'
import { NodeFiles } from '../../../js/hosts/files/node-files.ts'
import { ScratchFolder } from '../../../js/hosts/files/scratch-folder.ts'
import { readStable } from '../../../js/hosts/files/stable-file.ts'
import { program } from '../cli/process.ts'
import { content, dacc, done, EVENTS, file, folder, NOW, withoutId } from './support.ts'

// Where the program keeps what it alone needs: nothing of it may stay.
const scratch = mkdtempSync(path.join(folder, 'scratch-'))
process.env['TMPDIR'] = scratch

const at = (name: string) => path.join(folder, name)
const event = (id: string) => ({ _id: id, type: 'ProfileSetEvent', eventDate: '2023-03-01T08:00:00Z' })
const HOME = { [EVENTS]: [event('secret')] }
const hasPipes = spawnSync('mkfifo', [at('probe')]).status === 0

describe('a home that another program rewrites in place', () => {
  const changes: Record<string, (name: string) => void> = {
    'with another size': (name) => writeFileSync(at(name), `${content(name)} `),
    'with another time': (name) => writeFileSync(at(name), content(name).replaceAll('old', 'new')),
    'within one tick of its clock, as far as its time tells': (name) => {
      const { atime, mtime } = statSync(at(name))
      writeFileSync(at(name), content(name).replaceAll('old', 'new'))
      utimesSync(at(name), atime, mtime)
    },
  }
  for (const [how, change] of Object.entries(changes)) {
    it(`${how} gives no output`, async () => {
      const name = file('in-place.json', { [EVENTS]: Array.from({ length: 9_000 }, (_, nth) => event(`old${nth}`)) })
      const second = new Date(Date.now() - 3_600_000)
      // A whole second, which is set back to the letter.
      utimesSync(at(name), second, new Date(Math.floor(second.getTime() / 1_000) * 1_000))
      const files = new NodeFiles({ home: at(name), output: at('in-place.out') })
      await files.take()
      await files.read('home', 0, 1_000)
      change(name)
      await files.append('output', await files.read('home', 300_000, 1_000))
      await assert.rejects(files.commit('output'), /^FileError: home: another program changed it while it was read/)
      await assert.rejects(files.unchanged(), /another program changed it/)
      await files.close()
      assert.ok(!existsSync(at('in-place.out')))
    })
  }

  it('is told while its pieces are read, each of which has to be what it was', async () => {
    const name = file('pieces.json', { [EVENTS]: Array.from({ length: 20_000 }, (_, nth) => event(`old${nth}`)) })
    const files = new NodeFiles({ home: at(name) })
    for (const place of [0, 300_000, 600_000, 900_000]) await files.read('home', place, 100)
    const handle = openSync(at(name), 'r+')
    writeSync(handle, 'X', 50)
    closeSync(handle)
    await assert.rejects(files.read('home', 0, 100), /another program changed it/)
    await files.close()
  })

  it('is not taken for changed by who reads it, renames what is beside it, or changes its permissions', async () => {
    const name = file('same.json', HOME)
    const files = new NodeFiles({ home: at(name), output: at('same.out') })
    await files.take()
    await files.append('output', await files.read('home', 0, 1_000))
    readFileSync(at(name))
    spawnSync('chmod', ['600', at(name)])
    await files.commit('output')
    await files.close()
    assert.equal(content('same.out'), content(name))
  })

  it('ends an export through a pipe without the element that makes it whole', { skip: !hasPipes }, async () => {
    const name = file('through.json', { [EVENTS]: Array.from({ length: 40_000 }, (_, nth) => event(`old${nth}`)) })
    const child = spawn(process.execPath, [program, 'export', name, ...NOW], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [text, stderr] = ['', '']
    child.stderr.on('data', (piece: Buffer) => {
      stderr += piece.toString()
    })
    const ended = new Promise((resolve) => child.on('close', resolve))
    // It waits for who reads: the file is far larger than a pipe.
    await new Promise<void>((resolve) => child.stdout.once('readable', resolve))
    writeFileSync(at(name), content(name).replaceAll('old', 'new'))
    for await (const piece of child.stdout) text += (piece as Buffer).toString()
    assert.equal(await ended, 2, stderr)
    assert.match(stderr, /^dacc: through\.json: another program changed it while it was read; [^\n]+\n$/)
    assert.ok(!text.includes('dacc.export.end'))
  })

  it('is told by every command that reads a file once', async () => {
    const handle = await open(at(file('once.json', 'x'.repeat(100))))
    await assert.rejects(async () => {
      for await (const piece of readStable(handle, 10))
        if (piece.length > 0) writeFileSync(at('once.json'), 'y'.repeat(101))
    }, /another program changed it/)
    await handle.close()
  })
})

describe('an input', () => {
  const exported = async (name: string) => {
    await done('export', file(`${name}.json`, HOME), '-o', `${name}.export.json`, ...NOW)
    return readFileSync(at(`${name}.export.json`))
  }

  it('comes through pipes of any kind', { skip: !hasPipes }, async () => {
    const bytes = await exported('pipes')
    const sh = (command: string) =>
      spawnSync('bash', ['-c', command, program], { cwd: folder, env: { ...process.env, DACC_PASSPHRASE: 'words' } })
    const D = `"${process.execPath}" "$0"`
    const now = NOW.join(' ')
    for (const [what, command] of Object.entries({
      'a process': `${D} import 1.json <(cat pipes.export.json) ${now}`,
      'a process that packs': `${D} import 2.json <(gzip -c pipes.export.json) ${now}`,
      '/dev/stdin': `cat pipes.export.json | ${D} import 3.json /dev/stdin ${now}`,
      '/dev/stdin from a file': `${D} import 4.json /dev/stdin ${now} < pipes.export.json`,
      'a home': `${D} export <(cat pipes.json) ${now} > 5.json`,
      'a home from stdin': `cat pipes.json | ${D} status - ${now}`,
      sealing: `cat pipes.export.json | ${D} seal - -o 6.age && cat 6.age | ${D} open - -o 6.json && cmp 6.json pipes.export.json`,
      'sealing a file called -name': `cp pipes.export.json -- -name && ${D} seal -o 7.age -- -name`,
    })) {
      const { status, stderr } = sh(command)
      assert.equal(status, 0, `${what}: ${stderr.toString()}`)
    }
    for (const name of ['1', '2', '3', '4'])
      assert.equal(withoutId(content(`${name}.json`)), withoutId(content('1.json')))
    for (const [what, command] of Object.entries({
      'purge <(…)': `${D} purge <(cat pipes.json) ${now}`,
      'purge -': `cat pipes.json | ${D} purge - ${now}`,
      'stdin twice': `cat pipes.json | ${D} import - - --dry-run ${now}`,
    })) {
      const { status, stderr } = sh(command)
      assert.equal(status, 2, what)
      assert.match(
        stderr.toString(),
        /^dacc: (?:\S+: this is no regular file, and cannot be rewritten|stdin: stdin is named twice, and can be read once)\n$/,
        what,
      )
    }
    assert.ok(bytes.length > 0)
  })

  it('that is compressed is unpacked, and several of them each by itself', async () => {
    const files: string[] = []
    for (const name of ['z1', 'z2', 'z3']) {
      const home = file(`${name}.json`, { [EVENTS]: [event(name)] })
      await done('export', home, '--gzip', '-o', `${name}.gz`, ...NOW)
      files.push(`${name}.gz`)
    }
    await done('recover', 'zipped-all.json', ...files, '--same-home', ...NOW)
    for (const name of ['z1', 'z2', 'z3']) assert.ok(content('zipped-all.json').includes(`"${name}"`))
    writeFileSync(at('home.json.gz'), gzipSync(content('z1.json')))
    assert.match((await done('export', 'home.json.gz', ...NOW)).stdout, /"_id":"z1"/)
    const refused = await dacc(['purge', 'home.json.gz', '--no-backup', ...NOW])
    assert.deepEqual(
      [refused.code, refused.stderr],
      [2, 'dacc: home.json.gz: it is compressed (gzip); unpack it first, as with gunzip\n'],
    )
  })

  it('with a byte order mark is read, and in another coding is named', async () => {
    const bytes = await exported('coding')
    await done('import', 'coded.json', file('marked.json', Buffer.concat([Buffer.from('\ufeff'), bytes])), ...NOW)
    await done(
      'import',
      'coded-too.json',
      file('marked.gz', gzipSync(Buffer.concat([Buffer.from('\ufeff'), bytes]))),
      ...NOW,
    )
    assert.equal(withoutId(content('coded.json')), withoutId(content('coded-too.json')))
    for (const [bad, word] of [
      [Buffer.from(`\ufeff${bytes.toString()}`, 'utf16le'), 'it is text in UTF-16'],
      [gzipSync(Buffer.from(`\ufeff${bytes.toString()}`, 'utf16le')), 'it is text in UTF-16'],
      [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0]), 'it is compressed (zstd)'],
      [gzipSync(bytes).subarray(0, 60), 'it is compressed, and cut'],
      [Buffer.concat([gzipSync(bytes).subarray(0, 60), randomBytes(60)]), 'its compression is damaged'],
    ] as const) {
      const ended = await dacc(['import', 'none.json', file('bad', bad), ...NOW])
      assert.equal(ended.code, 2)
      assert.ok(ended.stderr.startsWith(`dacc: bad: ${word}`) && ended.stderr.split('\n').length === 2, ended.stderr)
      assert.ok(!existsSync(at('none.json')))
    }
  })

  it('that is a file of many homes is told which commands read it', async () => {
    const line = JSON.stringify(HOME)
    for (const args of [['status'], ['export'], ['purge', '--no-backup']]) {
      const { code, stderr } = await dacc([...args, file('many.ndjson', `${line}\n${line}\n`), ...NOW])
      assert.equal(code, 2)
      assert.match(
        stderr,
        /^dacc: many\.ndjson: these are several homes, one a line, [^\n]*preview and explain[^\n]*\n$/,
      )
    }
  })
})

describe('scratch', () => {
  it('is not filled by what was packed to fill a disk', async () => {
    // 200 MB of what an export may have, in 200 kB.
    const whole = gzipSync(Buffer.alloc(200_000_000, ' '))
    for (const [name, stdin] of [
      [file('bomb.gz', whole), ''],
      ['-', whole],
    ] as const) {
      const ended = await dacc(['import', 'bombed.json', name, ...NOW], { stdin })
      assert.equal(ended.code, 2)
      assert.match(
        ended.stderr,
        /^dacc: (?:bomb\.gz|stdin): it unpacks to more than 200 times its size, as no export does, and would fill the disk\n$/,
      )
      assert.ok(!existsSync(at('bombed.json')))
      assert.deepEqual(readdirSync(scratch), [])
    }
  })

  it('takes no more than a bound, of all inputs together', async () => {
    const bytes = gzipSync(randomBytes(60_000))
    for (const name of ['part-1', 'part-2']) writeFileSync(at(name), bytes)
    const small = new ScratchFolder(100_000)
    assert.equal(statSync(await small.seekable(at('part-1'))).size, 60_000)
    await assert.rejects(
      small.seekable(at('part-2')),
      /more than 1 GiB; unpack it to a file, which is read where it is/,
    )
    const [folderOfIt] = readdirSync(scratch)
    const used = readdirSync(path.join(scratch, folderOfIt!)).reduce(
      (sum, name) => sum + statSync(path.join(scratch, folderOfIt!, name)).size,
      0,
    )
    assert.ok(used <= 100_000, String(used))
    await small.clear()
  })
})

describe('a full disk', () => {
  it('is told with the folder that it holds', () => {
    const full = (code: string, where?: string) => explainError(Object.assign(new Error(), { code }), where).message
    assert.equal(full('ENOSPC', '/data'), 'the disk that holds /data is full')
    assert.equal(full('EDQUOT', '/$&'), 'the quota of the disk that holds /$& is used up')
    assert.equal(full('ENOSPC'), 'the disk is full')
    assert.match(new ScratchFolder().shown, new RegExp(`^${scratch}, .*TMPDIR`))
  })

  it('or a limit of files leaves nothing, and the home as it was', async (t) => {
    const events = Array.from({ length: 3_000 }, (_, nth) => ({
      ...event(`e${nth}`),
      hash: createHash('sha256').update(String(nth)).digest('hex'),
    }))
    const name = file('limited.json', { [EVENTS]: events })
    const before = content(name)
    const limited = (command: string) =>
      spawnSync('bash', ['-c', `ulimit -f 100 && "${process.execPath}" "$0" ${command} ${NOW.join(' ')}`, program], {
        cwd: folder,
      })
    if (spawnSync('bash', ['-c', 'ulimit -f 100']).status !== 0) return t.diagnostic('without bash this shows nothing')
    for (const [command, told] of [
      [`purge ${name} --backup limited.backup.json`, 'limited.backup.json'],
      [`export ${name} -o limited.out`, 'limited.out'],
    ] as const) {
      const { status, stderr } = limited(command)
      assert.deepEqual(
        [status, stderr.toString()],
        [2, `dacc: ${told}: it grew larger than files may become here (ulimit -f tells)\n`],
      )
      assert.ok(!existsSync(at(told)))
    }
    await done('export', name, '--gzip', '-o', 'limited.gz', ...NOW)
    const { status, stderr } = limited('import limited-new.json limited.gz')
    assert.equal(status, 2, stderr.toString())
    assert.equal(content(name), before)
    assert.deepEqual(
      readdirSync(folder).filter((each) => each.startsWith('.')),
      [],
    )
  })
})

describe('all that', () => {
  it('leaves nothing of what the commands alone need', () => assert.deepEqual(readdirSync(scratch), []))
})

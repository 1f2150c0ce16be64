// The names that files get: one name is given once, none is taken from a file
// that is there, and none is too long; and what else a home file may be called.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { rewriteFile } from '../../../js/hosts/files/atomic-file.ts'
import { claimName } from '../../../js/hosts/files/claim-name.ts'
import { removeLeftovers } from '../../../js/hosts/files/cleanup.ts'
import { identityOf } from '../../../js/hosts/files/file-identity.ts'
import { NodeFiles } from '../../../js/hosts/files/node-files.ts'
import { program } from '../cli/process.ts'
import { content, dacc, done, EVENTS, file, folder, NOW } from './support.ts'

const at = (name: string) => path.join(folder, name)
const event = (id: string) => ({ _id: id, type: 'ProfileSetEvent', eventDate: '2023-03-01T08:00:00Z' })
const home = (name: string, id: string = name) => file(name, { [EVENTS]: [event(id)] })
const bytes = (text: string) => new TextEncoder().encode(text)
const hidden = () => readdirSync(folder).filter((name) => name.startsWith('.'))
const LINE = /^dacc: [^\n]+\n$/

describe('a final name', () => {
  it('is given to one of two that are made at the same time', async () => {
    const [one, two] = [new NodeFiles({ output: at('one-name') }), new NodeFiles({ output: at('one-name') })]
    for (const files of [one, two]) await files.take()
    await one.append('output', bytes('one'))
    await two.append('output', bytes('two'))
    await one.commit('output')
    await assert.rejects(two.commit('output'), /another program made it meanwhile/)
    for (const files of [one, two]) await files.close()
    assert.equal(content('one-name'), 'one')
    assert.deepEqual(hidden(), [])
  })

  it('gives way to the next where the person gave none', async () => {
    const given = () => {
      let count = 1
      const another = () => {
        count += 1
        return `way-${count}.json`
      }
      return new NodeFiles({ backup: at('way.json') }, { another: { backup: another } })
    }
    const all = [given(), given(), given()]
    for (const files of all) await files.take()
    for (const [nth, files] of all.entries()) await files.append('backup', bytes(String(nth)))
    for (const files of all) await files.commit('backup')
    // What is read again is what this one wrote.
    for (const [nth, files] of all.entries())
      assert.equal(Buffer.from(await files.read('backup', 0, 10)).toString(), String(nth))
    for (const files of all) await files.close()
    assert.deepEqual(['way.json', 'way-2.json', 'way-3.json'].map(content), ['0', '1', '2'])
  })

  it('is given once on disks without hard links too', async () => {
    const none = () => Promise.reject(Object.assign(new Error(), { code: 'EPERM' }))
    for (const name of ['first', 'second']) writeFileSync(at(`${name}.new`), name)
    assert.equal(await claimName(at('first.new'), at('without-links'), none), true)
    assert.equal(await claimName(at('second.new'), at('without-links'), none), false)
    assert.equal(content('without-links'), 'first')
    assert.deepEqual(
      ['first.new', 'second.new'].map((name) => existsSync(at(name))),
      [false, true],
    )
    await assert.rejects(claimName(at('nothing.new'), at('no-name'), none), { code: 'ENOENT' })
    assert.ok(!existsSync(at('no-name')))
  })

  it('of a home that was not there is not taken from one that another made meanwhile', async () => {
    const files = new NodeFiles({ home: at('appeared.json') }, { rewrites: ['home'], mayMiss: ['home'] })
    await files.take()
    assert.equal((await files.read('home', 0, 10)).length, 0)
    await files.append('home', bytes('{}'))
    writeFileSync(at('appeared.json'), '{"other": []}')
    await assert.rejects(files.commit('home'), /another program changed it meanwhile/)
    await files.close()
    assert.equal(content('appeared.json'), '{"other": []}')
  })

  it('is given to the backup of each of many purges in one folder', async () => {
    const here = mkdtempSync(path.join(folder, 'purges-'))
    const names = Array.from({ length: 6 }, (_, nth) => `H${nth}.json`)
    for (const name of names) home(path.join(path.basename(here), name), name)
    const purge = 'xargs -P6 -I{} "$0" "$1" purge {} --now 2024-04-10T12:00:00'
    await promisify(execFile)('sh', ['-c', `printf '${names.join('\\n')}\\n' | ${purge}`, process.execPath, program], {
      cwd: here,
    })
    const backups = readdirSync(here).filter((name) => name.startsWith('dacc-backup'))
    assert.equal(backups.length, names.length)
    for (const name of names) {
      assert.ok(!readFileSync(path.join(here, name), 'utf8').includes(`"${name}"`), 'purged')
      assert.equal(
        backups.filter((backup) => readFileSync(path.join(here, backup), 'utf8').includes(`"${name}"`)).length,
        1,
        name,
      )
    }
  })

  it('of two backups to one name is given to one, and the other is refused', async () => {
    const ended = await Promise.all(
      ['x', 'y'].map((id) => dacc(['backup', home(`two-${id}.json`, id), '-o', 'two.backup.json', ...NOW])),
    )
    assert.deepEqual(ended.map(({ code }) => code).sort(), [0, 2], JSON.stringify(ended))
    const winner = ended[0]?.code === 0 ? 'x' : 'y'
    assert.ok(content('two.backup.json').includes(`"_id":"${winner}"`))
  })
})

describe('a file that is there', () => {
  const env = { DACC_PASSPHRASE: 'words' }
  it('is never overwritten by an output, unless --force says so', async () => {
    home('force.json')
    await done('export', 'force.json', '-o', 'force.export.json', ...NOW)
    assert.equal((await dacc(['seal', 'force.export.json', '-o', 'force.age'], { env })).code, 0)
    for (const args of [
      ['export', 'force.json', ...NOW],
      ['seal', 'force.export.json'],
      ['open', 'force.age'],
    ]) {
      writeFileSync(at('kept'), 'kept')
      const refused = await dacc([...args, '-o', 'kept'], { env })
      assert.deepEqual(
        [refused.code, refused.stderr],
        [2, 'dacc: kept: it is there already; give another name, or --force to overwrite it\n'],
      )
      assert.equal(content('kept'), 'kept')
      const forced = await dacc([...args, '-o', 'kept', '--force'], { env })
      assert.equal(forced.code, 0, forced.stderr)
      assert.notEqual(content('kept'), 'kept')
    }
  })

  it('is never overwritten by a backup at all', async () => {
    writeFileSync(at('kept'), 'kept')
    home('never.json')
    for (const args of [
      ['backup', 'never.json', '-o', 'kept'],
      ['purge', 'never.json', '--backup', 'kept'],
      ['merge', 'never.json', 'force.json', '--backup', 'kept'],
    ]) {
      const refused = await dacc([...args, ...NOW])
      assert.deepEqual(
        [refused.code, refused.stderr],
        [2, 'dacc: kept: it is there already, and is never overwritten; give another name\n'],
      )
    }
    assert.equal(content('kept'), 'kept')
    assert.ok(content('never.json').includes('never.json'))
  })
})

describe('a name of 250 bytes', () => {
  for (const [what, sign] of [
    ['of ASCII', 'n'],
    ['of signs of three bytes', '漢'],
  ] as const) {
    it(`${what} hinders no command`, async () => {
      const long = `${sign.repeat(Math.floor(245 / Buffer.byteLength(sign)))}.json`
      home(long, 'secret')
      await done('purge', long, '--backup', `b${long}`.slice(0, sign === 'n' ? 250 : 80), ...NOW)
      assert.ok(!content(long).includes('secret'))
      // Its lock is its own: a name that begins the same is another home.
      const files = new NodeFiles({ home: at(long) }, { rewrites: ['home'] })
      await files.take()
      assert.match((await dacc(['purge', long, '--no-backup', ...NOW])).stderr, /another command is at work on it/)
      await done('purge', home(`${long.slice(0, -6)}x.json`), '--no-backup', ...NOW)
      await files.close()
      await done('export', long, '-o', `e${long}`.slice(0, sign === 'n' ? 250 : 80), ...NOW)
      assert.deepEqual(hidden(), [])
    })
  }
})

describe('a home file with another name (a hard link)', () => {
  it('is not purged as if nothing were left', async () => {
    home('linked.json', 'secret')
    linkSync(at('linked.json'), at('linked-too.json'))
    const refused = await dacc(['purge', 'linked.json', '--no-backup', ...NOW])
    assert.equal(refused.code, 2)
    assert.match(
      refused.stderr,
      /^dacc: linked\.json: it has another name \(a hard link\), which would keep what is erased here; [^\n]+\n$/,
    )
    const merged = await dacc(['merge', 'linked.json', home('link-target.json'), '--no-backup', ...NOW])
    assert.match(merged.stderr, /^dacc: linked\.json: it has another name/)
    assert.ok(content('linked.json').includes('secret'))
    const { stdout } = await done('purge', 'linked.json', '--no-backup', '--leave-links', '--json', ...NOW)
    const { notErased } = JSON.parse(stdout) as { notErased: { what: string; count: number }[] }
    assert.deepEqual(
      notErased.map(({ what, count }) => [what, count]),
      [['links', 1]],
    )
    assert.ok(!content('linked.json').includes('secret') && content('linked-too.json').includes('secret'))
  })

  it('takes an import, and tells that the other name does not', async () => {
    await done('export', home('link-source.json'), '-o', 'link-source.export.json', ...NOW)
    file('link-home.json', {})
    linkSync(at('link-home.json'), at('link-home-too.json'))
    const { stderr } = await done('import', 'link-home.json', 'link-source.export.json', ...NOW)
    assert.equal(stderr, 'link-home.json: 1 other name of it (hard links) lead to what it was before\n')
    assert.equal(content('link-home-too.json'), '{}')
  })

  it('is not one where an unfinished file of a killed command has the same content', async () => {
    home('half-named.json')
    linkSync(at('half-named.json'), at('.half-named.json.999999999-0.dacc-new'))
    await done('purge', 'half-named.json', '--no-backup', ...NOW)
    assert.deepEqual(hidden(), [])
  })
})

describe('a home file that is write-protected', () => {
  it('is not rewritten, and is read', async () => {
    home('protected.json', 'secret')
    chmodSync(at('protected.json'), 0o444)
    const refused = await dacc(['purge', 'protected.json', '--no-backup', ...NOW])
    assert.deepEqual(
      [refused.code, refused.stderr],
      [2, 'dacc: protected.json: it is write-protected; chmod u+w allows that it is changed\n'],
    )
    assert.ok(content('protected.json').includes('secret'))
    await done('status', 'protected.json', ...NOW)
    assert.equal(statSync(at('protected.json')).mode & 0o777, 0o444)
  })
})

describe('what a killed command has left', () => {
  it('is taken away by the same user alone', async (t) => {
    if (process.getuid === undefined) return t.diagnostic('without users this shows nothing')
    const here = mkdtempSync(path.join(folder, 'left-'))
    writeFileSync(path.join(here, 'dacc-999999999-abcdef'), '')
    const own = process.getuid
    t.after(() => {
      process.getuid = own
    })
    process.getuid = () => own() + 1
    await removeLeftovers(here, /^dacc-(\d+)-/)
    assert.equal(readdirSync(here).length, 1)
    process.getuid = own
    await removeLeftovers(here, /^dacc-(\d+)-/)
    assert.equal(readdirSync(here).length, 0)
  })
})

describe("a file's name", () => {
  it('reaches a terminal without control characters and changes of direction', async () => {
    const odd = 'a\u001b[2J\u202eb\u2066.json'
    home(odd)
    const told = [
      await dacc(['export', odd, '-o', `${odd}.out`, ...NOW]),
      await dacc(['backup', odd, '-o', `${odd}.backup`, ...NOW]),
      await dacc(['purge', odd, '--dry-run', '--backup', `${odd}.b2`, ...NOW]),
      await dacc(['recover', odd, `${odd}.none`, ...NOW]),
      await dacc(['purge', odd, '--backup', `${odd}.b3`, ...NOW]),
      await dacc(['export', odd, '-o', `${odd}.out`, ...NOW]),
      await dacc(['check', odd]),
      await dacc(['preview', odd, `--month`, '2023-03', ...NOW]),
      await dacc(['seal', odd, '-o', `${odd}.out`], { env: { DACC_PASSPHRASE: 'x' } }),
    ]
    for (const { stdout, stderr } of told)
      assert.ok(
        !/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(stdout + stderr),
        JSON.stringify(told),
      )
    assert.match(told[0]?.stderr ?? '', /^1 documents? written to a\ufffd/)
  })
})

describe('a dry run', () => {
  it('of a purge tells what would be, and does nothing', async () => {
    home('dry.json', 'secret')
    chmodSync(at('dry.json'), 0o444)
    const before = readdirSync(folder)
    const { stdout } = await done('purge', 'dry.json', '--dry-run', '--backup', 'dry.backup.json', ...NOW)
    assert.match(stdout, /^events +1 +0$/m)
    assert.match(
      stdout,
      /\nNothing was written: this is what would be\. What goes would first be written to dry\.backup\.json\.\n$/,
    )
    const json = JSON.parse((await done('purge', 'dry.json', '--dry-run', '--json', ...NOW)).stdout) as {
      dryRun: boolean
      deleted: object
    }
    assert.deepEqual([json.dryRun, json.deleted], [true, { events: 1 }])
    assert.deepEqual(readdirSync(folder), before)
    assert.ok(content('dry.json').includes('secret'))
  })

  it('of a merge tells what would be, and does nothing', async () => {
    const former = home('dry-former.json', 'former')
    const current = file('dry-current.json', { [EVENTS]: [{ ...event('current'), eventDate: '2024-03-01T08:00:00Z' }] })
    const before = [readdirSync(folder), content(former), content(current)]
    const { stdout } = await done('merge', former, current, '--dry-run', ...NOW)
    assert.match(
      stdout,
      /^The former's last event: 2023-03-01T08:00:00Z\. The current's first: 2024-03-01T08:00:00Z\.\n/,
    )
    assert.match(stdout, /\nNothing was written: this is what would be\./)
    assert.deepEqual([readdirSync(folder), content(former), content(current)], before)
    assert.match((await dacc(['merge', current, former, '--dry-run', ...NOW])).stderr, LINE)
  })
})

describe('a manifest that is completed', () => {
  const manifest = (name: string) => file(name, '{\n  "slug": "app",\n  "permissions": {}\n}\n')
  it('is written whole, under its name, with the permissions it had', async () => {
    manifest('manifest.webapp')
    chmodSync(at('manifest.webapp'), 0o640)
    await done('manifest', '--merge', 'manifest.webapp')
    assert.equal(
      Object.keys((JSON.parse(content('manifest.webapp')) as { permissions: object }).permissions).length > 3,
      true,
    )
    assert.equal(statSync(at('manifest.webapp')).mode & 0o777, 0o640)
    assert.deepEqual(hidden(), [])
  })

  it('stays as it is where it is write-protected', async () => {
    const before = content(manifest('protected.webapp'))
    chmodSync(at('protected.webapp'), 0o444)
    const refused = await dacc(['manifest', '--merge', 'protected.webapp'])
    assert.deepEqual(
      [refused.code, refused.stderr],
      [2, 'dacc: protected.webapp: it is write-protected; chmod u+w allows that it is changed\n'],
    )
    assert.equal(content('protected.webapp'), before)
  })

  it('stays as another program left it meanwhile', async () => {
    const name = at(manifest('meanwhile.webapp'))
    const seen = await identityOf(name)
    writeFileSync(name, '{"slug":"other"}')
    await assert.rejects(rewriteFile(name, '{}', seen), /another program changed it meanwhile/)
    assert.equal(content('meanwhile.webapp'), '{"slug":"other"}')
    assert.deepEqual(hidden(), [])
  })
})

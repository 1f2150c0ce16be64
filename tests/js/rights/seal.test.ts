import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { armor, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { dacc, done, file, folder } from './support.ts'

/** More than one piece of the format, each of which is 64 KiB. */
const PLAIN = Array.from({ length: 30_000 }, (_, at) => `{"line":${at}}`).join('\n')

const at = (name: string) => path.join(folder, name)

describe('a sealed export', () => {
  it('opens with the passphrase, and with no other', async () => {
    file('pass', 'the right words\n')
    file('wrong', 'other words\n')
    file('plain', PLAIN)
    await done('seal', 'plain', '-o', 'plain.age', '--passphrase-file', 'pass')
    assert.ok(!readFileSync(at('plain.age')).includes('line'))
    await done('open', 'plain.age', '-o', 'opened', '--passphrase-file', 'pass')
    assert.equal(readFileSync(at('opened'), 'utf8'), PLAIN)
    const wrong = await dacc(['open', 'plain.age', '-o', 'no', '--passphrase-file', 'wrong'])
    assert.equal(wrong.code, 3)
    assert.match(wrong.stderr, /^dacc: plain\.age: it does not open/)
    assert.ok(!existsSync(at('no')))
  })

  it('that is cut or has a flipped bit anywhere leaves no file', async () => {
    const identity = await generateX25519Identity()
    file('key', `# a key\n${identity}\n`)
    file('plain', PLAIN)
    await done('seal', 'plain', '-o', 'sealed', '--recipient', await identityToRecipient(identity))
    const sealed = readFileSync(at('sealed'))
    const flipped = (place: number) => {
      const copy = Buffer.from(sealed)
      copy.writeUInt8(copy.readUInt8(place) ^ 1, place)
      return copy
    }
    const damaged = [
      ...[0, 30, 100, 250, 1_000, 66_000, sealed.length - 1].map(flipped),
      ...[0, 10, 150, 1_000, 65_900, sealed.length - 1].map((length) => sealed.subarray(0, length)),
      Buffer.concat([sealed, Buffer.from('x')]),
    ]
    for (const [nth, bytes] of damaged.entries()) {
      writeFileSync(at('damaged'), bytes)
      const ended = await dacc(['open', 'damaged', '-o', 'no', '--identity', 'key'])
      assert.equal(ended.code, 3, `${nth}: ${ended.stderr}`)
      assert.ok(!existsSync(at('no')) && !readdirSync(folder).some((name) => name.endsWith('.dacc-new')), String(nth))
    }
    await done('open', 'sealed', '-o', 'opened-by-key', '--identity', 'key')
    assert.equal(readFileSync(at('opened-by-key'), 'utf8'), PLAIN)
  })

  it('is opened by age itself, and what age sealed is opened here', async (t) => {
    if (spawnSync('age', ['--version']).status !== 0) {
      t.diagnostic('without the program age (Debian: apt install age) this shows nothing')
      return
    }
    const identity = await generateX25519Identity()
    const recipient = await identityToRecipient(identity)
    file('key', `${identity}\n`)
    file('plain', PLAIN)
    await done('seal', 'plain', '-o', 'ours.age', '--recipient', recipient)
    rmSync(at('theirs'), { force: true })
    const opened = spawnSync('age', ['--decrypt', '--identity', at('key'), at('ours.age')], { maxBuffer: 1 << 24 })
    assert.equal(opened.stdout.toString(), PLAIN, opened.stderr.toString())
    const sealed = spawnSync('age', ['--recipient', recipient, '--output', at('theirs.age'), at('plain')])
    assert.equal(sealed.status, 0, sealed.stderr.toString())
    await done('open', 'theirs.age', '-o', 'theirs', '--identity', 'key')
    assert.equal(readFileSync(at('theirs'), 'utf8'), PLAIN)
  })

  it('asks for what is missing', async () => {
    file('plain', 'x')
    const ended = await dacc(['seal', 'plain', '-o', 'no'], { env: { DACC_PASSPHRASE: '' } })
    assert.equal(ended.code, 2)
    assert.match(ended.stderr, /a passphrase or a key is needed/)
    const wrong = await dacc(['seal', 'plain', '-o', 'no', '--recipient', 'me'])
    assert.equal(wrong.code, 2)
    assert.match(wrong.stderr, /this is no public key/)
    assert.ok(!existsSync(at('no')))
  })

  it('as text opens too, and not where it was changed', async () => {
    const identity = await generateX25519Identity()
    file('key', `${identity}\n`)
    file('plain', PLAIN)
    await done('seal', 'plain', '-o', 'bytes.age', '--recipient', await identityToRecipient(identity))
    const text = armor.encode(readFileSync(at('bytes.age')))
    file('text.age', `\n${text}`)
    await done('open', 'text.age', '-o', 'from-text', '--identity', 'key')
    assert.equal(readFileSync(at('from-text'), 'utf8'), PLAIN)
    const lines = text.split('\n')
    for (const [nth, damaged] of [lines.slice(0, -2), lines.filter((_, line) => line !== 900)].entries()) {
      file('text.age', damaged.join('\n'))
      const ended = await dacc(['open', 'text.age', '-o', 'no', '--identity', 'key'])
      assert.equal(ended.code, 3, `${nth}: ${ended.stderr}`)
      assert.ok(!existsSync(at('no')))
    }
  })

  it('into a folder that is not there says so', async () => {
    file('pass', 'the right words\n')
    file('plain', 'x')
    await done('seal', 'plain', '-o', 'nowhere.age', '--passphrase-file', 'pass')
    for (const args of [
      ['seal', 'plain'],
      ['open', 'nowhere.age'],
    ]) {
      const ended = await dacc([...args, '-o', 'nowhere/file', '--passphrase-file', 'pass'])
      assert.deepEqual([ended.code, ended.stderr], [2, 'dacc: nowhere/file: there is no such folder\n'])
    }
  })

  it('has a passphrase or keys, never both', async () => {
    file('pass', 'the right words\n')
    file('plain', 'x')
    const recipient = await identityToRecipient(await generateX25519Identity())
    const both = await dacc(['seal', 'plain', '-o', 'no', '--recipient', recipient, '--passphrase-file', 'pass'])
    assert.equal(both.code, 2)
    assert.match(both.stderr, /^dacc: --recipient: it does not go with --passphrase-file/)
    const open = await dacc(['open', 'plain', '-o', 'no', '--identity', 'plain', '--passphrase-file', 'pass'])
    assert.equal(open.code, 2)
    assert.match(open.stderr, /^dacc: --identity: it does not go with --passphrase-file/)
    assert.ok(!existsSync(at('no')))
  })
})

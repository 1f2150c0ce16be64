// The package as it is published and installed: what is in it, how large it is, and that it works
// where there is nothing else.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { before, describe, it } from 'node:test'
import { hashes, pack, project, run } from './tools.ts'

/** Bytes; what is measured today and a little more. Who makes it larger says so here. */
const MOST_PACKED = 2_250_000
const MOST_UNPACKED = 5_500_000

const HOME = JSON.stringify({
  'com.grandlyon.ecolyo.term': [{ accepted: true, version: '1.0.0', date: '2024-01-01T09:00:00Z' }],
  'com.grandlyon.ecolyo.usageevents': [{ type: 'ProfileSetEvent', eventDate: '2024-03-09T14:03:11Z' }],
})

const USE = `
const check = (dacc) => {
  const { measures } = dacc.aggregateHome(${JSON.stringify(HOME)}, { now: '2024-03-10T02:00:00' })
  console.log(measures.map(({ measureName }) => measureName).join())
}`

describe('the package', () => {
  let folder: string
  let installed: string
  before(async () => {
    folder = await project()
    installed = path.join(folder, 'node_modules/dacc-aggregator')
  })

  const node = async (code: string, type: 'module' | 'commonjs') =>
    (await run(process.execPath, ['--input-type', type, '-e', code], { cwd: folder })).stdout.trim()

  it('is as small as it can be, holds nothing twice, and brings nothing with it', async () => {
    const { size, unpackedSize, files } = await pack(path.join(folder, 'packed'))
    assert.ok(size < MOST_PACKED && unpackedSize < MOST_UNPACKED, `${size} bytes packed, ${unpackedSize} unpacked`)
    const byHash = new Map<string, string[]>()
    for (const [file, hash] of await hashes(installed)) byHash.set(hash, [...(byHash.get(hash) ?? []), file])
    // Declarations are there for both systems of modules.
    const twice = [...byHash.values()].filter(
      (names) => names.length > 1 && !names.every((name) => /\.d\.[cm]?ts$/.test(name)),
    )
    assert.deepEqual(twice, [])
    const modules = files
      .filter(({ path: file }) => file.endsWith('.wasm'))
      .map(({ path: file }) => file)
      .sort()
    assert.deepEqual(modules, [
      'wasm/aggregate/dacc_aggregator_bg.simd.wasm',
      'wasm/aggregate/dacc_aggregator_bg.wasm',
      'wasm/dacc_aggregator_bg.wasm',
    ])
    const { stdout } = await run('npm', ['ls', '--all', '--parseable'], { cwd: folder })
    assert.deepEqual(
      stdout
        .trim()
        .split('\n')
        .map((name) => path.basename(name))
        .slice(1),
      ['dacc-aggregator'],
    )
  })

  it('has its licences, and those of what is in it', async () => {
    for (const name of ['LICENSE-MIT', 'LICENSE-APACHE']) {
      assert.equal(
        await readFile(path.join(installed, name), 'utf8'),
        await readFile(new URL(`../../../${name}`, import.meta.url), 'utf8'),
      )
    }
    const others = await readFile(path.join(installed, 'LICENSE-THIRD-PARTY'), 'utf8')
    for (const name of ['hono', 'preact', 'commander', 'age-encryption', 'serde_json', 'wasm-bindgen'])
      assert.match(others, new RegExp(`^${name} \\d+\\.\\d+`, 'm'), name)
    for (const words of ['Permission is hereby granted', 'WITHOUT WARRANTY OF ANY KIND'])
      assert.ok(others.includes(words))
  })

  it('has every file that it names', async () => {
    const { exports, bin, main, types, module } = JSON.parse(
      await readFile(path.join(installed, 'package.json'), 'utf8'),
    ) as Record<string, unknown>
    const named = (value: unknown): string[] =>
      typeof value === 'string' ? [value] : Object.values(value as object).flatMap(named)
    const there = await hashes(installed)
    for (const file of named([exports, bin, main, types, module])) {
      if (!file.includes('*')) assert.ok(there.has(path.normalize(file)), file)
    }
    // And declarations that import others find them.
    for (const file of there.keys()) {
      if (!/\.d\.[cm]?ts$/.test(file)) continue
      const text = await readFile(path.join(installed, file), 'utf8')
      for (const [, wanted = ''] of text.matchAll(/from '(\.[^']*)'/g)) {
        const target = path.join(path.dirname(file), wanted.replace(/\.([cm]?)js$/, '.d.$1ts'))
        assert.ok(there.has(target), `${file} imports ${wanted}`)
      }
    }
  })

  it('works by import and by require, whole, inlined, and for events alone', async () => {
    const name = 'profile-count-monthly,navigation-action-daily'
    const expected = await node(`import { load } from 'dacc-aggregator'\n${USE}\ncheck(await load())`, 'module')
    assert.match(expected, /navigation-action-daily/, name)
    assert.equal(
      await node(`const { load } = require('dacc-aggregator')\n${USE}\nload().then(check)`, 'commonjs'),
      expected,
    )
    assert.equal(
      await node(`import { load } from 'dacc-aggregator/inline'\n${USE}\ncheck(await load())`, 'module'),
      expected,
    )
    const events = `dacc => console.log(dacc.aggregate('[{"type":"ProfileSetEvent","eventDate":"2024-03-09T14:03:11Z"}]', { now: '2024-03-10T02:00:00', consent: [{ from: '2024-01-01' }] }).measures.length)`
    assert.equal(
      await node(`import { load } from 'dacc-aggregator/aggregate'\n;(${events})(await load())`, 'module'),
      '1',
    )
    assert.equal(
      await node(`const { load } = require('dacc-aggregator/aggregate')\nload().then(${events})`, 'commonjs'),
      '1',
    )
    for (const [code, type] of [
      ["import { service } from 'dacc-aggregator/service'\nconsole.log(typeof service)", 'module'],
      ["const { service } = require('dacc-aggregator/service')\nconsole.log(typeof service)", 'commonjs'],
    ] as const)
      assert.equal(await node(code, type), 'function')
  })

  it('says what came in place of the module, and what to do', async () => {
    for (const [code, words] of [
      [
        "await load(new TextEncoder().encode('<!doctype html><html>'))",
        /begins with 3c 21 64 6f.*optimizeDeps.*dacc-aggregator\/inline/,
      ],
      ["await load(new Response('<html>', { status: 404 }))", /status 404.*dacc-aggregator\/inline/],
      ["await load(new URL('file:///nowhere/module.wasm'))", /nowhere\/module\.wasm.*ENOENT.*dacc-aggregator\/inline/],
      ['await load(new Response(new Uint8Array([31, 139, 8, 0])))', /begins with 1f 8b 08 00/],
    ] as const) {
      for (const entry of ['dacc-aggregator', 'dacc-aggregator/inline', 'dacc-aggregator/aggregate']) {
        // Nothing reads files in a browser.
        if (entry.endsWith('/inline') && code.includes('file:')) continue
        assert.match(
          await node(
            `import { load } from '${entry}'\ntry { ${code} } catch (error) { console.log(error.message) }`,
            'module',
          ),
          words,
          `${entry}: ${code}`,
        )
      }
    }
  })

  it('has a command line that works alone, a local stack and its page too', async (t) => {
    const dacc = path.join(installed, 'bin/dacc.mjs')
    assert.match((await run(process.execPath, [dacc, '--version'])).stdout, /^\d+\.\d+\.\d+/)
    const child = spawn(process.execPath, [dacc, 'dev', '--port', '0', '--json'], {
      cwd: folder,
      env: { ...process.env, DATABASE_URL: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    t.after(() => child.kill('SIGKILL'))
    const line = await new Promise<string>((resolve) => createInterface(child.stdout).once('line', resolve))
    const { page } = JSON.parse(line) as { page: string }
    const module = await fetch(new URL('dacc_aggregator_bg.wasm', page))
    assert.deepEqual([module.status, module.headers.get('content-type')], [200, 'application/wasm'])
    const kept = await run(process.execPath, [dacc, 'dev', '--port', '0', '--folder', path.join(folder, 'kept')], {
      cwd: folder,
      timeout: 20_000,
    }).catch((error: unknown) => error as { stderr: string })
    assert.match(kept.stderr, /npm install @electric-sql\/pglite/)
  })
})

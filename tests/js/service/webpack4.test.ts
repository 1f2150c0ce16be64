// The library in an app that is built with webpack 4, as Cozy's own tools do
// it: it ignores the `exports` of packages, and reads no syntax after ES2019.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { runService } from './stack.ts'
import { FULL_HOME, FULL_OPTIONS, previewed, stored, world } from './world.ts'

const run = promisify(execFile)
const PACKAGE = fileURLToPath(new URL('../../../pkg/', import.meta.url))

/** Kept below target/ for the next time: no dependency of this project. */
const TOOLS = fileURLToPath(new URL('../../../target/webpack4/', import.meta.url))
const WEBPACK = path.join(TOOLS, 'node_modules/webpack')

/** Why webpack 4 cannot be had, if it cannot. */
async function missing(): Promise<string | undefined> {
  if (existsSync(WEBPACK)) return undefined
  await mkdir(TOOLS, { recursive: true })
  await writeFile(path.join(TOOLS, 'package.json'), '{ "private": true }\n')
  return run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', 'webpack@4.47.0'], {
    cwd: TOOLS,
    timeout: 300_000,
  }).then(
    () => undefined,
    () => 'webpack 4 could not be installed here',
  )
}

/** An app with the package in it, alone in a folder. */
async function app(t: TestContext, entry: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dacc-app-'))
  t.after(() => rm(folder, { recursive: true }))
  const installed = path.join(folder, 'node_modules/dacc-aggregator')
  await mkdir(installed, { recursive: true })
  for (const part of ['package.json', 'service'])
    await cp(path.join(PACKAGE, part), path.join(installed, part), { recursive: true })
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n')
  await writeFile(path.join(folder, 'entry.js'), entry)
  return folder
}

const ENTRY = `const { service } = require('dacc-aggregator/service')
console.log(JSON.stringify({ type: 'info', message: typeof service }))
`

describe('the folder of the service', () => {
  it('is the library to whoever ignores `exports`, and all that it names is there', () => {
    const main = JSON.parse(readFileSync(path.join(PACKAGE, 'service/package.json'), 'utf8')) as Record<string, string>
    for (const field of ['main', 'types'])
      assert.ok(existsSync(path.join(PACKAGE, 'service', main[field] ?? '')), field)
    // Node itself ignores them for a folder that is named by its path.
    const resolved = createRequire(import.meta.url).resolve(path.join(PACKAGE, 'service'))
    assert.equal(path.basename(resolved), 'service.cjs')
  })

  it('starts no run when it is required, also by its path', async (t) => {
    const folder = await app(t, ENTRY.replace('dacc-aggregator/service', './node_modules/dacc-aggregator/service'))
    const { stdout } = await run(process.execPath, ['entry.js'], { cwd: folder, env: {} })
    assert.equal(stdout, '{"type":"info","message":"function"}\n')
  })
})

const why = await missing()

describe('an app that is built with webpack 4', { skip: why }, () => {
  /** Builds it into one file. */
  async function built(t: TestContext, entry: string): Promise<string> {
    const folder = await app(t, entry)
    const build = `
      const webpack = require(${JSON.stringify(WEBPACK)})
      webpack({ mode: 'production', target: 'node', entry: './entry.js', output: { path: __dirname, filename: 'built.js' } }, (error, stats) => {
        if (error || stats.hasErrors()) { console.error(error || stats.toString('errors-only')); process.exitCode = 1 }
      })`
    await writeFile(path.join(folder, 'build.js'), build)
    // Its hashes are of a kind that later Nodes have only so.
    await run(process.execPath, ['--openssl-legacy-provider', 'build.js'], { cwd: folder })
    return path.join(folder, 'built.js')
  }

  it('gets the library, which starts no run by itself', async (t) => {
    const { cozy, environment } = await world(t, FULL_HOME)
    const { code, lines } = await runService(environment(), { program: await built(t, ENTRY) })
    assert.deepEqual([code, lines], [0, [{ type: 'info', message: 'function' }]])
    assert.deepEqual(cozy.requests, [])
  })

  it('runs the service once, with its own configuration', async (t) => {
    const { dacc, environment } = await world(t, FULL_HOME)
    const entry = `require('dacc-aggregator/service').service(${JSON.stringify(FULL_OPTIONS)})\n`
    const { code, stderr } = await runService(environment(), { program: await built(t, entry) })
    assert.deepEqual([code, stderr], [0, ''])
    assert.deepEqual(await stored(dacc), await previewed(FULL_HOME, FULL_OPTIONS))
  })
})

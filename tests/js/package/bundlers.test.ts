// Other people's tools: each recipe of docs/bundlers.md, done with the tool itself in a project that
// has nothing but the packed package; and what is said where the recipe was not followed.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, it, type TestContext } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { Browser } from 'playwright-core'
import { launch, skip } from '../browser/chromium.ts'
import { project, run, tools } from './tools.ts'

const RECIPES = fileURLToPath(new URL('../../../docs/bundlers.md', import.meta.url))

/** A page that says how many measures it made, or why none. */
const page = (from: string, given = '') => `
import { load } from '${from}'
${given === '' ? '' : `import given from '${given}'`}
load(${given === '' ? '' : 'typeof given === "string" ? new URL(given, location.href) : given'}).then((dacc) => {
  const { measures } = dacc.aggregate('[{"type":"ProfileSetEvent","eventDate":"2024-03-09T14:03:11Z"}]', { now: '2024-03-10T02:00:00', consent: [{ from: '2024-01-01' }] })
  document.title = \`\${measures.length} measure\`
}).catch((error) => { document.title = error.message })
`

const HTML = (script: string) =>
  `<!doctype html><html lang="en"><title></title><script type="module" src="${script}"></script></html>\n`

/** Its words, once it has some. */
async function titleOf(browser: Browser, url: string): Promise<string> {
  const tab = await browser.newPage()
  try {
    await tab.goto(url)
    await tab.waitForFunction(() => document.title !== '', undefined, { timeout: 60_000 })
    return await tab.title()
  } finally {
    await tab.close()
  }
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
}

/** Serves a folder as any server of files does. */
async function serve(t: TestContext, folder: string): Promise<string> {
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const file = path.join(folder, pathname === '/' ? 'index.html' : pathname)
    readFile(file).then(
      (bytes) => response.setHeader('content-type', TYPES[path.extname(file)] ?? 'text/plain').end(bytes),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** Ends with the test. */
function ending(t: TestContext, child: ChildProcess): ChildProcess {
  t.after(() => child.kill('SIGKILL'))
  return child
}

describe('a bundler', { skip }, () => {
  let browser: Browser
  let installed: string
  before(async () => {
    installed = await project()
    browser = await launch()
  })
  after(() => browser.close())

  let count = 0
  /** A project beside the installed package. */
  async function app(files: Record<string, string>): Promise<string> {
    count += 1
    const folder = path.join(installed, `app-${count}`)
    await mkdir(folder)
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text)
    return folder
  }

  for (const version of ['5', '6', '7']) {
    it(`Vite ${version} serves and builds it, as docs/bundlers.md says`, async (t) => {
      const found = await tools(`vite@${version}`)
      if ('missing' in found) return t.skip(found.missing)
      const vite = pathToFileURL(path.join(found.folder, 'node_modules/vite/dist/node/index.js')).href
      const script = (root: string, config: object, act: string) => `
        import { build, createServer } from '${vite}'
        const config = { root: ${JSON.stringify(root)}, configFile: false, logLevel: 'error', server: { port: 0, host: '127.0.0.1' }, cacheDir: ${JSON.stringify(`${root}/.vite`)}, ...${JSON.stringify(config)} }
        ${act}`
      const served = async (entry: string, config: object) => {
        const root = await app({ 'index.html': HTML('/main.js'), 'main.js': entry })
        const child = ending(
          t,
          spawn(
            process.execPath,
            [
              '--input-type=module',
              '-e',
              script(
                root,
                config,
                'const server = await (await createServer(config)).listen(); console.log(server.resolvedUrls.local[0] ?? server.resolvedUrls.network[0])',
              ),
            ],
            { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
          ),
        )
        const url = await new Promise<string>((resolve) => createInterface(child.stdout!).once('line', resolve))
        return titleOf(browser, url)
      }
      assert.match(
        await served(page('dacc-aggregator'), {}),
        /begins with 3c 21 64 6f.*optimizeDeps: \{ exclude: \['dacc-aggregator'\] \}/,
      )
      assert.equal(
        await served(page('dacc-aggregator'), { optimizeDeps: { exclude: ['dacc-aggregator'] } }),
        '1 measure',
      )
      assert.equal(
        await served(page('dacc-aggregator/aggregate'), { optimizeDeps: { exclude: ['dacc-aggregator'] } }),
        '1 measure',
      )
      assert.equal(await served(page('dacc-aggregator/inline'), {}), '1 measure')
      assert.equal(
        await served(page('dacc-aggregator', 'dacc-aggregator/wasm?url'), {
          optimizeDeps: { exclude: ['dacc-aggregator'] },
        }),
        '1 measure',
      )
      const root = await app({ 'index.html': HTML('/main.js'), 'main.js': page('dacc-aggregator') })
      await run(process.execPath, ['--input-type=module', '-e', script(root, {}, 'await build(config)')], { cwd: root })
      assert.equal(await titleOf(browser, await serve(t, path.join(root, 'dist'))), '1 measure')
    })
  }

  it('esbuild bundles it, with the module inlined or handed over, and leaves a sentence where it is neither', async (t) => {
    const built = async (entry: string, loader: Record<string, 'binary' | 'file'> = {}) => {
      const root = await app({ 'index.html': HTML('/bundle.js'), 'main.js': entry })
      await build({
        entryPoints: [path.join(root, 'main.js')],
        outfile: path.join(root, 'bundle.js'),
        bundle: true,
        format: 'esm',
        loader,
        logLevel: 'error',
        publicPath: '/',
      })
      return titleOf(browser, await serve(t, root))
    }
    assert.match(await built(page('dacc-aggregator')), /status 404.*dacc-aggregator\/inline/)
    assert.equal(await built(page('dacc-aggregator/inline')), '1 measure')
    assert.equal(await built(page('dacc-aggregator', 'dacc-aggregator/wasm'), { '.wasm': 'binary' }), '1 measure')
    assert.equal(await built(page('dacc-aggregator', 'dacc-aggregator/wasm'), { '.wasm': 'file' }), '1 measure')
  })

  it('esbuild bundles it for Node, where the module is inlined', async () => {
    const root = await app({
      'main.js': `
      import { load } from 'dacc-aggregator/inline'
      const dacc = await load()
      console.log(dacc.catalog().indicators.length > 10)`,
    })
    await build({
      entryPoints: [path.join(root, 'main.js')],
      outfile: path.join(root, 'out/bundle.mjs'),
      bundle: true,
      format: 'esm',
      platform: 'node',
      logLevel: 'error',
    })
    assert.equal((await run(process.execPath, [path.join(root, 'out/bundle.mjs')])).stdout, 'true\n')
  })

  it('webpack 5 bundles it as it is', async (t) => {
    const found = await tools('webpack@5')
    if ('missing' in found) return t.skip(found.missing)
    const root = await app({
      'index.html': HTML('/dist/main.js').replace('type="module" ', 'defer '),
      'main.mjs': page('dacc-aggregator'),
    })
    await run(
      process.execPath,
      [
        '-e',
        `
      require(${JSON.stringify(path.join(found.folder, 'node_modules/webpack'))})({ mode: 'production', context: ${JSON.stringify(root)}, entry: './main.mjs', output: { path: ${JSON.stringify(`${root}/dist`)}, publicPath: '/dist/' } }, (error, stats) => {
        if (error || stats.hasErrors()) { console.error(error || stats.toString('errors-only')); process.exitCode = 1 }
      })`,
      ],
      { cwd: root },
    )
    assert.equal(await titleOf(browser, await serve(t, root)), '1 measure')
  })
})

describe('Jest', () => {
  it('loads it by require, under Node and under jsdom', async (t) => {
    const found = await tools('jest@30', 'jest-environment-jsdom@30')
    if ('missing' in found) return t.skip(found.missing)
    const folder = await project()
    for (const environment of ['node', 'jsdom']) {
      await writeFile(
        path.join(folder, `${environment}.test.js`),
        `/** @jest-environment ${environment === 'node' ? 'node' : path.join(found.folder, 'node_modules/jest-environment-jsdom')} */
        const { load } = require('dacc-aggregator')
        const small = require('dacc-aggregator/aggregate')
        test('it counts', async () => {
          const events = '[{"type":"ProfileSetEvent","eventDate":"2024-03-09T14:03:11Z"}]'
          const options = { now: '2024-03-10T02:00:00', consent: [{ from: '2024-01-01' }] }
          const bytes = Uint8Array.from(events, (character) => character.charCodeAt(0))
          for (const dacc of [await load(), await small.load()]) {
            for (const source of [events, bytes]) expect(dacc.aggregate(source, options).measures).toHaveLength(1)
          }
          expect(typeof window).toBe('${environment === 'node' ? 'undefined' : 'object'}')
          await expect(small.load.call(null)).resolves.toBeDefined()
        })`,
      )
    }
    const { stderr } = await run(
      process.execPath,
      [path.join(found.folder, 'node_modules/jest/bin/jest.js'), '--rootDir', folder, '--ci', '--colors=false'],
      { cwd: folder },
    ).catch((error: unknown) => error as { stderr: string })
    assert.match(stderr, /Tests: +2 passed, 2 total/, stderr)
  })
})

it('the page of recipes names every tool that is tried here', async () => {
  assert.ok(existsSync(RECIPES))
  const text = await readFile(RECIPES, 'utf8')
  for (const words of [
    'Vite',
    'esbuild',
    'webpack 5',
    'webpack 4',
    'Jest',
    "optimizeDeps: { exclude: ['dacc-aggregator'] }",
    'dacc-aggregator/inline',
    'dacc-aggregator/wasm?url',
    "'.wasm': 'binary'",
  ])
    assert.ok(text.includes(words), words)
})

// Bundles TypeScript into pkg/ with esbuild. `cargo xtask build` runs this
// after it made pkg/wasm/; run by hand it does the same: `node js/build.mjs`.

import { chmod, copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { writeLicences } from './licences.mjs'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')

/** What this run read and wrote, for the next one to know whether it must run. */
const NOTES = 'target/js'

/** The module in Node, which other bundles share instead of containing it. */
const NODE_MODULE = { 'js/api/index.node.ts': 'pkg/index.node.js' }

/** The local stack, which only `dacc dev` loads. */
const STACK = { 'js/stand-in/stack.ts': 'pkg/bin/stack.mjs' }

/** Too large to be copied, and only the local stack loads them. */
const DATABASES = ['@electric-sql/pglite', 'pg']

// One row a bundle.
//   from, to    entry and bundle
//   format      esm or cjs
//   platform    node or browser
//   beside      sources the bundle does not contain but imports from where
//               they are built: { source: built }. Whatever is in pkg/wasm/
//               is always taken from there, except where `inside` is set:
//   inside      the bundle contains the module's bytes and glue, and is alone
//   glue        the bundle contains the glue, and finds the bytes beside it
//   external    packages that the bundle imports from node_modules
//   commonjs    is loaded by what gives its modules neither an address of
//               their own nor what Node has around them (Jest)
//   program     starts with `#!` and may be executed
//   requires    contains CommonJS packages, which want a `require`
//   old         is bundled once more by apps, with what reads neither syntax
//               after ES2019 nor the `node:` before a module's name (webpack 4)
//   small       is loaded by a page, and written as short as can be
// biome-ignore format: a table is read by its columns
const bundles = [
  { from: 'js/api/index.node.ts', to: 'pkg/index.node.js', format: 'esm', platform: 'node' },
  { from: 'js/api/index.browser.ts', to: 'pkg/index.browser.js', format: 'esm', platform: 'browser' },
  { from: 'js/api/index.node.ts', to: 'pkg/index.node.cjs', format: 'cjs', platform: 'node', glue: true, commonjs: true },
  { from: 'js/api/index.inline.ts', to: 'pkg/index.inline.js', format: 'esm', platform: 'browser', inside: true, small: true },
  { from: 'js/api/aggregate.node.ts', to: 'pkg/aggregate.node.js', format: 'esm', platform: 'node' },
  { from: 'js/api/aggregate.node.ts', to: 'pkg/aggregate.node.cjs', format: 'cjs', platform: 'node', glue: true, commonjs: true },
  { from: 'js/api/aggregate.browser.ts', to: 'pkg/aggregate.browser.js', format: 'esm', platform: 'browser' },
  { from: 'js/service/main.ts', to: 'pkg/service/index.js', format: 'cjs', platform: 'node', inside: true, old: true },
  { from: 'js/cli/main.ts', to: 'pkg/bin/dacc.mjs', format: 'esm', platform: 'node', beside: { ...NODE_MODULE, ...STACK }, program: true, requires: true },
  { from: 'js/stand-in/stack.ts', to: 'pkg/bin/stack.mjs', format: 'esm', platform: 'node', beside: NODE_MODULE, external: DATABASES, requires: true },
  { from: 'js/playground/main.tsx', to: 'pkg/playground/main.js', format: 'esm', platform: 'browser', small: true },
  { from: 'js/playground/worker/main.ts', to: 'pkg/playground/worker.js', format: 'esm', platform: 'browser', inside: true, small: true },
  { from: 'js/playground/style/main.css', to: 'pkg/playground/main.css', format: 'esm', platform: 'browser', small: true },
  { from: 'js/demo/main.ts', to: 'target/js/demo.mjs', format: 'esm', platform: 'node', beside: NODE_MODULE, requires: true },
]

/** Where the declarations of a source are in the package, without their ending. */
const DECLARED = { 'src/wasm/types.d.ts': 'pkg/types', 'js/types/index.d.ts': 'pkg/index' }

// Files that go to pkg/ as they are. Declarations are there for both systems of
// modules.
const copies = [
  ...['', 'c'].flatMap((kind) => [
    { from: 'src/wasm/types.d.ts', to: `pkg/types.d.${kind}ts` },
    { from: 'js/types/index.d.ts', to: `pkg/index.d.${kind}ts` },
    { from: 'js/types/aggregate.d.ts', to: `pkg/aggregate.d.${kind}ts` },
  ]),
  { from: 'js/types/index.d.ts', to: 'pkg/index.inline.d.ts' },
  { from: 'js/types/service.d.ts', to: 'pkg/service/service.d.mts' },
  { from: 'js/types/service.d.ts', to: 'pkg/service/service.d.cts' },
  { from: 'apps/app.schema.json', to: 'pkg/apps/app.schema.json' },
  { from: 'apps/ecolyo/app.json', to: 'pkg/apps/ecolyo/app.json' },
  { from: 'js/playground/index.html', to: 'pkg/playground/index.html' },
  { from: 'pkg/wasm/dacc_aggregator_bg.wasm', to: 'pkg/playground/dacc_aggregator_bg.wasm' },
]

/** The same file as the service's, told not to begin by itself. */
const LIBRARY = `const LIBRARY = Symbol.for('dacc-aggregator.library')
globalThis[LIBRARY] = true
exports.service = require('./index.js').service
delete globalThis[LIBRARY]
`

// The service is CommonJS in a package that is not. Who ignores the package's
// `exports` (webpack 4, Node's own `require` of the folder) takes `main`, which
// has to be the library: `index.js` runs the service as soon as it is loaded.
const texts = [
  { to: 'pkg/service/service.cjs', text: LIBRARY },
  { to: 'pkg/service/service.mjs', text: "export { service } from './service.cjs'\n" },
  {
    to: 'pkg/service/package.json',
    text: '{ "type": "commonjs", "main": "./service.cjs", "types": "./service.d.cts" }\n',
  },
]

/** An address for the file, and the coders of text, which jsdom does not have. */
const COMMONJS = `const { TextDecoder, TextEncoder } = require('node:util');
const __address = require('node:url').pathToFileURL(__filename).href;`

const REQUIRE = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);`

const absolute = (file) => path.join(root, file)
const exists = (file) =>
  stat(absolute(file)).then(
    (found) => found.isFile(),
    () => false,
  )

/** How the file `to` imports `target`, both from the root. */
function relativeImport(to, target) {
  const relative = path.posix.relative(path.posix.dirname(to), target)
  return relative.startsWith('.') ? relative : `./${relative}`
}

/** A path from the root, or undefined for what is outside. */
function fromRoot(file) {
  const relative = path.relative(root, file).split(path.sep).join('/')
  return relative.startsWith('..') ? undefined : relative
}

/** Leaves what is built elsewhere out of a bundle, and finds it from there. */
function shared({ to, beside = {}, inside = false, glue = false }) {
  const builtAs = (file) => {
    const source = fromRoot(file)
    if (source === undefined) return undefined
    if (source in beside) return beside[source]
    return !inside && !glue && source.startsWith('pkg/wasm/') ? source : undefined
  }
  return {
    name: 'shared',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\.?\// }, ({ path: wanted, resolveDir }) => {
        const built = builtAs(path.resolve(resolveDir, wanted))
        return built === undefined ? undefined : { path: relativeImport(to, built), external: true }
      })
      // esbuild leaves URLs as they are; `…/pkg/wasm/x` from a source is
      // somewhere else from the bundle.
      onLoad({ filter: /[\\/]js[\\/].*\.ts$/ }, async ({ path: file }) => {
        const source = fromRoot(file)
        if (inside || !source?.startsWith('js/')) return undefined
        return { contents: moveUrls(await readFile(file, 'utf8'), source, to), loader: 'ts' }
      })
    },
  }
}

/** `node:http` as `http`, as Node always called it. */
const plainNames = {
  name: 'plain names',
  setup({ onResolve }) {
    onResolve({ filter: /^node:/ }, ({ path: name }) => ({ path: name.slice('node:'.length), external: true }))
  },
}

/** A file whose import ends in `?packed`: its gzip in base64. */
const packed = {
  name: 'packed',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\?packed$/ }, ({ path: wanted, resolveDir }) => ({
      path: path.resolve(resolveDir, wanted.replace(/\?packed$/, '')),
      namespace: 'packed',
    }))
    onLoad({ filter: /./, namespace: 'packed' }, async ({ path: file }) => {
      const bytes = gzipSync(await readFile(file), { level: 9 })
      return {
        contents: `export default ${JSON.stringify(bytes.toString('base64'))}`,
        loader: 'js',
        watchFiles: [file],
      }
    })
  },
}

/** `new URL('../pkg/wasm/x', import.meta.url)`, seen from `to`. */
function moveUrls(text, source, to) {
  return text.replace(
    /(new URL\(\s*)(['"])(\.\.?\/[^'"]*)\2(\s*,\s*import\.meta\.url\s*,?\s*\))/g,
    (whole, before, quote, url, after) => {
      const target = path.posix.join(path.posix.dirname(source), url)
      if (!target.startsWith('pkg/wasm/')) return whole
      return `${before}${quote}${relativeImport(to, target)}${quote}${after}`
    },
  )
}

/**
 * Import paths of declarations, seen from `to`. Those of CommonJS import none of
 * the others: a compiler takes a module of the one system for none of the other.
 */
function moveImports(text, source, to) {
  const extension = to.endsWith('.d.cts') ? '.cjs' : '.js'
  return text.replace(/(['"])(\.\.?\/[^'"]*)\1/g, (whole, quote, wanted) => {
    const target = DECLARED[path.posix.join(path.posix.dirname(source), wanted)]
    return target === undefined ? whole : `${quote}${relativeImport(to, `${target}${extension}`)}${quote}`
  })
}

async function bundle(row) {
  const hasShebang = (await readFile(absolute(row.from), 'utf8')).startsWith('#!')
  const banner = [
    row.program && !hasShebang ? '#!/usr/bin/env node' : '',
    row.requires ? REQUIRE : '',
    row.commonjs ? COMMONJS : '',
  ]
    .filter(Boolean)
    .join('\n')
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [row.from],
    outfile: row.to,
    bundle: true,
    format: row.format,
    platform: row.platform,
    target: row.old ? 'es2019' : row.platform === 'node' ? 'node20' : 'es2022',
    // What a package has for bundlers goes before what it has for `require`.
    mainFields: ['module', 'main'],
    charset: 'utf8',
    minify: row.small ?? false,
    legalComments: 'none',
    metafile: true,
    banner: { js: banner },
    external: row.external ?? [],
    define: row.commonjs ? { 'import.meta.url': '__address' } : {},
    loader: { '.wasm': 'binary' },
    plugins: [packed, shared(row), ...(row.old ? [plainNames] : [])],
    logLevel: 'warning',
    // The glue's default address of the module, which nobody who has the
    // bytes inside asks for.
    logOverride: row.inside ? { 'empty-import-meta': 'silent' } : {},
  })
  if (row.program) await chmod(absolute(row.to), 0o755)
  return Object.keys(metafile.inputs)
}

const inputs = new Set()
const outputs = []
for (const row of bundles) {
  if (!(await exists(row.from))) {
    console.log(`  javascript    no ${row.to}: ${row.from} is missing`)
    continue
  }
  for (const input of await bundle(row)) inputs.add(input)
  outputs.push(row.to)
}
for (const { from, to } of copies) {
  if (!(await exists(from))) continue
  await mkdir(path.dirname(absolute(to)), { recursive: true })
  if (/\.d\.[cm]?ts$/.test(to))
    await writeFile(absolute(to), moveImports(await readFile(absolute(from), 'utf8'), from, to))
  else await copyFile(absolute(from), absolute(to))
  inputs.add(from)
  outputs.push(to)
}

for (const { to, text } of texts) {
  await mkdir(path.dirname(absolute(to)), { recursive: true })
  await writeFile(absolute(to), text)
  outputs.push(to)
}

await writeLicences(root, [...inputs])
for (const name of ['LICENSE-MIT', 'LICENSE-APACHE', 'LICENSE-THIRD-PARTY']) outputs.push(`pkg/${name}`)

// What an earlier build made and this one does not would be packed too.
const earlier = await readFile(absolute(`${NOTES}/outputs`), 'utf8').catch(() => '')
for (const file of earlier.split('\n'))
  if (file !== '' && !outputs.includes(file)) await rm(absolute(file), { force: true })

// Packages change with package-lock.json alone.
const read = [...inputs].filter((file) => !file.includes('node_modules/')).sort()
await mkdir(absolute(NOTES), { recursive: true })
await writeFile(absolute(`${NOTES}/inputs`), read.map((file) => `${file}\n`).join(''))
await writeFile(absolute(`${NOTES}/outputs`), outputs.map((file) => `${file}\n`).join(''))

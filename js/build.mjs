// Bundles TypeScript into pkg/ with esbuild. `cargo xtask build` runs this
// after it made pkg/wasm/; run by hand it does the same: `node js/build.mjs`.

import { chmod, copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')

/** What this run read and wrote, for the next one to know whether it must run. */
const NOTES = 'target/js'

/** The module in Node, which other bundles share instead of containing it. */
const NODE_MODULE = { 'js/index.node.ts': 'pkg/index.node.js' }

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
//   external    packages that the bundle imports from node_modules
//   program     starts with `#!` and may be executed
//   requires    contains CommonJS packages, which want a `require`
//   old         is bundled once more by apps, with what reads neither syntax
//               after ES2019 nor the `node:` before a module's name (webpack 4)
//   small       is loaded by a page, and written as short as can be
const bundles = [
  { from: 'js/index.node.ts', to: 'pkg/index.node.js', format: 'esm', platform: 'node' },
  { from: 'js/index.browser.ts', to: 'pkg/index.browser.js', format: 'esm', platform: 'browser' },
  { from: 'js/aggregate.node.ts', to: 'pkg/aggregate.node.js', format: 'esm', platform: 'node' },
  { from: 'js/aggregate.browser.ts', to: 'pkg/aggregate.browser.js', format: 'esm', platform: 'browser' },
  { from: 'js/service/main.ts', to: 'pkg/service/index.js', format: 'cjs', platform: 'node', inside: true },
  { from: 'js/service/service.ts', to: 'pkg/service/service.cjs', format: 'cjs', platform: 'node', inside: true, old: true },
  { from: 'js/service/service.ts', to: 'pkg/service/service.mjs', format: 'esm', platform: 'node', inside: true },
  { from: 'js/cli/main.ts', to: 'pkg/bin/dacc.mjs', format: 'esm', platform: 'node', beside: { ...NODE_MODULE, ...STACK }, program: true, requires: true },
  { from: 'js/stand-in/stack.ts', to: 'pkg/bin/stack.mjs', format: 'esm', platform: 'node', beside: NODE_MODULE, external: DATABASES, requires: true },
  { from: 'js/playground/main.tsx', to: 'pkg/playground/main.js', format: 'esm', platform: 'browser', small: true },
  { from: 'js/playground/worker/main.ts', to: 'pkg/playground/worker.js', format: 'esm', platform: 'browser', inside: true, small: true },
  { from: 'js/playground/style/main.css', to: 'pkg/playground/main.css', format: 'esm', platform: 'browser', small: true },
  { from: 'js/demo.ts', to: 'target/js/demo.mjs', format: 'esm', platform: 'node', beside: NODE_MODULE, requires: true },
]

// Files that go to pkg/ as they are.
const copies = [
  { from: 'js/index.d.ts', to: 'pkg/index.d.ts' },
  { from: 'js/aggregate.d.ts', to: 'pkg/aggregate.d.ts' },
  { from: 'js/service/service.d.ts', to: 'pkg/service/service.d.ts' },
  { from: 'js/playground/index.html', to: 'pkg/playground/index.html' },
  { from: 'pkg/wasm/dacc_aggregator_bg.wasm', to: 'pkg/playground/dacc_aggregator_bg.wasm' },
]

// The service is CommonJS in a package that is not. Who ignores the package's
// `exports` (webpack 4, Node's own `require` of the folder) takes `main`, which
// has to be the library: `index.js` runs the service as soon as it is loaded.
const texts = [
  { to: 'pkg/service/package.json', text: '{ "type": "commonjs", "main": "./service.cjs", "types": "./service.d.ts" }\n' },
]

const REQUIRE = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);`

const absolute = (file) => path.join(root, file)
const exists = (file) => stat(absolute(file)).then((found) => found.isFile(), () => false)

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
function shared({ to, beside = {}, inside = false }) {
  const builtAs = (file) => {
    const source = fromRoot(file)
    if (source === undefined) return undefined
    if (source in beside) return beside[source]
    return !inside && source.startsWith('pkg/wasm/') ? source : undefined
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

/** Import paths of declarations, seen from `to`. */
function moveImports(text, source, to) {
  return text.replace(/(['"])(\.\.?\/[^'"]*pkg\/wasm\/[^'"]*)\1/g, (_, quote, wanted) => {
    const target = path.posix.join(path.posix.dirname(source), wanted)
    return `${quote}${relativeImport(to, target)}${quote}`
  })
}

async function bundle(row) {
  const hasShebang = (await readFile(absolute(row.from), 'utf8')).startsWith('#!')
  const banner = [
    row.program && !hasShebang ? '#!/usr/bin/env node' : '',
    row.requires ? REQUIRE : '',
  ].filter(Boolean).join('\n')
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
    loader: { '.wasm': 'binary' },
    plugins: [shared(row), ...(row.old ? [plainNames] : [])],
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
  if (!await exists(row.from)) {
    console.log(`  javascript    no ${row.to}: ${row.from} is missing`)
    continue
  }
  for (const input of await bundle(row)) inputs.add(input)
  outputs.push(row.to)
}
for (const { from, to } of copies) {
  if (!await exists(from)) continue
  await mkdir(path.dirname(absolute(to)), { recursive: true })
  if (from.endsWith('.d.ts')) await writeFile(absolute(to), moveImports(await readFile(absolute(from), 'utf8'), from, to))
  else await copyFile(absolute(from), absolute(to))
  inputs.add(from)
  outputs.push(to)
}

for (const { to, text } of texts) {
  await mkdir(path.dirname(absolute(to)), { recursive: true })
  await writeFile(absolute(to), text)
  outputs.push(to)
}

// Packages change with package-lock.json alone.
const read = [...inputs].filter((file) => !file.includes('node_modules/')).sort()
await mkdir(absolute(NOTES), { recursive: true })
await writeFile(absolute(`${NOTES}/inputs`), read.map((file) => `${file}\n`).join(''))
await writeFile(absolute(`${NOTES}/outputs`), outputs.map((file) => `${file}\n`).join(''))

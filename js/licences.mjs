// What the package has to say of the work of others that is in it: the licences
// of every npm package in a bundle and of every crate in a module.

import { execFileSync } from 'node:child_process'
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** The files that a licence is in, as authors name them. */
const LICENCE = /^(?:un)?licen[cs]e|^copying|^notice/i

/** The folder and the name of the npm package that a source is of. */
function packageOf(source) {
  const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(source) ?? []
  return folder
}

/** Of several licences to choose from the shortest is enough. */
async function textsIn(folder, expression) {
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isFile() && LICENCE.test(entry.name))
    .map(({ name }) => name)
    .sort()
  const mit = names.filter((name) => /mit/i.test(name))
  const wanted = /\bMIT\b/.test(expression) && / OR |\//.test(expression) && mit.length > 0 ? mit : names
  return Promise.all(
    wanted.map(async (name) => (await readFile(path.join(folder, name), 'utf8')).replaceAll('\r\n', '\n').trim()),
  )
}

/** The npm packages that these sources are of. */
async function npmPackages(root, sources) {
  const folders = new Set(sources.map(packageOf).filter((folder) => folder !== undefined))
  return Promise.all(
    [...folders].map(async (folder) => {
      const { name, version, license } = JSON.parse(await readFile(path.join(root, folder, 'package.json'), 'utf8'))
      return { name, version, license, texts: await textsIn(path.join(root, folder), license ?? '') }
    }),
  )
}

/** The crates that are linked into the modules; what only builds or tests them is in none. */
async function crates(root) {
  const said = execFileSync(
    'cargo',
    ['metadata', '--format-version', '1', '--offline', '--locked', '--filter-platform', 'wasm32-unknown-unknown'],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const { packages, resolve } = JSON.parse(said)
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]))
  const isCode = (id) => !packages.find((one) => one.id === id)?.targets.some(({ kind }) => kind.includes('proc-macro'))
  const found = new Set()
  const open = [
    resolve.root ?? resolve.nodes.find(({ id }) => /dacc-aggregator/.test(id) && !/benches|fixtures|xtask/.test(id)).id,
  ]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue
    found.add(id)
    for (const { pkg, dep_kinds: kinds } of nodes.get(id).deps) {
      if (kinds.some(({ kind }) => kind === null) && isCode(pkg)) open.push(pkg)
    }
  }
  const linked = packages.filter(({ id, name }) => found.has(id) && name !== 'dacc-aggregator')
  return Promise.all(
    linked.map(async ({ name, version, license, manifest_path: manifest }) => ({
      name,
      version,
      license,
      texts: await textsIn(path.dirname(manifest), license ?? ''),
    })),
  )
}

const listed = ({ name, version, license }) => `${name} ${version} (${license ?? 'see its text'})`

/** Each text once, under the names of all that have it. */
function together(works) {
  const byText = new Map()
  for (const work of works) {
    for (const text of work.texts) byText.set(text, [...(byText.get(text) ?? []), listed(work)])
  }
  return [...byText].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`)
}

/** Writes our licences and those of others; `sources` are what the bundles were made of. */
export async function writeLicences(root, sources) {
  for (const name of ['LICENSE-MIT', 'LICENSE-APACHE'])
    await copyFile(path.join(root, name), path.join(root, 'pkg', name))
  const byName = (a, b) => (a.name < b.name ? -1 : 1)
  const works = [...(await npmPackages(root, sources)), ...(await crates(root))].sort(byName)
  const without = works.filter(({ texts }) => texts.length === 0)
  const parts = [
    'dacc-aggregator is under LICENSE-MIT or LICENSE-APACHE, as you choose. In its bundles and\n'
      + 'modules is the work of others, under the licences below, and the Rust standard library,\n'
      + 'under MIT or Apache-2.0.\n',
    ...(without.length === 0 ? [] : [`These have no file of their licence:\n${without.map(listed).join('\n')}\n`]),
    ...together(works),
  ]
  await writeFile(path.join(root, 'pkg/LICENSE-THIRD-PARTY'), parts.join(`\n${'-'.repeat(80)}\n\n`))
}

// The folders of js/ are layers: a file imports from its own folder and from those below, never from those
// above. So no two folders can depend on each other in a circle. Circles between the files of one folder are
// found by Biome (`noImportCycles`).

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../js/', import.meta.url))

/** Every folder with TypeScript, the highest first. */
const LAYERS = [
  'demo',
  'playground',
  'playground/view',
  'playground/state',
  'playground/text',
  'playground/worker',
  'playground/protocol',
  'cli',
  'cli/commands',
  'cli/rights',
  'cli/homes',
  'cli/definitions',
  'cli/measures',
  'cli/options',
  'cli/input',
  'cli/terminal',
  'stand-in',
  'stand-in/dev-api',
  'stand-in/postgres',
  'stand-in/dacc',
  'stand-in/cozy',
  'stand-in/http',
  'service',
  'api',
  'hosts',
  'hosts/files',
  'generate',
  'base',
  'types',
]

/** The declarations of what a bundler imports stand beside the build. */
const AMBIENT = ['wasm.d.ts', 'schema-types.d.mts']

const SOURCE = /\.(?:m?ts|tsx)$/

/** What a file imports or exports again, types too, if the path is a relative one. */
const IMPORT = /^(?:import|export)\b[^'"()=]*['"](\.\.?\/[^'"]*)['"]|\bimport\(\s*['"](\.\.?\/[^'"]*)['"]/gm

interface Arrow {
  from: string
  to: string
}

const layerOf = (file: string) => path.posix.dirname(file)

function sources(): string[] {
  return readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => SOURCE.test(file) && !AMBIENT.includes(file))
}

/** The imports of a file that stay within js/. */
function arrowsOf(file: string, text: string): Arrow[] {
  return [...text.matchAll(IMPORT)]
    .map(([, stated, dynamic]) => path.posix.join(layerOf(file), stated ?? dynamic ?? ''))
    .filter((to) => !to.startsWith('..'))
    .map((to) => ({ from: file, to }))
}

/** Whether an import stays in its layer or goes down. */
const isAllowed = ({ from, to }: Arrow) => LAYERS.indexOf(layerOf(from)) <= LAYERS.indexOf(layerOf(to))

describe('The folders of js/', () => {
  it('are all in the list of layers', () => {
    const folders = new Set(sources().map(layerOf))
    assert.deepEqual([...folders].sort(), [...LAYERS].sort())
  })

  it('import only from layers below', () => {
    const arrows = sources().flatMap((file) => arrowsOf(file, readFileSync(path.join(ROOT, file), 'utf8')))
    assert.ok(arrows.length > 500, `only ${arrows.length} imports were found`)
    const upwards = arrows.filter((arrow) => !isAllowed(arrow)).map(({ from, to }) => `${from} imports ${to}`)
    assert.deepEqual(upwards, [])
  })

  it('would not import from a layer above in any form of import', () => {
    const forms = [
      "import { a } from '../cli/a.ts'",
      "import type { A } from '../cli/a.ts'",
      "import {\n  a,\n  b,\n} from '../cli/a.ts'",
      "import '../cli/a.ts'",
      "import * as a from '../cli/a.ts'",
      "export { a } from '../cli/a.ts'",
      "export * from '../cli/a.ts'",
      "const a = await import('../cli/a.ts')",
    ]
    for (const form of forms) {
      const arrows = arrowsOf('base/b.ts', `// A file.\n\n${form}\n`)
      assert.deepEqual(arrows, [{ from: 'base/b.ts', to: 'cli/a.ts' }], form)
      assert.ok(
        arrows.every((arrow) => !isAllowed(arrow)),
        form,
      )
    }
  })
})

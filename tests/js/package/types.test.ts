// The declarations, as compilers of other people's projects read them: both systems of modules, four
// years of compilers, and what must not compile.

import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { declarations, withDeclarations } from '../../../js/catalog-types.mjs'
import { project, run, tools } from './tools.ts'

const SOURCE = new URL('../../../src/', import.meta.url)

const USE = `
import { load, MemoryFiles, type Catalog, type Measure, type Options } from 'dacc-aggregator'
import { load as loadSmall } from 'dacc-aggregator/aggregate'
import { service } from 'dacc-aggregator/service'

const options: Options = { now: '2024-03-10T02:00:00', consent: [{ from: '2024-01-01' }] }
const catalog: Catalog = {
  extends: true,
  indicators: [{
    name: 'faq-daily', period: 'day', description: 'd', purpose: 'p',
    events: [{ type: 'NavigationEvent', where: { field: 'target', is: 'faq' } }],
    value: { kind: 'count' },
    groups: [{ key: 'page', source: { field: 'target', values: ['faq'], other: 'other' } }],
  }, {
    name: 'time', period: 'day', description: 'd', purpose: 'p',
    events: [{ type: 'DuelEndEvent', start: { latest: 'DuelLaunchEvent' } }], value: { kind: 'span' }, contribution: 'each',
  }, {
    name: 'seen', period: 'month', description: 'd', purpose: 'p', value: { kind: 'snapshot', of: 'half-hour-data' },
  }],
}
export async function use(bytes: Uint8Array, stream: ReadableStream<Uint8Array>): Promise<Measure[]> {
  const dacc = await load()
  const small = await loadSmall(bytes)
  await service({ ...options, catalog })
  new MemoryFiles({ home: bytes, text: '{}' })
  const { measures } = await small.aggregate(stream, options)
  for (const { value } of dacc.catalog().indicators) {
    if (value.kind === 'observation') value.of satisfies 'target' | 'context' | 'result' | 'startDate'
  }
  return [...measures, ...dacc.aggregateHome(bytes, { ...options, catalog }).measures]
}
`

const WRONG = `
import type { Catalog, Indicator, Options } from 'dacc-aggregator'
const base = { name: 'n', period: 'day', description: 'd', purpose: 'p' } as const
const value = { kind: 'count' } as const
// @ts-expect-error: a type that is misspelt
export const a: Indicator = { ...base, value, events: [{ tipe: 'ProfileSetEvent' }] }
// @ts-expect-error: no such event
export const b: Indicator = { ...base, value, events: [{ type: 'ProfileEvent' }] }
// @ts-expect-error: a kind that there is not
export const c: Indicator = { ...base, value: { kind: 'sum' } }
// @ts-expect-error: an observation has to say of what
export const d: Indicator = { ...base, value: { kind: 'observation' } }
// @ts-expect-error: a count is of nothing
export const e: Indicator = { ...base, value: { kind: 'count', of: 'result' } }
// @ts-expect-error: a field that no event has
export const f: Indicator = { ...base, value, groups: [{ key: 'k', source: { field: 'eventDate' } }] }
// @ts-expect-error: a source that is misspelt
export const g: Indicator = { ...base, value, groups: [{ key: 'k', source: { feild: 'target' } }] }
// @ts-expect-error: a start is one of three
export const h: Indicator = { ...base, value: { kind: 'span' }, events: [{ type: 'DuelEndEvent', start: { last: 'DuelLaunchEvent' } }] }
// @ts-expect-error: no such option
export const i: Options = { form: 1 }
// @ts-expect-error: a catalog that is misspelt
export const j: Catalog = { indicator: [] }
`

const OPTIONS = [
  '--noEmit',
  '--strict',
  '--exactOptionalPropertyTypes',
  '--target',
  'es2022',
  '--lib',
  'es2022,dom,dom.iterable',
]

describe('the declarations', () => {
  let folder: string
  before(async () => {
    folder = await project()
    await writeFile(path.join(folder, 'use.mts'), `${USE}\nexport { load as inlined } from 'dacc-aggregator/inline'\n`)
    await writeFile(path.join(folder, 'use.cts'), USE)
    await writeFile(path.join(folder, 'wrong.mts'), WRONG)
  })

  it('of a catalog say what its schema says', async () => {
    const [schema, types] = await Promise.all(
      ['catalog/catalog.schema.json', 'wasm/types.d.ts'].map((file) => readFile(new URL(file, SOURCE), 'utf8')),
    )
    assert.equal(types, withDeclarations(types, JSON.parse(schema ?? '')), 'node js/catalog-types.mjs writes them anew')
    // And what makes them leaves nothing of the schema out.
    const names = new Set(
      JSON.stringify(JSON.parse(schema ?? '')).match(
        /"(?:\$?\w+)"(?=:\{"(?:\$ref|type|enum|const|oneOf|description))/g,
      ),
    )
    const made = declarations(JSON.parse(schema ?? ''))
    for (const name of ['where', 'until', 'integers', 'buckets', 'lowercase', 'contribution'])
      assert.ok(names.has(`"${name}"`) && made.includes(`  ${name}?:`), name)
  })

  for (const version of ['5.4', '5.6', '5.9', 'of this project']) {
    it(`are read by TypeScript ${version}, by import and by require, and refuse what is wrong`, async (t) => {
      const found =
        version === 'of this project'
          ? { folder: fileURLToPath(new URL('../../../', import.meta.url)) }
          : await tools(`typescript@${version}`)
      if ('missing' in found) return t.skip(found.missing)
      const tsc = path.join(found.folder, 'node_modules/typescript/bin/tsc')
      const compile = async (...args: string[]) =>
        run(process.execPath, [tsc, ...OPTIONS, ...args], { cwd: folder }).then(
          () => '',
          ({ stdout }: { stdout: string }) => stdout,
        )
      assert.equal(
        await compile('--module', 'node16', '--moduleResolution', 'node16', 'use.mts', 'use.cts', 'wrong.mts'),
        '',
      )
      assert.equal(await compile('--module', 'esnext', '--moduleResolution', 'bundler', 'use.mts', 'wrong.mts'), '')
    })
  }
})

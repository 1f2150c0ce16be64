// The declarations, as compilers of other people's projects read them: both systems of modules, four
// years of compilers, and what must not compile.

import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { declarations, format, withDeclarations, withIndicators } from '../../../js/schema-types.mjs'
import { project, run, tools } from './tools.ts'

const ROOT = new URL('../../../', import.meta.url)

const USE = `
import { defineApp, load, MemoryFiles, type AppDescription, type Catalog, type Measure, type Options } from 'dacc-aggregator'
import { defineApp as defineSmall, load as loadSmall, type AppSource } from 'dacc-aggregator/aggregate'
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
const books = defineApp({
  app: 'books',
  sources: [{
    name: 'readings', doctype: 'org.example.readings', typeField: 'what', types: ['reading', 'loan'], date: 'closedAt',
    fields: [{ name: 'shelf', path: 'shelfName', kind: 'text' }, { name: 'pages', kind: 'number' }, { name: 'opened', kind: 'date' }],
  }],
  indicators: [{
    name: 'reading-count-daily', period: 'day', description: 'd', purpose: 'p',
    events: [{ type: 'reading', where: { field: 'shelf', is: 'maps' } }], value: { kind: 'count' },
    groups: [{ key: 'shelf', source: { field: 'shelf', values: ['novels', 'maps'], other: 'other' } }],
  }, {
    name: 'pages-daily', period: 'day', description: 'd', purpose: 'p',
    events: [{ type: 'loan' }], value: { kind: 'observation', of: 'pages' },
  }, {
    name: 'time-daily', period: 'day', description: 'd', purpose: 'p',
    events: [{ type: 'reading', start: { field: 'opened' } }], value: { kind: 'span' },
  }],
})
books satisfies AppDescription<'reading' | 'loan', 'shelf' | 'pages' | 'opened'>
books.sources satisfies readonly AppSource<'reading' | 'loan', 'shelf' | 'pages' | 'opened'>[]
const small = defineSmall({
  app: 'small', sources: [{ name: 's', doctype: 'd', types: ['t'], date: 'at' }],
  indicators: [{ name: 'n', period: 'month', description: 'd', purpose: 'p', events: [{ type: 't' }], value: { kind: 'distinct-days' } }],
})
// What is read from a file has any types and fields.
export const read = async (app: AppDescription) => [await load({ app }), await loadSmall({ app: books }), { ...options, app: small } satisfies Options]
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
import { defineApp, type AppDescription, type AppField, type Catalog, type Indicator, type Options } from 'dacc-aggregator'
import { defineApp as defineSmall } from 'dacc-aggregator/aggregate'
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
const source = { name: 's', doctype: 'd', types: ['reading'], date: 'at', fields: [{ name: 'shelf', kind: 'text' }] } as const
const events = [{ type: 'reading' }] as const
export const right = defineApp({ app: 'a', sources: [source], indicators: [{ ...base, value, events }] })
// @ts-expect-error: a type that the source does not have
export const k = defineApp({ app: 'a', sources: [source], indicators: [{ ...base, value, events: [{ type: 'readin' }] }] })
// @ts-expect-error: a field that the source does not have
export const l = defineApp({ app: 'a', sources: [source], indicators: [{ ...base, value, events, groups: [{ key: 'k', source: { field: 'shelv', values: ['a'] } }] }] })
// @ts-expect-error: a field of a source that has none
export const m = defineApp({ app: 'a', sources: [{ name: 's', doctype: 'd', types: ['reading'], date: 'at' }], indicators: [{ ...base, events, value: { kind: 'observation', of: 'pages' } }] })
// @ts-expect-error: the same by the small module
export const n = defineSmall({ app: 'a', sources: [source], indicators: [{ ...base, value, events: [{ type: 'readin' }] }] })
// @ts-expect-error: a kind of value that there is not
export const o = defineApp({ app: 'a', sources: [source], indicators: [{ ...base, events, value: { kind: 'counts' } }] })
// @ts-expect-error: a kind of field that there is not
export const p: AppField = { name: 'shelf', kind: 'string' }
// @ts-expect-error: a source that is misspelt
export const q: AppDescription = { app: 'a', sources: [{ ...source, dates: 'at' }], indicators: [] }
// @ts-expect-error: a source without a date
export const r: AppDescription = { app: 'a', sources: [{ name: 's', doctype: 'd', types: ['t'] }], indicators: [] }
// @ts-expect-error: a description without indicators
export const s: AppDescription = { app: 'a', sources: [source] }
// @ts-expect-error: a start of a type that the source does not have
export const t = defineApp({ app: 'a', sources: [source], indicators: [{ ...base, value: { kind: 'span' }, events: [{ type: 'reading', start: { latest: 'loan' } }] }] })
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

  it('of a catalog and an app say what the schemas say', async () => {
    const [catalogText = '', appText = '', types] = await Promise.all(
      ['src/catalog/catalog.schema.json', 'apps/app.schema.json', 'src/wasm/types.d.ts'].map((file) =>
        readFile(new URL(file, ROOT), 'utf8'),
      ),
    )
    const [catalog, app] = [catalogText, appText].map((text) => JSON.parse(text) as unknown)
    const isMade = 'node js/schema-types.mjs writes them anew'
    assert.equal(appText, `${format(withIndicators(app, catalog))}\n`, isMade)
    assert.equal(types, withDeclarations(types, catalog, app), isMade)
    // And what makes them leaves nothing of the schemas out.
    const names = new Set(
      JSON.stringify([catalog, app]).match(/"(?:\$?\w+)"(?=:\{"(?:\$ref|type|enum|const|oneOf|description))/g),
    )
    const made = declarations(catalog, app)
    for (const name of ['where', 'until', 'integers', 'buckets', 'lowercase', 'contribution', 'typeField', 'path'])
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

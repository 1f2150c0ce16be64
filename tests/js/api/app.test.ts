// An app that is no built-in one: the module that only aggregates is told it.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import type { AppDescription, AppSource, DaccError } from '../../../pkg/aggregate.d.ts'
import { Aggregation, initSync } from '../../../pkg/wasm/aggregate/dacc_aggregator.js'

const MODULE = new URL('../../../pkg/wasm/aggregate/dacc_aggregator_bg.wasm', import.meta.url)
const { load } = (await import(
  '../../../pkg/aggregate.node.js' as string
)) as typeof import('../../../pkg/aggregate.d.ts')

const files: AppDescription = {
  app: 'files',
  sources: [
    {
      name: 'files',
      doctype: 'io.cozy.files',
      typeField: 'type',
      types: ['file'],
      date: 'created_at',
      fields: [
        { name: 'class', kind: 'text' },
        { name: 'size', kind: 'number' },
      ],
    },
  ],
  indicators: [
    {
      name: 'file-count-daily',
      period: 'day',
      description: 'Files.',
      purpose: 'Use.',
      events: [{ type: 'file' }],
      value: { kind: 'count' },
      groups: [{ key: 'class', source: { field: 'class', values: ['image', 'pdf'], other: 'other' } }],
    },
    {
      name: 'file-bytes-daily',
      period: 'day',
      description: 'Bytes of a file.',
      purpose: 'Use.',
      events: [{ type: 'file' }],
      value: { kind: 'observation', of: 'size' },
    },
  ],
}

const options = { now: '2024-03-10T02:00:00', from: '2024-03-09', consent: [{ from: '2024-01-01' as const }] }

test('a module that was told no app guesses none', async () => {
  initSync({ module: await readFile(MODULE) })
  assert.throws(
    () => new Aggregation(options as never),
    /^Error: app: a description is needed; load\(\{ app \}\) takes one$/,
  )
})

test('a description that breaks a rule is refused with its place, and the next one is taken', async () => {
  const broken = { ...files, sources: [{ ...files.sources[0]!, types: [] }] }
  await assert.rejects(load({ app: broken }), (error: DaccError) => {
    assert.equal(error.message, 'app: files: types: there are 1 to 64, each once')
    assert.deepEqual([error.code, error.path], ['option', 'app'])
    return true
  })
  await assert.rejects(load({ app: { ...files, colour: 1 } as never }), /app: unknown field `colour`/)
})

test('what is no option of load is refused, and never taken for the built-in app', async () => {
  await assert.rejects(load({ ap: files } as never), {
    message: 'load: `ap` is no option; there are `app` and `module`, as in load({ app })',
  })
  await assert.rejects(load(files as never), /^Error: load: `sources` is no option/)
  for (const app of [null, JSON.stringify(files), [files]]) {
    await assert.rejects(load({ app } as never), { message: 'app: an object is needed' })
  }
})

test('where a description is wrong is told as far down as it is read', async () => {
  const source = { ...files.sources[0]!, fields: [{ name: 'class', kind: 'texts' }] }
  await assert.rejects(load({ app: { ...files, sources: [source] } as never }), {
    message: 'app.sources[0].fields[0].kind: expected `text`, `number`, `scalar`, `date`, `boolean`',
    path: 'app.sources[0].fields[0].kind',
  })
})

test('the schema takes exactly the paths and marks that are read', async () => {
  const { $defs } = JSON.parse(await readFile(new URL('../../../pkg/apps/app.schema.json', import.meta.url), 'utf8'))
  const { aggregate } = await load({ app: files })
  const isRead = (more: Partial<AppSource>) => {
    try {
      aggregate('[]', { ...options, app: { ...files, sources: [{ ...files.sources[0]!, owned: true, ...more }] } })
      return true
    } catch (error) {
      assert.match((error as Error).message, /: (?:path .*|flag): /)
      return false
    }
  }
  const path = new RegExp($defs.path.pattern, 'u')
  const flag = new RegExp($defs.eventSource.properties.flag.pattern, 'u')
  for (const text of [
    ...['a', 'a b', 'é', 'a.b', 'a.b.c.d.e.f', '"a.b"', 'a."b.c".d', '"a[]"', '"^"', '$a', 'a-b', ' ', 'a_', '_a', '_'],
    ...['', '.', 'a.', '.a', 'a..b', 'a[]', 'a.b[].c', '^.a', 'a"b"', '"a', '"a"b', '""', 'a.b.c.d.e.f.g', 'a^', '"a"'],
  ]) {
    assert.equal(path.test(text), isRead({ date: text }), text)
    assert.equal(flag.test(text), isRead({ flag: text }), text)
  }
})

test('an app is computed by its own names, and no other after it', async () => {
  const { aggregate } = await load({ app: files })
  const events = [
    { _id: 'a', type: 'file', class: 'image', size: '12345', created_at: '2024-03-09T08:00:00Z' },
    { _id: 'b', type: 'file', class: 'video', size: '55', created_at: '2024-03-09T09:00:00Z' },
    { _id: 'c', type: 'directory', created_at: '2024-03-09T10:00:00Z' },
  ]
  const { measures, diagnostics } = aggregate(JSON.stringify(events), options)
  const measure = { createdBy: 'files', startDate: '2024-03-09' }
  assert.deepEqual(measures, [
    { ...measure, measureName: 'file-count-daily', value: 1, group1: { class: 'image' } },
    { ...measure, measureName: 'file-count-daily', value: 1, group1: { class: 'other' } },
    // (12345 + 55) / 2
    { ...measure, measureName: 'file-bytes-daily', value: 6200 },
  ])
  assert.deepEqual(diagnostics, { 'event-type-unknown': 1, 'group-other': 1 })
  assert.equal(await load(), await load({ app: files }))
  await assert.rejects(load({ app: { ...files, app: 'others' } }), {
    message: 'load: another app than others was loaded before; a process computes one app',
  })
})

// Events as objects, and errors that programs can read.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import type { DaccError, Events, UsageEvent } from '../../../js/types/aggregate.d.ts'
import { fixtures } from '../cli/fixtures.ts'
import { aggregating } from './module.ts'

const { aggregate } = await aggregating('plain')

const options = { now: '2024-03-10T02:00:00', consent: [{ from: '2024-01-01' }] }

const events: UsageEvent[] = [
  { _id: 'a', type: 'ConnectionEvent', eventDate: '2024-03-09T10:00:00Z', context: 'Firefox 🦊', result: null },
  { _id: 'b', type: 'NavigationEvent', eventDate: '2024-03-09T10:00:30Z', target: 'water' },
]

const thrown = async (work: () => unknown): Promise<DaccError> => {
  try {
    await work()
  } catch (error) {
    return error as DaccError
  }
  return assert.fail('nothing was thrown')
}

describe('events as objects', () => {
  it('give what their text gives, as an array, iterated, or streamed', async () => {
    const expected = aggregate(JSON.stringify(events), options)
    async function* later() {
      yield* events
    }
    const sources: Events[] = [
      events,
      new Set(events),
      events.values(),
      later(),
      Readable.from(events),
      new ReadableStream({
        start(controller) {
          for (const event of events) controller.enqueue(event)
          controller.close()
        },
      }),
    ]
    for (const source of sources) assert.deepEqual(await aggregate(source, options), expected)
  })

  it('give what every fixture of events gives', async () => {
    let count = 0
    for (const { name, input, isHome, options, expected } of fixtures) {
      if (isHome || !input.toString().endsWith('.json')) continue
      let parsed: unknown
      try {
        parsed = JSON.parse(readFileSync(input, 'utf8'))
      } catch {
        continue
      }
      if (!Array.isArray(parsed) || !parsed.every((each) => typeof each === 'object')) continue
      // Objects have not what JSON.parse loses.
      if (/\d{16}|__proto__|hostile/.test(`${name}${readFileSync(input, 'utf8')}`)) continue
      count += 1
      const { measures } = await aggregate(parsed as UsageEvent[], options)
      assert.equal(measures.map((measure) => `${JSON.stringify(measure)}\n`).join(''), expected, name)
    }
    assert.ok(count > 0)
  })

  it('may be none, may have dates, and what is none is counted', async () => {
    assert.deepEqual(await aggregate([], options), aggregate('[]', options))
    const dated = events.map((event) => ({ ...event, eventDate: new Date(event.eventDate) }))
    assert.deepEqual(await aggregate(dated, options), await aggregate(events, options))
    const { diagnostics } = await aggregate([null as never, ['x'], ...events] as UsageEvent[], options)
    assert.equal(diagnostics['event-malformed'], 2)
  })

  it('that lie in themselves, or hold what JSON has not, are refused with their place', async () => {
    const circular: Record<string, unknown> = { type: 'secret' }
    circular['self'] = circular
    for (const wrong of [circular, { result: 1n }, { toJSON: () => undefined }]) {
      const error = await thrown(() => aggregate([events[0], wrong] as unknown as Events, options))
      assert.equal(error.message, 'events[1]: it cannot be written as JSON')
      assert.deepEqual([error.name, error.code, error.path], ['TypeError', 'input', 'events[1]'])
    }
  })
})

describe('an error', () => {
  it('has its code, and where it is', async () => {
    const cases: [work: () => unknown, expected: Partial<DaccError>][] = [
      [() => aggregate('[{},\n {]', options), { code: 'input', path: 'events', line: 2, column: 3, byte: 8 }],
      [() => aggregate(['[{},\n', ' {]'], options), { code: 'input', path: 'events', line: 2, column: 3, byte: 8 }],
      [() => aggregate('hello', options), { code: 'input', path: 'events' }],
      [() => aggregate('[]', { ...options, now: 'soon' }), { code: 'option', path: 'now' }],
      [() => aggregate([], { ...options, from: '2024-02-30' }), { code: 'option', path: 'from' }],
      [() => aggregate('[]', { ...options, consent: [{ from: 'x' }] }), { code: 'option', path: 'consent[0].from' }],
      [() => aggregate('[]', { ...options, zone: 'Mars/X' }), { code: 'option', path: 'zone' }],
      [() => aggregate('[]', { ...options, form: 1 } as never), { code: 'option', path: 'form' }],
      [
        () =>
          aggregate('[]', {
            ...options,
            catalog: { extends: true, indicators: [{ name: 'session-duration' }] },
          } as never),
        { code: 'catalog', path: 'catalog.indicators[0]' },
      ],
    ]
    for (const [work, expected] of cases) {
      const { name, message, code, path, line, column, byte } = await thrown(work)
      const place = line === undefined ? {} : { line, column, byte }
      assert.deepEqual({ code, path, ...place }, expected, message)
      assert.equal(name, 'Error')
    }
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Dacc } from '../../../js/types/index.d.ts'
import { testEveryFixture } from '../cli/fixtures.ts'

// The package as it is built, not its sources.
const library = new URL('../../../pkg/index.node.js', import.meta.url).href
const { load } = (await import(library)) as { load: () => Promise<Dacc> }
const dacc = await load()

const utf8 = (text: string) => new TextEncoder().encode(text)
const aHome = { now: '2024-03-10T02:00:00', consent: [{ from: '2024-01-01' }] }

describe('every fixture gives its expected bytes through the package', () => testEveryFixture(dacc))

describe('the library', () => {
  it('is the same however often it is loaded', async () => {
    assert.equal(await load(), dacc)
    assert.equal(await load(), await load())
  })

  it('refuses bytes of another type', () => {
    for (const wrong of [{}, new Uint16Array(2), null, undefined, 3]) {
      assert.throws(() => dacc.aggregate(wrong as never), {
        name: 'TypeError',
        message: /^source: bytes .*, a stream of them, or events as objects are needed$/,
      })
      assert.throws(() => dacc.aggregateHome(wrong as never), TypeError)
      assert.throws(() => dacc.homeName(wrong as never), TypeError)
    }
  })

  it('takes a view of a part of a buffer', () => {
    const bytes = utf8('xx{"home":"a"}xx')
    assert.equal(dacc.homeName(bytes.subarray(2, -2)), 'a')
  })

  it('refuses an unknown option by its name', () => {
    assert.throws(() => dacc.aggregate(utf8('[]'), { ...aHome, form: '2024-03-01' } as never), /`form`/)
    assert.throws(() => dacc.aggregateHome(utf8('{}'), { ...aHome, doctypes: { evens: 'x' } } as never), /`evens`/)
  })

  it('refuses options that are no object, in words of its own', () => {
    for (const wrong of [null, 'x', 3, true, [], ['a']]) {
      assert.throws(
        () => dacc.aggregate(utf8('[]'), wrong as never),
        /^Error: options: an object is needed$/,
        JSON.stringify(wrong),
      )
      assert.throws(
        () => dacc.aggregateHome(utf8('{}'), wrong as never),
        /^Error: options: an object is needed$/,
        JSON.stringify(wrong),
      )
    }
  })

  it('refuses options it cannot use, and says why', () => {
    const refused = (options: object, message: RegExp) =>
      assert.throws(() => dacc.aggregateHome(utf8('{}'), { ...aHome, ...options }), message)
    refused({ zone: 'Mars/X' }, /^Error: zone: Mars\/X is not known here$/)
    refused({ now: 'tomorrow' }, /now: a date and time/)
    refused({ from: '2024-02-30' }, /YYYY-MM-DD/)
    refused({ from: '2024-03-02', to: '2024-03-01' }, /to: 2024-03-01 is before from/)
    refused({ clock: 'sundial' }, /clock: expected `wall`, `instant`/)
  })

  it('takes now from the clock where it is not given', () => {
    const dayOf = (millis: number) => new Date(millis).toISOString().slice(0, 10)
    const now = Date.now()
    const events = utf8(
      JSON.stringify([
        { type: 'ProfileSetEvent', eventDate: `${dayOf(now - 3 * 86_400_000)}T12:00:00Z` },
        { type: 'ProfileSetEvent', eventDate: `${dayOf(now + 3 * 86_400_000)}T12:00:00Z` },
      ]),
    )
    const consent = [{ from: '2024-01-01' }]
    const outcome = dacc.aggregate(events, { consent, from: dayOf(now - 5 * 86_400_000), zone: 'UTC' })
    assert.equal(outcome.measures.length, 1)
    assert.deepEqual(outcome.diagnostics, { 'event-in-future': 1 })
    assert.deepEqual(dacc.aggregate(events), { measures: [], diagnostics: { 'consent-missing': 1 } })
  })

  it('leaves the options it is given as they are', () => {
    const options = Object.freeze({ consent: [{ from: '2024-01-01' }] })
    dacc.aggregate(utf8('[]'), options)
    assert.deepEqual(Object.keys(options), ['consent'])
  })

  it('names a home', () => {
    assert.equal(dacc.homeName(utf8('{"home":"u0001"}')), 'u0001')
    assert.equal(dacc.homeName(utf8('{"home":7}')), undefined)
    assert.equal(dacc.homeName(utf8('{}')), undefined)
    assert.throws(() => dacc.homeName(utf8('{"home":')), /ends too early/)
  })

  it('tells its catalog, its definitions and its codes', () => {
    const { indicators } = dacc.catalog()
    assert.equal(indicators.length, 15)
    const { definitions } = dacc.definitions({ org: 'elsewhere', createdBy: 'me' })
    assert.deepEqual(definitions.map(({ name }) => name).sort(), indicators.map(({ name }) => name).sort())
    assert.ok(definitions.every(({ org, createdBy }) => org === 'elsewhere' && createdBy === 'me'))
    assert.throws(() => dacc.definitions({ nobody: 1 } as never), /`nobody`/)
    for (const [code, sentence] of Object.entries(dacc.diagnosticCodes())) {
      assert.match(code, /^[a-z]+(-[a-z]+)*$/)
      assert.match(sentence, /^[A-Z].*\.$/)
    }
  })

  it('gives the built-in measures when given its own catalog', () => {
    const events = utf8('[{"type":"ProfileSetEvent","eventDate":"2024-03-09T14:00:00Z"}]')
    const catalog = dacc.catalog()
    assert.deepEqual(dacc.aggregate(events, { ...aHome, catalog }), dacc.aggregate(events, aHome))
  })
})

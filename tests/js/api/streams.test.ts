import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import type { Bytes, Outcome, Stream } from '../../../js/types/aggregate.d.ts'
import { fixtures } from '../cli/fixtures.ts'
import { aggregating, memory } from './module.ts'

const plain = await aggregating('plain')

const utf8 = (text: string) => new TextEncoder().encode(text)
const options = { now: '2024-03-10T02:00:00', consent: [{ from: '2024-01-01' }] }

/** Three events of one day; the second has letters outside of ASCII. */
const events = ['enedis', 'é😀漢', 'egl'].map((target, at) => ({
  type: 'NavigationEvent',
  _id: `e${at}`,
  target,
  eventDate: `2024-03-09T14:0${at}:00Z`,
}))
const text = JSON.stringify(events)

/** The same to every rule, and several times what the module's buffer holds. */
const long = text.replace('egl', 'é'.repeat(200_000))

/** What no chunks of it may change. */
const whole: Outcome = plain.aggregate(text, options)

function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** A stream that says whether it was closed. */
function watched(chunks: Iterable<unknown>): { stream: Stream; isClosed: () => boolean } {
  let isClosed = false
  async function* stream(): AsyncGenerator<Bytes> {
    try {
      yield* chunks as Iterable<Bytes>
    } finally {
      isClosed = true
    }
  }
  return { stream: stream(), isClosed: () => isClosed }
}

describe('every fixture of events gives its expected bytes, chunk by chunk', () => {
  for (const { name, input, isHome, options, expected, diagnostics } of fixtures) {
    if (isHome) continue
    it(name, async () => {
      for (const size of [1, 7, 4096]) {
        const outcome = await plain.aggregate(cut(readFileSync(input), size), options)
        assert.equal(outcome.measures.map((measure) => `${JSON.stringify(measure)}\n`).join(''), expected)
        assert.deepEqual(outcome.diagnostics, diagnostics)
      }
    })
  }
})

describe('events may come as', () => {
  it('three events that make two measures', () => {
    assert.deepEqual(
      whole.measures.map(({ measureName, value, group1 }) => [measureName, value, group1]),
      [['navigation-count-daily', 3, { page: 'other' }]],
    )
    assert.deepEqual(whole.diagnostics, { 'group-other': 3 })
  })

  const sources: Record<string, () => Stream> = {
    'an array of chunks': () => [...cut(utf8(text), 5)],
    'a generator': () => cut(utf8(text), 64),
    'an array of buffers': () => [utf8(text).buffer as ArrayBuffer],
    'an async generator': () => watched(cut(utf8(text), 3)).stream,
    'a stream of Node': () => Readable.from(cut(utf8(text), 11)),
    'a stream of Node that decodes': () => Readable.from([Buffer.from(text)]).setEncoding('utf8'),
    'a stream of the web': () => new Blob([text]).stream() as ReadableStream<Uint8Array>,
    'the body of an answer': () => new Response(text).body as ReadableStream<Uint8Array>,
    'text that is cut within a pair of surrogates': () => text.split(''),
    'text and bytes in turn': () => [text.slice(0, 40), utf8(text.slice(40, 60)), '', text.slice(60)],
    // A letter of two bytes lies across the buffer's end in one of both.
    'text of more than the buffer holds': () => [long],
    'text of more than the buffer holds, a byte later': () => [` ${long}`],
  }
  for (const [name, source] of Object.entries(sources)) {
    it(name, async () => assert.deepEqual(await plain.aggregate(source(), options), whole))
  }

  it('bytes, a buffer, a view of one, or a text, at once', () => {
    const bytes = utf8(text)
    const within = utf8(`xx${text}xx`).subarray(2, -2)
    for (const source of [bytes, bytes.buffer as ArrayBuffer, Buffer.from(text), within, text]) {
      assert.deepEqual(plain.aggregate(source, options), whole)
    }
  })

  it('nothing', async () => {
    const nothing = { measures: [], diagnostics: {} }
    assert.deepEqual(plain.aggregate('', options), nothing)
    assert.deepEqual(await plain.aggregate([], options), nothing)
  })

  it('half a pair of surrogates, which becomes what UTF-8 has for it', async () => {
    const lone = [JSON.stringify(events.slice(0, 1)).replace('enedis', 'a\ud83d'), '']
    const outcome = await plain.aggregate(lone, options)
    assert.deepEqual(outcome.diagnostics, { 'group-other': 1 })
  })
})

describe('a stream', () => {
  it('may be long: the module never holds it', async () => {
    const line = utf8(
      `{"type":"NavigationEvent","target":"faq","eventDate":"2024-03-09T14:00:00Z","x":"${'x'.repeat(900)}"}\n`,
    )
    function* lines(count: number) {
      for (let at = 0; at < count; at += 1) yield line
    }
    const before = memory().byteLength
    const outcome = await plain.aggregate(lines(20_000), options)
    assert.equal(outcome.measures[0]?.value, 20_000)
    // Of an event that counts only a few numbers stay.
    assert.ok(memory().byteLength - before < (20_000 * line.length) / 5)
  })

  it('or a text that ends too early leaves nothing in the module', async () => {
    const failing = async (wrong: string) => {
      assert.throws(() => plain.aggregate(wrong, options), /^Error: the events: /)
      await assert.rejects(plain.aggregate([wrong], options), /^Error: the events: /)
    }
    // Found at the end, and found before it.
    const wrongs = ['[{"type"', '[{"type":1}}}', `[}${' '.repeat(200_000)}`]
    for (const wrong of wrongs) await failing(wrong)
    const before = memory().byteLength
    for (let at = 0; at < 300; at += 1) for (const wrong of wrongs) await failing(wrong)
    assert.equal(memory().byteLength, before)
  })

  it('is closed where a chunk is of another type, and the error says so', async () => {
    for (const wrong of [7, {}, null, new Uint16Array(2), ['x']]) {
      const { stream, isClosed } = watched(['[', wrong, ']'])
      const isEvent = typeof wrong === 'object' && !ArrayBuffer.isView(wrong)
      await assert.rejects(async () => plain.aggregate(stream, options), {
        name: 'TypeError',
        message: isEvent
          ? 'the source has bytes and objects; it is the one or the other'
          : 'a chunk of the source is neither bytes (a Uint8Array, an ArrayBuffer), a string, nor an event as an object',
      })
      assert.ok(isClosed())
    }
  })

  it('is closed where its bytes are no events', async () => {
    const source = Readable.from(
      (function* () {
        yield '[}'
        for (;;) yield ' '.repeat(65_536)
      })(),
    )
    await assert.rejects(plain.aggregate(source, options), /^Error: the events: this is not JSON/)
    assert.ok(source.destroyed)
  })

  it('that fails gives its own error', async () => {
    const failing = (async function* (): AsyncGenerator<Bytes> {
      yield '['
      throw new Error('the network is gone')
    })()
    await assert.rejects(plain.aggregate(failing, options), /^Error: the network is gone$/)
  })

  it('ends when it is aborted, also while it is waited for', async () => {
    const silent = new Readable({ read() {} })
    const web = new ReadableStream<Uint8Array>({
      cancel: (reason) => {
        cancelled = reason
      },
    })
    let cancelled: unknown
    for (const source of [silent, web]) {
      const abort = new AbortController()
      const outcome = plain.aggregate(source, options, abort.signal)
      setImmediate(() => abort.abort(new Error('enough')))
      await assert.rejects(outcome, /^Error: enough$/)
    }
    assert.ok(silent.destroyed)
    assert.match(String(cancelled), /enough/)
    const { stream } = watched([text])
    await assert.rejects(plain.aggregate(stream, options, AbortSignal.abort()), { name: 'AbortError' })
  })

  it('that fails again when it is closed gives the first error', async () => {
    function* failing(): Generator<Bytes> {
      try {
        yield 7 as never
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: it is what this test is about
        throw new Error('in its finally')
      }
    }
    async function* failingLater(): AsyncGenerator<Bytes> {
      yield* failing()
    }
    for (const source of [failing(), failingLater()]) {
      await assert.rejects(plain.aggregate(source, options), /^TypeError: a chunk of the source/)
    }
    const silent: Stream = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => {}),
        return: () => {
          throw new Error('it cannot be closed')
        },
      }),
    }
    const abort = new AbortController()
    const outcome = plain.aggregate(silent, options, abort.signal)
    setImmediate(() => abort.abort(new Error('enough')))
    await assert.rejects(outcome, /^Error: enough$/)
  })

  it("of the web is nobody's when it is read, and when it is not", async () => {
    const good = new Response(text).body as ReadableStream<Uint8Array>
    await plain.aggregate(good, options)
    assert.equal(good.locked, false)
    const wrong = new Response('[}').body as ReadableStream<Uint8Array>
    await assert.rejects(plain.aggregate(wrong, options), /this is not JSON/)
    assert.equal(wrong.locked, false)
  })

  it('rejects with options that cannot be used', async () => {
    await assert.rejects(async () => plain.aggregate([text], { ...options, now: 'tomorrow' }), /^Error: now: /)
    await assert.rejects(async () => plain.aggregate([text], { ...options, form: 1 } as never), /`form`/)
  })

  it('is nothing that is neither bytes nor a stream', () => {
    for (const wrong of [null, undefined, 3, true, {}, new Uint16Array(2)]) {
      assert.throws(() => plain.aggregate(wrong as never, options), { name: 'TypeError', message: /^source: bytes/ })
    }
  })
})

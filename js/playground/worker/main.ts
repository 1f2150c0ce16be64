// The worker: everything that takes long happens here, so that the page never waits.

import type { Dacc } from '../../index.d.ts'
import { load } from '../../index.browser.ts'
import type { Calls, CallName, FromWorker, Source, ToWorker } from '../protocol.ts'
import { consentedDays, explanationOf, outcomeOf, questionOf } from './compute.ts'
import { Desk } from './desk.ts'
import { sample } from './samples.ts'
import { NotJson, slice, type Slices } from './slices.ts'
import { Telling } from './telling.ts'

const post = (message: FromWorker) => (postMessage as (message: FromWorker) => void)(message)

// Beside this file, wherever it is served from.
const module = load(new URL('./dacc_aggregator_bg.wasm', import.meta.url))

let desk: Desk | undefined
let telling: Telling | undefined

function opened(): Desk {
  if (desk === undefined) throw new Error('Nothing is open yet: open a file first.')
  return desk
}

/** The text of a source; files come piece by piece, so that progress can be told. */
async function read(source: Source, progress: (share: number) => void): Promise<string> {
  switch (source.from) {
    // As a decoder does with that of a file.
    case 'text':
    case 'live': return source.text.replace(/^\ufeff/, '')
    case 'sample': return sample(source.sample)
    case 'file': {
      const decoder = new TextDecoder()
      const reader = source.file.stream().getReader()
      const pieces: string[] = []
      let bytes = 0
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        pieces.push(decoder.decode(value, { stream: true }))
        bytes += value.length
        progress(0.6 * bytes / source.file.size)
      }
      pieces.push(decoder.decode())
      return pieces.join('')
    }
  }
}

/** What is wrong with it, in the core's words. */
function complaint(dacc: Dacc, text: string): Error {
  const bytes = new TextEncoder().encode(text)
  const options = { consent: [{ from: '1970-01-01' }] }
  const compute = /^\s*\{/.test(text) ? dacc.aggregateHome : dacc.aggregate
  try {
    compute(bytes, options)
  } catch (error) {
    if (error instanceof Error) return error
  }
  return new Error('This is neither a home nor events: a JSON array, a _find answer, or one JSON object a line.')
}

function slicesOf(dacc: Dacc, text: string): Slices {
  try {
    return slice(text)
  } catch (error) {
    throw error instanceof NotJson ? complaint(dacc, text) : error
  }
}

async function open(source: Source, progress: (share: number) => void) {
  const dacc = await module
  progress(0.05)
  const text = await read(source, progress)
  progress(0.65)
  const slices = slicesOf(dacc, text)
  progress(0.8)
  desk = new Desk(slices, source.name, source.from === 'live')
  telling = undefined
  progress(1)
  return desk.book()
}

type Answers = { [Name in CallName]: (argument: Calls[Name]['argument'], progress: (share: number) => void) => Calls[Name]['answer'] | Promise<Calls[Name]['answer']> }

const answers: Answers = {
  open,
  async news({ text, generation }) {
    const { name, isLive, generation: now } = opened().book()
    if (now !== generation) return undefined
    desk = new Desk(slicesOf(await module, text), name, isLive)
    telling = undefined
    return desk.book()
  },
  async compute(rules) {
    const dacc = await module
    const started = performance.now()
    const question = questionOf(opened(), rules)
    const outcome = outcomeOf(dacc, question)
    const { now, months } = question.options
    return { ...outcome, catalog: dacc.catalog(rules.catalog), months, now, millis: performance.now() - started }
  },
  async explain(rules) {
    const dacc = await module
    const started = performance.now()
    const question = questionOf(opened(), rules)
    const found = new Telling(opened(), explanationOf(dacc, question))
    telling = found
    return found.told((days) => consentedDays(dacc, opened(), question, days), performance.now() - started)
  },
  rows: (query) => telling?.rows(query) ?? { total: 0, rows: [] },
  story: ({ index }) => telling?.story(index),
  madeOf: ({ measure }) => telling?.madeOf(measure) ?? [],
  text: ({ index }) => opened().textOf(index),
  edit({ index, text }) {
    opened().edit(index, text)
    return opened().book()
  },
  add({ text }) {
    const index = opened().add(text)
    return { book: opened().book(), index }
  },
  remove({ index }) {
    opened().remove(index)
    return opened().book()
  },
  undo() {
    const index = opened().undo()
    return { book: opened().book(), index }
  },
  save: () => ({ file: new Blob([opened().text()], { type: 'application/json' }), book: opened().book() }),
}

// One question after the other: an answer that waits for the module must not
// be overtaken by one that does not.
let queue = Promise.resolve()

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  queue = queue.then(() => reply(data))
})

async function reply({ id, call, argument }: ToWorker): Promise<void> {
  try {
    const answer = answers[call] as (argument: unknown, progress: (share: number) => void) => unknown
    post({ id, answer: await answer(argument, (progress) => post({ id, progress })) })
  } catch (error) {
    post({ id, error: error instanceof Error ? error.message : String(error) })
  }
}

// The worker: does all that takes long, so that the page never blocks.

import { load } from '../../api/index.browser.ts'
import type { Dacc } from '../../types/index.d.ts'
import type { CallName, Calls, FromWorker, Source, ToWorker } from '../protocol/protocol.ts'
import { fileKey, pack, unpack } from './compression.ts'
import { explanationOf, outcomeOf, questionOf } from './compute.ts'
import { type DocumentSlices, type Homes, NotJson, sliceDocuments } from './document-slices.ts'
import { DocumentStore } from './document-store.ts'
import { ExplainedEvents } from './explained-events.ts'
import { sample } from './samples.ts'

const post = (message: FromWorker) => (postMessage as (message: FromWorker) => void)(message)

// Beside this file, wherever it is served from.
const module = load(new URL('./dacc_aggregator_bg.wasm', import.meta.url))

/** The open file as it was read. */
interface Opened {
  text: string
  name: string
  isLive: boolean
  key: string
  /** Each of several homes; undefined where there is one. */
  homes: string[] | undefined
  /** The text as it is kept, once it was asked for. */
  packed?: string
}

let file: Opened | undefined
let at = 0
let documents: DocumentStore | undefined
let events: ExplainedEvents | undefined

function openDocuments(): DocumentStore {
  if (documents === undefined) throw new Error('Nothing is open yet: open a file first.')
  return documents
}

/** The text of a source; files come piece by piece, so that progress can be told. */
async function read(source: Source, progress: (share: number) => void): Promise<string> {
  switch (source.from) {
    // As a decoder does with that of a file.
    case 'text':
    case 'live':
      return source.text.replace(/^\ufeff/, '')
    case 'sample':
      return sample(source.sample)
    case 'kept':
      return unpack(source.kept.packed)
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
        progress((0.6 * bytes) / source.file.size)
      }
      pieces.push(decoder.decode())
      return pieces.join('')
    }
  }
}

/** The core's error about a file that cannot be opened. */
function explainRefusal(dacc: Dacc, text: string): Error {
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

function slicesOf(dacc: Dacc, text: string): DocumentSlices | Homes {
  try {
    return sliceDocuments(text)
  } catch (error) {
    throw error instanceof NotJson ? explainRefusal(dacc, text) : error
  }
}

/** One home, or events. */
function oneOf(dacc: Dacc, text: string): DocumentSlices {
  const slices = slicesOf(dacc, text)
  if ('homes' in slices) throw new Error('This is a file of several homes: one is needed here.')
  return slices
}

/** Opens one of the file's homes, or all that it has. */
function turnTo(dacc: Dacc, opened: Opened, wanted: number): DocumentStore {
  const { text, name, isLive, key, homes } = opened
  const among = homes && { at: wanted, count: homes.length }
  const slices = oneOf(dacc, homes === undefined ? text : (homes[wanted] ?? ''))
  ;[file, at, events] = [opened, wanted, undefined]
  documents = new DocumentStore(slices, { name, isLive, key: among === undefined ? key : `${key}:${wanted}`, among })
  return documents
}

async function open(source: Source, progress: (share: number) => void) {
  const dacc = await module
  progress(0.05)
  const text = await read(source, progress)
  progress(0.65)
  const slices = slicesOf(dacc, text)
  progress(0.8)
  const kept = source.from === 'kept' ? source.kept : undefined
  const isLive = kept?.isLive ?? source.from === 'live'
  const opened = {
    text,
    name: source.name,
    isLive,
    key: isLive ? 'live' : fileKey(text),
    homes: 'homes' in slices ? slices.homes : undefined,
  }
  turnTo(dacc, opened, kept?.at ?? 0).redo(kept?.edits ?? [])
  progress(1)
  return openDocuments().workspace()
}

type Answers = {
  [Name in CallName]: (
    argument: Calls[Name]['argument'],
    progress: (share: number) => void,
  ) => Calls[Name]['answer'] | Promise<Calls[Name]['answer']>
}

const answers: Answers = {
  open,
  async news({ text, generation }) {
    const before = openDocuments()
    const { name, isLive, key, among, generation: now } = before.workspace()
    if (now !== generation) return undefined
    documents = new DocumentStore(oneOf(await module, text), { name, isLive, key, among }, before)
    ;[file, events] = [{ text, name, isLive, key, homes: undefined }, undefined]
    return documents.workspace()
  },
  async turn({ at: wanted }) {
    if (file === undefined) throw new Error('Nothing is open yet: open a file first.')
    return turnTo(await module, file, wanted).workspace()
  },
  async keep() {
    const edits = openDocuments().edits()
    if (file === undefined) throw new Error('Nothing is open yet: open a file first.')
    const { name, isLive } = file
    file.packed ??= await pack(file.text)
    return { name, isLive, packed: file.packed, at, edits }
  },
  async compute(rules) {
    const dacc = await module
    const started = performance.now()
    const question = questionOf(openDocuments(), rules)
    const outcome = outcomeOf(dacc, question)
    const { now, months } = question.options
    return { ...outcome, catalog: dacc.catalog(rules.catalog), months, now, millis: performance.now() - started }
  },
  async explain(rules) {
    const dacc = await module
    const started = performance.now()
    const question = questionOf(openDocuments(), rules)
    const found = new ExplainedEvents(openDocuments(), explanationOf(dacc, question))
    events = found
    return found.summary(performance.now() - started)
  },
  rows: (query) => events?.rows(query) ?? { total: 0, rows: [] },
  some: ({ indexes }) => events?.some(indexes) ?? [],
  story: ({ index }) => events?.outcomeOf(index),
  madeOf: ({ measure }) => events?.madeOf(measure) ?? [],
  text: ({ index }) => openDocuments().textOf(index),
  edit({ index, text }) {
    openDocuments().edit(index, text)
    return openDocuments().workspace()
  },
  add({ text }) {
    const index = openDocuments().add(text)
    return { workspace: openDocuments().workspace(), index }
  },
  remove({ index }) {
    openDocuments().remove(index)
    return openDocuments().workspace()
  },
  undo() {
    const index = openDocuments().undo()
    return { workspace: openDocuments().workspace(), index }
  },
  save: () => ({
    file: new Blob([openDocuments().text()], { type: 'application/json' }),
    workspace: openDocuments().workspace(),
  }),
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

// Recognises what a file holds by its first keys, so that an error can name the right command.

import { open, stat } from 'node:fs/promises'
import { UsageError } from '../terminal/errors.ts'
import type { Input } from './input.ts'
import { concatenate } from './lines.ts'

/** What a file can hold. */
export type Kind =
  | 'home'
  | 'events'
  | 'measures'
  | 'export'
  | 'configuration'
  | 'catalog'
  | 'app'
  | 'definitions'
  | 'manifest'
  | 'array'
  | 'other'

/** An input and its kind; the bytes that were read to find out are still in it. */
export interface RecognisedInput {
  kind: Kind
  input: Input
}

/** Top-level keys of an event or of a page of events; no home has them. */
const OF_EVENTS = ['docs', 'eventDate', 'type']

/** Names of options. A home's keys are doctypes, which contain a dot. */
const OF_CONFIGURATIONS = [
  'now',
  'from',
  'to',
  'months',
  'clock',
  'zone',
  'transitions',
  'app',
  'catalog',
  'consent',
  'memory',
  'createdBy',
  'monthlyStartDate',
  'consentVersion',
  'firstDay',
  'konnectors',
  'doctypes',
  'remote',
  'resendUnknown',
  'flagAggregated',
  'retention',
  'slug',
  'service',
]

/** Keys of the description of an app; two of them make one, for a configuration may have an `app`, and a catalog has indicators. */
const OF_APPS = ['app', 'sources', 'indicators']

/** Sentences that say what a file is and which command takes it. */
const SENTENCES: Partial<Record<Kind, (name: string) => string>> = {
  measures: (name) => `these are measures; dacc check ${name} judges them, and dacc send ${name} sends them`,
  export: (name) =>
    `this is an export; dacc import HOME ${name} brings it into a home, and dacc recover HOME ${name} its events back`,
  configuration: (name) => `this is a configuration; write --config ${name}, and name a home`,
  catalog: (name) =>
    `this is a catalog; dacc definitions --catalog ${name} prints its definitions, and --config takes it as {"catalog": …}`,
  app: (name) =>
    `this is the description of an app; dacc check ${name} checks it, and dacc preview EVENTS --app ${name} tries it`,
  definitions: () => 'these are definitions of a DACC; dacc definitions has to do with them',
  manifest: (name) => `this is a manifest; dacc manifest --merge ${name} completes it`,
}

/**
 * Recognises an input. Throws where it holds neither a home nor events, and names the command that takes it.
 * What is no home is events where `isOfApp`: those of an app have any keys.
 */
export async function recognise(input: Input, isOfApp = false): Promise<RecognisedInput> {
  const { first, all, close } = await peek(input)
  const found = kindOf(first)
  const kind = isOfApp && found !== 'home' && found !== 'app' ? 'events' : found
  const sentence = SENTENCES[kind]
  if (sentence === undefined) return { kind, input: { ...input, chunks: all } }
  await close()
  throw new UsageError(`${input.name}: ${sentence(input.name === 'stdin' ? '-' : input.name)}`)
}

/** Whether an input is the description of an app; the bytes that were read to find out are still in it. */
export async function recogniseApp(input: Input): Promise<{ isApp: boolean; input: Input }> {
  // Measures that come slowly are judged as they come.
  const { first, all } = await peek(input, (text) => kindOf(text) === 'measures')
  return { isApp: kindOf(first) === 'app', input: { ...input, chunks: all } }
}

/** Recognises a file; undefined if it cannot be read. */
export async function kindOfFile(file: string): Promise<Kind | undefined> {
  // Opening and closing a pipe would break it for its writer.
  const isFile = (await stat(file).catch(() => undefined))?.isFile() ?? false
  const handle = isFile ? await open(file).catch(() => undefined) : undefined
  if (handle === undefined) return undefined
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(ENOUGH), 0, ENOUGH, 0)
    return kindOf(new TextDecoder().decode(buffer.subarray(0, bytesRead)))
  } finally {
    await handle.close()
  }
}

/** Why a file of this kind is no home; undefined if it may be one. */
export function whyNoHome(kind: Kind | undefined, name: string): string | undefined {
  if (kind === 'events')
    return `these are events alone, and no home; dacc preview ${name}, explain and report take them`
  return kind === undefined ? undefined : SENTENCES[kind]?.(name)
}

/** Recognises a text by its beginning. */
export function kindOf(text: string): Kind {
  const isArray = /^[\ufeff\s]*\[/.test(text)
  const keys = keysOf(text)
  const has = (...names: string[]) => names.some((name) => keys.includes(name))
  if (has('_col')) return 'export'
  if (has('measureName') || (has('measure') && has('home')) || (has('measures') && !isArray)) return 'measures'
  if (has(...OF_EVENTS) || (isArray && /^[\ufeff\s]*\[\s*(?:\]|$)/.test(text))) return 'events'
  if (isArray) return 'array'
  if (OF_APPS.filter((key) => has(key)).length > 1) return 'app'
  if (has('indicators')) return 'catalog'
  if (has('definitions')) return 'definitions'
  if (has('permissions') && has('services', 'routes', 'slug', 'name')) return 'manifest'
  if (keys.length > 0 && keys.every((key) => OF_CONFIGURATIONS.includes(key))) return 'configuration'
  return keys.some((key) => key.includes('.')) ? 'home' : 'other'
}

/** The keys of the first object (or of the first object in an array), as far as the text goes. */
function keysOf(text: string): string[] {
  const keys: string[] = []
  let depth = /^[\ufeff\s]*\[/.test(text) ? -1 : 0
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[[\]{}]/g)) {
    if (token === '{' || token === '[') depth += 1
    else if (token === '}' || token === ']') depth -= 1
    else if (depth === 1 && token.endsWith(':')) keys.push(token.slice(1, token.lastIndexOf('"')))
    if (depth === 0 && token === '}') break
  }
  return keys
}

/** How many bytes are read to recognise a file. */
const ENOUGH = 1 << 16

/** Reads the beginning of an input, and gives all its chunks again. */
async function peek(
  input: Input,
  isEnough: (text: string) => boolean = () => false,
): Promise<{ first: string; all: AsyncIterable<Uint8Array>; close: () => unknown }> {
  const chunks = input.chunks[Symbol.asyncIterator]()
  const parts: Uint8Array[] = []
  let length = 0
  let isOver = false
  const beginning = () => new TextDecoder().decode(concatenate(parts).subarray(0, ENOUGH))
  while (!isOver && length < ENOUGH && !isEnough(beginning())) {
    const { done, value } = await chunks.next()
    if (done) isOver = true
    else {
      parts.push(value)
      length += value.length
    }
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* parts
    if (!isOver) yield* { [Symbol.asyncIterator]: () => chunks }
  }
  return { first: beginning(), all: all(), close: () => chunks.return?.() }
}

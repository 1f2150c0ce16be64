// Reads what `dacc explain` explains: homes or events.

import type { Dacc, Explanation, Options } from '../../types/index.d.ts'
import { isRefusal, UsageError } from '../terminal/errors.ts'
import { recognise } from './file-kind.ts'
import { type HomeBytes, isObject, readHomes, withHomeLabel } from './home-reader.ts'
import type { Input } from './input.ts'
import { concatenate } from './lines.ts'

/** Something to explain: a home, or events alone. */
export interface ExplainSource {
  kind: 'home' | 'events'
  /** Of a file of many homes: which. */
  name: string | undefined
  bytes: number
  explain(options: Options): Explanation
}

/** Far more events than a home has; what is told of them is held too, and is many times larger. */
const MAX_EVENT_BYTES = 64 * 2 ** 20

/** What an input holds: homes, as `preview` reads them, or events in any form; `isOfApp` as for `recognise`. */
export async function* readSources(input: Input, dacc: Dacc, isOfApp: boolean): AsyncGenerator<ExplainSource> {
  const {
    kind,
    input: { chunks: all },
  } = await recognise(input, isOfApp)
  if (kind === 'events' || kind === 'array') {
    const parts: Uint8Array[] = []
    let length = 0
    for await (const chunk of all) {
      length += chunk.length
      if (length > MAX_EVENT_BYTES) {
        throw new UsageError(
          `${input.name}: explain holds all events, and these are more than 64 MiB; give it those around the day in question`,
        )
      }
      parts.push(chunk)
    }
    yield events(input, concatenate(parts), dacc)
    return
  }
  const homes = readHomes({ ...input, chunks: all }, (bytes) => isObject(dacc, bytes))
  for await (const home of homes) {
    const name =
      home.line === undefined
        ? undefined
        : (withHomeLabel(input, home, (bytes) => dacc.homeName(bytes)) ?? `line ${home.line}`)
    yield ofHome(input, home, name, dacc)
  }
}

function ofHome(input: Input, home: HomeBytes, name: string | undefined, dacc: Dacc): ExplainSource {
  const explain = (options: Options) => withHomeLabel(input, home, (bytes) => dacc.explainHome(bytes, options))
  return { kind: 'home', name, bytes: home.bytes.length, explain }
}

function events(input: Input, bytes: Uint8Array, dacc: Dacc): ExplainSource {
  const explain = (options: Options) => {
    try {
      return dacc.explain(bytes, options)
    } catch (error) {
      if (!isRefusal(error)) throw error
      throw new UsageError(`${input.name}: ${error.message.replace(/^the (?:events|_find answer): /, '')}`)
    }
  }
  return { kind: 'events', name: undefined, bytes: bytes.length, explain }
}

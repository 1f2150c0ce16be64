// Reads a home from a Cozy.

import { findNodeAtLocation, parseTree } from 'jsonc-parser'
import { MAX_PAGES, PAGE } from '../../base/limits.ts'
import { HttpClient } from '../../hosts/http-client.ts'
import { performRequest } from '../../hosts/run.ts'
import type { Environment } from '../../service/environment.ts'
import type { Options } from '../../types/index.d.ts'
import type { Input } from '../input/input.ts'
import { printableAddress } from '../options/connection.ts'
import { ServerError } from '../terminal/errors.ts'

/** What a computation reads of a home, where no option says otherwise. */
const DOCTYPES = {
  events: 'com.grandlyon.ecolyo.usageevents',
  terms: 'com.grandlyon.ecolyo.term',
  profile: 'com.grandlyon.ecolyo.profile',
  profileType: 'com.grandlyon.ecolyo.profiletype',
  accounts: 'io.cozy.accounts',
  triggers: 'io.cozy.triggers',
  monthlyLoads: {
    electricity: 'com.grandlyon.enedis.month',
    water: 'com.grandlyon.egl.month',
    gas: 'com.grandlyon.grdf.month',
  },
  halfHourLoads: { electricity: 'com.grandlyon.enedis.minute' },
}

/** More than this is no home that one looks into. */
const MAX_BYTES = 256 * 2 ** 20

/** The documents of a Cozy in the form of a home file; only those that a computation reads. */
export async function readRemoteHome(environment: Environment, { doctypes = {} }: Options): Promise<Input> {
  const { monthlyLoads, halfHourLoads, ...others } = { ...DOCTYPES, ...doctypes }
  const names = [
    ...new Set([
      ...Object.values(monthlyLoads),
      ...Object.values(halfHourLoads),
      ...Object.entries(others)
        .filter(([name]) => name in DOCTYPES)
        .map(([, doctype]) => doctype as string),
    ]),
  ]
  const client = new HttpClient()
  const parts: string[] = []
  let left = MAX_BYTES
  const take = (text: string) => {
    left -= text.length
    if (left < 0)
      throw new ServerError(
        `${printableAddress(environment.cozyUrl)}: it has more than ${MAX_BYTES / 2 ** 20} MiB to look into`,
      )
    return text
  }
  try {
    for (const doctype of names) {
      const documents: string[] = []
      for await (const page of pagesOf(client, environment, doctype)) if (page.trim() !== '') documents.push(take(page))
      parts.push(`${JSON.stringify(doctype)}:[${documents.join(',')}]`)
    }
  } finally {
    client.close()
  }
  const bytes = new TextEncoder().encode(`{${parts.join(',')}}`)
  return {
    name: printableAddress(environment.cozyUrl),
    size: bytes.length,
    chunks: (async function* () {
      yield bytes
    })(),
  }
}

/** The documents of each page, as they are written there, with commas between them. */
async function* pagesOf(client: HttpClient, environment: Environment, doctype: string): AsyncGenerator<string> {
  const isStacks = doctype === DOCTYPES.triggers
  let bookmark = ''
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const after = bookmark === '' ? '' : `&bookmark=${encodeURIComponent(bookmark)}`
    // The states of the stack's own triggers are computed where they are asked for as such.
    const url = isStacks ? '/jobs/triggers' : `/data/${doctype}/_normal_docs?limit=${PAGE}${after}`
    const outcome = await performRequest(client, { effect: 'request', method: 'GET', url }, environment)
    const address = printableAddress(environment.cozyUrl)
    if (!('status' in outcome)) throw new ServerError(outcome.sentence ?? `${address}: it did not answer`)
    const { status, body } = outcome
    // There is no such database yet.
    if (status === 404) return
    if (status === 401 || status === 400) throw new ServerError(`${address}: the token is not accepted`)
    if (status === 403)
      throw new ServerError(`${address}: the app has no permission: its manifest lacks GET on ${doctype}`)
    const text = new TextDecoder().decode(body)
    const page = status === 200 ? parseTree(text, [], { disallowComments: true }) : undefined
    const documents = page && findNodeAtLocation(page, [isStacks ? 'data' : 'rows'])
    if (page === undefined || documents?.type !== 'array')
      throw new ServerError(`${address}: ${doctype}: this is not what a Cozy answers (${status})`)
    yield text.slice(documents.offset + 1, documents.offset + documents.length - 1)
    const next: unknown = findNodeAtLocation(page, ['bookmark'])?.value
    if (
      isStacks
      || (documents.children?.length ?? 0) < PAGE
      || typeof next !== 'string'
      || next === ''
      || next === bookmark
    )
      return
    bookmark = next
  }
  throw new ServerError(`${printableAddress(environment.cozyUrl)}: ${doctype}: its pages do not end`)
}

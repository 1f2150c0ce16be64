// Generates sample homes from a seed; they are the same in every browser.

import { generateHome, type HomeOptions } from '../../generate/home.ts'
import type { SampleName } from '../protocol/protocol.ts'

const EVENTS = 'com.grandlyon.ecolyo.usageevents'

/** As many as a home collects in a very long time, and more than anything should choke on. */
const LARGE = 100_000

const MONTH = { from: '2024-02-15', to: '2024-04-03', joined: '2024-02-15' } as const

const DEVOTED: HomeOptions = { seed: 7, name: 'devoted', habit: 'devoted', consent: 'given', ...MONTH }

/** One event for each way not to be counted. */
function mistakes(twice: object): unknown[] {
  const event = (id: string, fields: { type: string; eventDate: string } & Record<string, unknown>) => {
    const { type, eventDate, ...others } = fields
    return {
      _id: id,
      type,
      target: null,
      context: null,
      result: null,
      startDate: null,
      ...others,
      eventDate,
      aggregated: false,
    }
  }
  return [
    event('before-consent', { type: 'NavigationEvent', target: 'consumption', eventDate: '2024-02-12T18:04:00.000Z' }),
    event('misspelt-type', { type: 'NavigateEvent', target: 'faq', eventDate: '2024-03-20T12:30:00.000Z' }),
    event('french-date', { type: 'NavigationEvent', target: 'faq', eventDate: '20/03/2024 12:31' }),
    event('seven-stars', {
      type: 'QuizEndEvent',
      target: 'QUIZ001',
      context: 'CHALLENGE0001',
      result: 7,
      startDate: '2024-03-20T12:32:00.000Z',
      eventDate: '2024-03-20T12:34:10.000Z',
    }),
    event('ends-before-it-starts', {
      type: 'ActionEndEvent',
      target: 'ECOGESTURE0001',
      context: 'CHALLENGE0001',
      startDate: '2024-03-21T08:00:00.000Z',
      eventDate: '2024-03-20T12:35:00.000Z',
    }),
    event('no-duel-was-launched', {
      type: 'DuelEndEvent',
      target: 'DUEL009',
      result: 'win',
      startDate: '2024-03-18T08:00:00.000Z',
      eventDate: '2024-03-20T12:36:00.000Z',
    }),
    event('unheard-of-page', { type: 'NavigationEvent', target: 'secretPage', eventDate: '2024-03-20T12:37:00.000Z' }),
    event('clock-of-next-year', { type: 'ConnectionEvent', context: 'desktop', eventDate: '2025-03-20T12:38:00.000Z' }),
    twice,
    null,
  ]
}

const MAKERS: Readonly<Record<SampleName, () => string>> = {
  mistakes: () => {
    const home = generateHome(DEVOTED)
    const events = home[EVENTS]
    const [twice = {}] = events.slice(-1)
    return JSON.stringify({ ...home, [EVENTS]: [...events, ...mistakes(twice)] })
  },
  devoted: () => JSON.stringify(generateHome(DEVOTED)),
  withdrawn: () =>
    JSON.stringify(
      generateHome({
        seed: 3,
        name: 'withdrawn',
        habit: 'evening',
        consent: 'withdrawn',
        ...MONTH,
      }),
    ),
  large: () => {
    const home = generateHome({
      seed: 1,
      name: 'large',
      habit: 'devoted',
      consent: 'given',
      from: '2022-01-01',
      to: '2023-12-31',
      joined: '2022-01-01',
    })
    const known = home[EVENTS]
    // The same days over and over: each event a document of its own.
    const events = Array.from({ length: LARGE }, (_, at) => {
      const event = known[at % known.length]
      return at < known.length ? event : { ...event, _id: `again-${at}` }
    })
    return JSON.stringify({ ...home, [EVENTS]: events })
  },
}

export function sample(name: SampleName): string {
  return MAKERS[name]()
}

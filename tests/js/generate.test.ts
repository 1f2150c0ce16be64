// Homes made up from a seed.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { load } from '../../js/api/index.node.ts'
import type { HabitName } from '../../js/generate/habits.ts'
import { generateHome, type Home, type HomeOptions } from '../../js/generate/home.ts'
import { Random } from '../../js/generate/random.ts'

const DAYS = { from: '2025-12-01', to: '2026-03-02' }
const RUN = { now: '2026-03-03T03:12:00', firstDay: '2026-02-01' }

const EVENTS = 'com.grandlyon.ecolyo.usageevents'

/** What generated documents may make a run notice, and why. */
const EXPLAINABLE: Readonly<Record<string, string>> = {
  'consent-missing': 'some homes refuse or withdraw',
  'value-clipped': 'a home of long ago launches its first challenge',
}

function make(options: Partial<HomeOptions> = {}): Home {
  return generateHome({ seed: 1, name: 'a home', ...DAYS, ...options })
}

/** Homes as they come, none of their traits given. */
const NAMES = Array.from({ length: 150 }, (_, at) => `home ${at}`)
const POPULATION = NAMES.map((name) => make({ name }))

async function preview(home: Home) {
  const { aggregateHome } = await load()
  return aggregateHome(new TextEncoder().encode(JSON.stringify(home)), RUN)
}

describe('a generated home', () => {
  it('holds nothing but documents by doctype, of which none has a revision: a Cozy takes them as they are', () => {
    for (const [at, home] of POPULATION.entries()) {
      for (const [doctype, documents] of Object.entries(home)) {
        assert.match(doctype, /^[a-z]+(\.[a-z]+)+$/, NAMES[at])
        assert.ok(
          Array.isArray(documents)
            && documents.every((document) => typeof document._id === 'string' && !('_rev' in document)),
          `${NAMES[at]}: ${doctype}`,
        )
      }
    }
  })

  it('is the same for the same seed and name, and another for others', () => {
    assert.deepEqual(make(), make())
    const texts = new Set([make(), make({ seed: 2 }), make({ name: 'another' })].map((home) => JSON.stringify(home)))
    assert.equal(texts.size, 3)
  })

  it('is the same on every machine, for good', () => {
    const random = new Random('a seed')
    const drawn = Array.from({ length: 4 }, () => random.integer([0, 999_999]))
    assert.deepEqual(drawn, [391_139, 90_265, 479_340, 408_978])
  })

  it('previews with the diagnostics that its story explains, and no others', async () => {
    for (const [at, home] of POPULATION.entries()) {
      const { measures, diagnostics } = await preview(home)
      for (const code of Object.keys(diagnostics)) assert.ok(code in EXPLAINABLE, `${NAMES[at]}: ${code}`)
      assert.equal(measures.length === 0, 'consent-missing' in diagnostics, NAMES[at])
    }
  })

  it('has its events in order, from the first day to the end of the last', () => {
    for (const [at, home] of POPULATION.entries()) {
      const dates = home[EVENTS].map(({ eventDate }) => eventDate)
      assert.deepEqual(dates, dates.toSorted(), NAMES[at])
      assert.ok((dates[0] ?? DAYS.from) >= DAYS.from, NAMES[at])
      assert.ok((dates.at(-1) ?? '').slice(0, 10) <= DAYS.to, NAMES[at])
      assert.equal(new Set(home[EVENTS].map(({ _id }) => _id)).size, dates.length)
    }
  })

  it('begins with its first connection, if it is new', () => {
    const home = make({ joined: '2026-01-14' })
    const [first, ...others] = home[EVENTS]
    assert.deepEqual([first?.type, first?.result], ['ConnectionEvent', 'firstConnection'])
    assert.equal(first?.eventDate, home['com.grandlyon.ecolyo.profile'][0]?.firstConnectionDate)
    assert.ok(others.every(({ result }) => result !== 'firstConnection'))
    const old = make({ joined: '2024-01-14' })
    assert.ok(old[EVENTS].every(({ result }) => result !== 'firstConnection'))
  })

  it('keeps its earlier events when more days are asked for', () => {
    const longer = make({ habit: 'devoted', to: '2026-04-15' })[EVENTS]
    const shorter = make({ habit: 'devoted' })[EVENTS]
    assert.ok(longer.length > shorter.length)
    assert.deepEqual(longer.slice(0, shorter.length), shorter)
  })

  it('ends challenges and duels at the start of the challenge, after their launch', () => {
    const events = POPULATION.flatMap((home) => {
      const launches = new Map(
        home[EVENTS]
          .filter(({ type }) => type === 'ChallengeLaunchEvent')
          .map(({ target, eventDate }) => [target, eventDate]),
      )
      return home[EVENTS]
        .filter(({ type }) => type === 'ChallengeEndEvent')
        .map((event) => ({ event, launch: launches.get(event.target) }))
    })
    assert.ok(events.length > 10)
    for (const { event, launch } of events) assert.equal(event.startDate, launch)
  })

  it('sends nothing without consent', async () => {
    for (const consent of ['refused', 'withdrawn'] as const) {
      const { measures, diagnostics } = await preview(make({ habit: 'devoted', consent }))
      assert.deepEqual([measures, diagnostics], [[], { 'consent-missing': 1 }])
    }
  })

  it('uses the app as its habit says', () => {
    const connections = (habit: HabitName) =>
      NAMES.flatMap((name) =>
        make({ name, habit, joined: '2025-06-01' })[EVENTS].filter(({ type }) => type === 'ConnectionEvent'),
      )
    const [weekly, report, evening] = [connections('weekly'), connections('report'), connections('evening')]
    assert.ok(connections('devoted').length > 3 * weekly.length)
    assert.ok(weekly.length > 2 * report.length)
    assert.ok(connections('lapsed').length < report.length)
    assert.ok(connections('mobile').every(({ context }) => /Mobile/.test(context ?? '')))
    const late = evening.filter(({ eventDate }) => eventDate.slice(11, 13) >= '18')
    assert.ok(late.length > 0.8 * evening.length)
  })

  it('makes every indicator speak, over some homes', async () => {
    const names = new Set(
      (await Promise.all(POPULATION.map(preview))).flatMap(({ measures }) =>
        measures.map(({ measureName }) => measureName),
      ),
    )
    const { catalog } = await load()
    assert.deepEqual(
      [...names].sort(),
      catalog()
        .indicators.map(({ name }) => name)
        .sort(),
    )
  })

  it('refuses days that are none', () => {
    assert.throws(() => make({ from: '2026-02-30' }), /2026-02-30 is not a day/)
    assert.throws(() => make({ to: '2025-11-30' }), /is before from/)
  })
})

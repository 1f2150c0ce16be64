// What a run keeps in the Cozy, and what the next one makes of it.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { Cozy } from '../../../js/stand-in/cozy/cozy.ts'
import { runService } from './stack.ts'
import { FULL_HOME, FULL_OPTIONS, previewed, stored, world } from './world.ts'

const EVENTS = 'com.grandlyon.ecolyo.usageevents'
const TERMS = 'com.grandlyon.ecolyo.term'

/** How many entries of the ledger are in which state. */
function states(cozy: Cozy): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { state } of cozy.documents('com.grandlyon.ecolyo.dacc.measures') as unknown as { state?: string }[]) {
    // A claim has no state.
    if (state === undefined) continue
    counts[state] = (counts[state] ?? 0) + 1
  }
  return counts
}

function memory(cozy: Cozy) {
  const [document] = cozy.documents('com.grandlyon.ecolyo.dacc.memory')
  return document as unknown as {
    memory: { firstDay: string; months: string[] }
    lease?: object
    lastRun: { end: string }
  }
}

describe('the ledger', () => {
  it('keeps a second run from sending anything again', async (t) => {
    const { cozy, dacc, environment } = await world(t, FULL_HOME)
    await runService(environment(FULL_OPTIONS))
    const first = await stored(dacc)
    const again = await runService({ ...environment(FULL_OPTIONS), COZY_JOB_ID: 'another' })
    assert.equal(again.code, 0)
    assert.deepEqual(await stored(dacc), first)
    assert.deepEqual(states(cozy), { sent: first.length })
    assert.deepEqual(
      [memory(cozy).memory.firstDay, memory(cozy).memory.months, memory(cozy).lease],
      ['2024-03-31', ['2024-03'], undefined],
    )
  })

  it('and the memory tell a preview what tonight’s run would send', async (t) => {
    const { cozy, dacc, environment } = await world(t, FULL_HOME)
    cozy.intercept = ({ path }) =>
      path.startsWith('/remote/') ? { status: 403, contentType: 'application/json', body: '{"errors":[]}' } : 'pass'
    await runService(environment(FULL_OPTIONS))
    cozy.intercept = undefined
    cozy.put(EVENTS, { _id: 'n', type: 'NavigationEvent', target: 'gas', eventDate: '2024-04-03T08:01:00.000Z' })
    const doctypes = [
      ...Object.keys(FULL_HOME),
      'com.grandlyon.ecolyo.dacc.measures',
      'com.grandlyon.ecolyo.dacc.memory',
    ]
    const home = Object.fromEntries(doctypes.map((doctype) => [doctype, cozy.documents(doctype)]))
    const tonight = { ...FULL_OPTIONS, now: '2024-04-04T02:00:00' }
    const preview = await previewed(home, tonight)
    await runService({ ...environment(tonight), COZY_JOB_ID: 'next' })
    assert.deepEqual(await stored(dacc), preview)
    assert.ok(preview.some((measure) => measure.includes('"gas"')))
  })

  it('is a receipt: the payload, its answer, its times and the terms it rests on', async (t) => {
    const { cozy, environment } = await world(t, FULL_HOME)
    await runService(environment(FULL_OPTIONS))
    const entries = cozy.documents('com.grandlyon.ecolyo.dacc.measures')
    const entry = entries.find(({ _id }) => _id === 'challenge-launch-daily:2024-04-02:CHALLENGE0001')
    assert.ok(entry)
    const { measure, state, status, consent, period } = entry as Record<string, unknown>
    assert.deepEqual(
      { measure, state, status, consent, period },
      {
        measure: {
          createdBy: 'ecolyo',
          measureName: 'challenge-launch-daily',
          startDate: '2024-04-02',
          value: 1,
          group1: { challenge_id: 'CHALLENGE0001' },
        },
        state: 'sent',
        status: 201,
        consent: 't1',
        period: '2024-04-02',
      },
    )
  })

  it('lets a late event fill an empty cell and never change one that was sent', async (t) => {
    const { cozy, dacc, environment } = await world(t, FULL_HOME)
    await runService(environment(FULL_OPTIONS))
    const before = await stored(dacc)
    const late = { type: 'NavigationEvent', eventDate: '2024-04-02T08:01:00.000Z', aggregated: false }
    cozy.put(EVENTS, { ...late, _id: 'l1', target: 'faq' })
    cozy.put(EVENTS, { ...late, _id: 'l2', target: 'consumption' })
    const { lines } = await runService({
      ...environment({ ...FULL_OPTIONS, now: '2024-04-04T02:00:00' }),
      COZY_JOB_ID: 'next',
    })
    const after = (await stored(dacc)).slice(before.length).filter((sent) => sent.includes('2024-04-02'))
    assert.deepEqual(
      after.map((sent) => JSON.parse(sent).group1),
      [{ page: 'faq' }],
    )
    assert.ok(
      lines.some(({ message }) => message.includes('late-cell-kept 2')),
      JSON.stringify(lines),
    )
  })

  it('marks the events of planned days as aggregated, and leaves the rest of them as it is', async (t) => {
    const { cozy, environment } = await world(t, FULL_HOME)
    cozy.put(EVENTS, {
      _id: 'today',
      type: 'ProfileSetEvent',
      eventDate: '2024-04-03T01:00:00.000Z',
      aggregated: false,
      other: { x: [1.5, null] },
    })
    cozy.put(EVENTS, {
      _id: 'kept',
      type: 'ProfileSetEvent',
      eventDate: '2024-04-02T01:00:00.000Z',
      aggregated: false,
      other: { x: [1.5, null] },
    })
    await runService(environment(FULL_OPTIONS))
    const event = (id: string) => cozy.documents(EVENTS).find(({ _id }) => _id === id)
    assert.equal(event('today')?.['aggregated'], false)
    const { _rev, ...kept } = event('kept') ?? { _rev: '' }
    assert.deepEqual(kept, {
      _id: 'kept',
      type: 'ProfileSetEvent',
      eventDate: '2024-04-02T01:00:00.000Z',
      aggregated: true,
      other: { x: [1.5, null] },
    })
    assert.match(_rev, /^2-/)
  })

  it('does not mark them where the configuration says so', async (t) => {
    const { cozy, environment } = await world(t, FULL_HOME)
    await runService(environment({ ...FULL_OPTIONS, flagAggregated: false }))
    assert.ok(cozy.documents(EVENTS).every((event) => event['aggregated'] === false))
  })
})

describe('two runs at once', () => {
  it('send each measure once, and the second leaves politely', async (t) => {
    const { cozy, dacc, environment } = await world(t, FULL_HOME)
    // Slow enough for both to be there.
    cozy.intercept = async ({ path }) => {
      if (path.startsWith('/remote/')) await setTimeout(20)
      return 'pass' as const
    }
    const jobs = ['job-a', 'job-b'].map((COZY_JOB_ID) => runService({ ...environment(FULL_OPTIONS), COZY_JOB_ID }))
    const ended = await Promise.all(jobs)
    assert.deepEqual(
      ended.map(({ code }) => code),
      [0, 0],
    )
    assert.deepEqual((await stored(dacc)).toSorted(), (await previewed(FULL_HOME, FULL_OPTIONS)).toSorted())
    assert.ok(ended.some(({ lines }) => lines.some(({ message }) => message.includes('another run is under way'))))
  })
})

describe('consent while sending', () => {
  it('ends the sending when it is withdrawn, and cancels what waits', async (t) => {
    const { cozy, dacc, environment } = await world(t, FULL_HOME)
    let sends = 0
    cozy.intercept = async ({ path }) => {
      if (path.startsWith('/remote/') && ++sends === 3) {
        cozy.put(TERMS, { _id: 't2', accepted: false, version: '1.0.0', date: '2024-04-03T01:59:00.000Z' })
        // Longer than consent is good for.
        await setTimeout(8_500)
      }
      return 'pass' as const
    }
    const { code, lines } = await runService(environment(FULL_OPTIONS))
    assert.equal(code, 0)
    assert.equal((await stored(dacc)).length, 3)
    const planned = (await previewed(FULL_HOME, FULL_OPTIONS)).length
    assert.deepEqual(states(cozy), { sent: 3, cancelled: planned - 3 })
    assert.ok(lines.some(({ message }) => message.includes('consent was withdrawn')))
  })

  it('cancels what waits from another night', async (t) => {
    const { cozy, dacc, environment } = await world(t, FULL_HOME)
    cozy.intercept = ({ path }) =>
      path.startsWith('/remote/') ? { status: 403, contentType: 'application/json', body: '{"errors":[]}' } : 'pass'
    assert.equal((await runService(environment(FULL_OPTIONS))).code, 1)
    cozy.intercept = undefined
    cozy.put(TERMS, { _id: 't2', accepted: false, version: '1.0.0', date: '2024-04-03T12:00:00.000Z' })
    await runService(environment({ ...FULL_OPTIONS, now: '2024-04-04T02:00:00' }))
    assert.deepEqual(Object.keys(states(cozy)), ['cancelled'])
    assert.deepEqual(await stored(dacc), [])
  })
})

describe('the time limit', () => {
  it('leaves what does not fit planned, asks for one job, and the next run sends it', async (t) => {
    const { cozy, dacc, environment } = await world(t, FULL_HOME)
    // 49 s less 15 s of margin: a send that may take 30 s begins within 4 s or not at all.
    cozy.intercept = async ({ path }) => {
      if (path.startsWith('/remote/')) await setTimeout(400)
      return 'pass' as const
    }
    const { code, lines } = await runService({ ...environment(FULL_OPTIONS), COZY_TIME_LIMIT: '49' })
    const sent = (await stored(dacc)).length
    const planned = (await previewed(FULL_HOME, FULL_OPTIONS)).length
    assert.equal(code, 0)
    assert.ok(sent > 0 && sent < planned, `${sent} of ${planned}`)
    assert.deepEqual(states(cozy), { sent, planned: planned - sent })
    assert.ok(lines.some(({ message }) => message.includes('the time ended first')))
    assert.deepEqual(cozy.requests.filter(({ path }) => path === '/jobs/queue/service').length, 1)
    cozy.intercept = undefined
    await runService({ ...environment(FULL_OPTIONS), COZY_JOB_ID: 'the-next-job' })
    assert.deepEqual(states(cozy), { sent: planned })
    assert.equal((await stored(dacc)).length, planned)
  })
})

describe('an answer that is no yes', () => {
  const cases = {
    'is turned away with Retry-After, and sent after it': [
      { status: 429, contentType: 'application/json', body: '{}', headers: { 'retry-after': '1' } },
      (all: number) => ({ sent: all }),
    ],
    'is refused, and kept aside': [
      { status: 400, contentType: 'application/json', body: '{"error":"A value must be given"}' },
      (all: number) => ({ refused: 1, sent: all - 1 }),
    ],
    'has an expired token, and stays planned with the rest': [
      { status: 400, contentType: 'application/json', body: '{"error":"Expired token"}' },
      (all: number) => ({ planned: all }),
    ],
    'is a gateway’s page, and is unknown; the rest stays planned': [
      { status: 502, contentType: 'text/html', body: '<html>' },
      (all: number) => ({ planned: all - 1, unknown: 1 }),
    ],
  } as const
  for (const [what, [answer, expected]] of Object.entries(cases)) {
    it(`the first measure ${what}`, async (t) => {
      const { cozy, environment } = await world(t, FULL_HOME)
      let sends = 0
      cozy.intercept = ({ path }) => (path.startsWith('/remote/') && sends++ === 0 ? answer : 'pass')
      await runService(environment(FULL_OPTIONS))
      assert.deepEqual(states(cozy), expected((await previewed(FULL_HOME, FULL_OPTIONS)).length))
    })
  }

  it('without a connection nothing is lost and nothing doubtful', async (t) => {
    const { cozy, environment } = await world(t, FULL_HOME)
    const { code, lines } = await runService({ ...environment(FULL_OPTIONS), COZY_URL: 'http://127.0.0.1:1' })
    assert.equal(code, 1)
    assert.ok(lines.some(({ type, message }) => type === 'critical' && message.includes('did not answer')))
    assert.deepEqual(cozy.requests, [])
  })

  it('what is unknown is sent again only where the configuration says so', async (t) => {
    const { cozy, dacc, environment } = await world(t, FULL_HOME)
    let sends = 0
    cozy.intercept = ({ path }) => (path.startsWith('/remote/') && sends++ === 0 ? 'drop-before' : 'pass')
    await runService(environment(FULL_OPTIONS))
    assert.equal(states(cozy)['unknown'], 1)
    await runService({ ...environment(FULL_OPTIONS), COZY_JOB_ID: 'b' })
    const planned = (await previewed(FULL_HOME, FULL_OPTIONS)).length
    assert.deepEqual([states(cozy)['unknown'], (await stored(dacc)).length], [1, planned - 1])
    await runService({ ...environment({ ...FULL_OPTIONS, resendUnknown: true }), COZY_JOB_ID: 'c' })
    assert.deepEqual([states(cozy), (await stored(dacc)).length], [{ sent: planned }, planned])
  })
})

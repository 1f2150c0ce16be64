// The real service file, killed at each of its requests in turn, before and
// after the answer, and begun again as the stack does: nothing is sent twice,
// nothing is lost but what was in the middle of its send.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { runService } from './stack.ts'
import type { Home } from './world.ts'
import { previewed, stored, world } from './world.ts'

const MEASURES = 'com.grandlyon.ecolyo.dacc.measures'

const HOME: Home = {
  'com.grandlyon.ecolyo.term': [{ _id: 't1', accepted: true, version: '1.0.0', date: '2024-01-01T09:00:00.000Z' }],
  'com.grandlyon.ecolyo.usageevents': [
    {
      _id: 'e1',
      type: 'ConnectionEvent',
      context: 'Firefox',
      eventDate: '2024-03-09T08:00:00.000Z',
      aggregated: false,
    },
    { _id: 'e2', type: 'NavigationEvent', target: 'faq', eventDate: '2024-03-09T08:01:00.000Z', aggregated: false },
  ],
}
const OPTIONS = { now: '2024-03-10T02:00:00' }

interface Entry {
  state: string
  measure: object
  reason?: string
}

/** Kills the service at a request, which is then handled or not; gives how many requests it made. */
async function killedAt(t: TestContext, at: number, isHandled: boolean): Promise<number> {
  const { cozy, dacc, environment } = await world(t, HOME)
  const fatal = new AbortController()
  let seen = 0
  let wasSend = false
  cozy.intercept = async ({ path }) => {
    if (seen++ !== at) return 'pass'
    wasSend = path.startsWith('/remote/')
    fatal.abort()
    // Gone before the connection can tell it anything.
    await setTimeout(30)
    return isHandled ? 'pass' : 'drop-before'
  }
  const first = await runService(environment(OPTIONS), { kill: fatal.signal })
  assert.equal(first.signal, 'SIGKILL')
  const requests = seen
  cozy.intercept = undefined
  const again = await runService(environment(OPTIONS))
  assert.equal(again.code, 0, JSON.stringify([at, isHandled, first.lines, again.lines]))

  const expected = await previewed(HOME, OPTIONS)
  const accepted = await stored(dacc)
  const entries = (cozy.documents(MEASURES) as unknown as Entry[]).filter((entry) => 'state' in entry)
  const context = JSON.stringify({ at, isHandled, accepted, entries })
  assert.equal(new Set(accepted).size, accepted.length, `sent twice: ${context}`)
  assert.equal(entries.length, expected.length, `not planned: ${context}`)
  const unknown = entries.filter(({ state }) => state === 'unknown')
  assert.ok(
    entries.every(({ state }) => state === 'sent' || state === 'unknown'),
    `not ended: ${context}`,
  )
  assert.equal(accepted.length + (accepted.length < expected.length ? 1 : 0), expected.length, `lost: ${context}`)
  // Unknown is only what was between its mark and its outcome.
  assert.ok(unknown.length <= 1, context)
  if (accepted.length < expected.length) assert.equal(unknown.length, 1, context)
  if (wasSend) assert.equal(unknown.length, 1, context)
  return requests
}

describe('the service killed', () => {
  for (const isHandled of [false, true]) {
    it(`at each of its requests, ${isHandled ? 'which is handled all the same' : 'which is lost'}`, async (t) => {
      const { cozy, environment } = await world(t, HOME)
      await runService(environment(OPTIONS))
      const requests = cozy.requests.length
      assert.ok(requests > 15, `${requests} requests`)
      for (let at = 0; at < requests; at += 1) assert.ok((await killedAt(t, at, isHandled)) >= at + 1)
    })
  }
})

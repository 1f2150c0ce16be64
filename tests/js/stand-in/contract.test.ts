// The server's own definitions take every measure of every fixture.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fixtures } from '../cli/fixtures.ts'
import { dacc, postMeasure } from './support.ts'

/** The rows of the server: id, name, period and keys, as it holds them and not as our catalog says. */
const ROWS: readonly (readonly [number, string, string, ...string[]])[] = [
  [1, 'session-duration', 'day', 'number_pages', 'session_type'],
  [2, 'connection-count-daily', 'day', 'device'],
  [3, 'navigation-action-daily', 'day', 'page', 'feature', 'params'],
  [4, 'konnector-event-daily', 'day', 'slug', 'event_type', 'status'],
  [5, 'event-duration', 'day', 'start_event', 'end_event', 'params'],
  [6, 'challenge-launch-daily', 'day', 'challenge_id'],
  [7, 'quiz-stars', 'day', 'challenge_id', 'quiz_id'],
  [10, 'navigation-count-daily', 'day', 'page'],
  [11, 'konnector-connected-daily', 'day', 'categories'],
  [12, 'consumption-variation-monthly', 'month', 'fluid_type', 'seniority', 'fluid_usage'],
  [13, 'summary-subscription-monthly', 'month', 'event_type'],
  [14, 'fluid-data-granularity-monthly', 'month', 'fluid_type', 'granularity'],
  [15, 'konnector-attempts-monthly', 'month', 'slug', 'success'],
  [16, 'connection-count-monthly', 'month'],
  [17, 'profile-count-monthly', 'month'],
]

const held = {
  definitions: ROWS.map(([id, name, period, ...keys]) => ({
    id,
    name,
    org: 'grandlyon',
    createdBy: 'ecolyo',
    ...Object.fromEntries(keys.map((key, at) => [`group${at + 1}Key`, key])),
    description: name,
    aggregationPeriod: period,
    executionFrequency: period,
    aggregationThreshold: 5,
    accessApp: false,
    accessPublic: false,
  })),
}

test('no measure of a fixture is refused by the definitions that the server holds', async (t) => {
  const server = await dacc(t, { definitions: held })
  const refused: string[] = []
  const names = new Set<string>()
  let sent = 0
  for (const { name, expected } of fixtures) {
    for (const line of expected.split('\n').filter(Boolean)) {
      const { status, text } = await postMeasure(server, line)
      if (status !== 201) refused.push(`${name}: ${status} ${text}: ${line}`)
      names.add((JSON.parse(line) as { measureName: string }).measureName)
      sent += 1
    }
  }
  assert.deepEqual(refused, [])
  assert.deepEqual([...names].sort(), ROWS.map(([, name]) => name).sort(), 'each measure is among them')
  assert.ok(sent > 700, `${sent} measures`)
})

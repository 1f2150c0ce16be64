import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FaultSwitches, type Faults, readFault, readFaults } from '../../../js/stand-in/http/faults.ts'
import type { Decision } from '../../../js/stand-in/http/server.ts'

for (const [text, rule] of [
  ['429', { kind: '429', at: 'dacc' }],
  ['500:3', { kind: '500', at: 'dacc', count: 3 }],
  ['html-502:25%', { kind: 'html-502', at: 'dacc', probability: 0.25 }],
  ['drop-after-accept:1@remote', { kind: 'drop-after-accept', at: 'remote', count: 1 }],
  ['500@data', { kind: '500', at: 'data' }],
] as const) {
  test(`the fault ${text} is read`, () => assert.deepEqual(readFault(text), rule))
}

for (const [text, sentence] of [
  ['teapot', 'The fault "teapot" is not known; write 429, 500, html-502 or drop-after-accept.'],
  ['500@moon', 'The place "moon" is not known; write dacc, remote or data.'],
  ['500:140%', 'The probability 1.4 is not a number from 0 to 1 (0 % to 100 %).'],
  ['429:0', 'The fault "429:0" would never strike; write a count from 1 on.'],
  ['500:', 'The fault "500:" is not known; write 429, 500, html-502 or drop-after-accept.'],
] as const) {
  test(`the fault ${text} is refused with a sentence`, () =>
    assert.throws(() => readFault(text), { name: 'FaultError', message: sentence }))
}

test('faults that are no faults are refused with a sentence', () => {
  for (const value of [
    null,
    [],
    { rules: 1 },
    { latency: -1 },
    { latency: '5' },
    { rules: [1] },
    { rules: [{ kind: '429', count: 1.5 }] },
  ]) {
    assert.throws(() => readFaults(value), { name: 'FaultError', message: /^[^\n]+\.$/ })
  }
})

/** What becomes of requests to a place, one after the other. */
async function decisions(
  switches: FaultSwitches,
  places: ('dacc' | 'remote' | 'data' | undefined)[],
): Promise<(string | number)[]> {
  const short = (decision: Decision): string | number => (typeof decision === 'object' ? decision.status : decision)
  const decided: (string | number)[] = []
  for (const place of places) {
    decided.push(short(await switches.intercept(() => place)({ method: 'POST', path: '/', headers: {}, body: '' })))
  }
  return decided
}

test('a count is used up, and the next rule has its turn', async () => {
  const faults: Faults = {
    latency: 0,
    rules: [
      { kind: '429', at: 'dacc', count: 2 },
      { kind: '500', at: 'dacc', count: 1 },
    ],
  }
  const switches = new FaultSwitches(faults)
  assert.deepEqual(await decisions(switches, ['dacc', 'data', 'dacc', undefined, 'dacc', 'dacc']), [
    429,
    'pass',
    429,
    'pass',
    500,
    'pass',
  ])
  assert.deepEqual(
    switches.faults.rules.map(({ count }) => count),
    [0, 0],
  )
})

test('a probability strikes so often', async () => {
  const chances = [0.1, 0.5, 0.29, 0.3]
  const switches = new FaultSwitches(
    { latency: 0, rules: [{ kind: 'html-502', at: 'remote', probability: 0.3 }] },
    () => chances.shift() ?? 1,
  )
  assert.deepEqual(await decisions(switches, ['remote', 'remote', 'remote', 'remote']), [502, 'pass', 502, 'pass'])
})

test('latency is the Cozy’s: a measure that passes both servers waits once', async () => {
  const switches = new FaultSwitches({ latency: 300, rules: [] })
  const timed = async (place: 'dacc' | 'remote'): Promise<number> => {
    const began = performance.now()
    await decisions(switches, [place])
    return performance.now() - began
  }
  assert.ok((await timed('remote')) >= 290)
  assert.ok((await timed('dacc')) < 200)
})

// Both limits that the stack's jail sets on a Node's address space.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { OLD_JAIL_KIB, runService } from './stack.ts'
import { FULL_HOME, FULL_OPTIONS, previewed, stored, world } from './world.ts'

const knowsTheFlag = process.allowedNodeEnvironmentFlags.has('--disable-wasm-trap-handler')

describe('the service in a small address space', () => {
  it('starts itself again without the trap handler, and does the same', {
    skip: !knowsTheFlag && 'this Node has no such flag',
  }, async (t) => {
    const { dacc, environment } = await world(t, FULL_HOME)
    const { code, lines, stderr } = await runService(environment(FULL_OPTIONS), { kib: OLD_JAIL_KIB })
    assert.deepEqual([code, stderr], [0, ''])
    assert.deepEqual(await stored(dacc), await previewed(FULL_HOME, FULL_OPTIONS))
    assert.ok(lines.some(({ message }) => message.includes('the run is complete')))
  })

  it('passes the exit code of the second process on', {
    skip: !knowsTheFlag && 'this Node has no such flag',
  }, async (t) => {
    const { environment } = await world(t, FULL_HOME, { token: 'another' })
    const { code, lines } = await runService(environment(FULL_OPTIONS), { kib: OLD_JAIL_KIB })
    assert.equal(code, 1)
    assert.ok(lines.some(({ type }) => type === 'critical'))
  })

  it('hands a signal on to the second process, and ends by it', {
    skip: !knowsTheFlag && 'this Node has no such flag',
  }, async (t) => {
    const { cozy, dacc, environment } = await world(t, FULL_HOME)
    const end = new AbortController()
    cozy.intercept = async ({ path }) => {
      if (path.startsWith('/remote/')) {
        end.abort()
        await setTimeout(300)
      }
      return 'pass' as const
    }
    const { signal } = await runService(environment(FULL_OPTIONS), {
      kib: OLD_JAIL_KIB,
      kill: end.signal,
      by: 'SIGTERM',
    })
    assert.equal(signal, 'SIGTERM')
    await setTimeout(500)
    // The second process is gone too: it sent nothing after the one under way.
    assert.equal((await stored(dacc)).length, 1)
  })

  it('keeps to the time limit in the second process', {
    skip: !knowsTheFlag && 'this Node has no such flag',
  }, async (t) => {
    const { cozy, dacc, environment } = await world(t, FULL_HOME)
    cozy.intercept = async ({ path }) => {
      if (path.startsWith('/remote/')) await setTimeout(400)
      return 'pass' as const
    }
    const { code, lines } = await runService(
      { ...environment(FULL_OPTIONS), COZY_TIME_LIMIT: '49' },
      { kib: OLD_JAIL_KIB },
    )
    const sent = (await stored(dacc)).length
    assert.equal(code, 0)
    assert.ok(sent > 0 && sent < (await previewed(FULL_HOME, FULL_OPTIONS)).length)
    assert.ok(lines.some(({ message }) => message.includes('the time ended first')))
  })

  it('says what to do where Node has no WebAssembly at all', async (t) => {
    const { cozy, environment } = await world(t, FULL_HOME)
    const { code, lines } = await runService(environment(FULL_OPTIONS), { node: ['--jitless'] })
    assert.deepEqual(
      [code, lines, cozy.requests],
      [
        0,
        [
          {
            type: 'critical',
            message:
              'this Node runs without WebAssembly, as with --jitless; it has to be started without that flag: nothing was read or sent',
          },
        ],
        [],
      ],
    )
  })

  it('says so in one line, with nothing lost, where no memory can be made at all', async (t) => {
    const { cozy, dacc, environment } = await world(t, FULL_HOME)
    // As a Node that was already given the flag: no second start.
    const impossible = ['--disable-wasm-trap-handler', '--wasm-max-mem-pages=0']
    const { code, lines } = await runService(environment(FULL_OPTIONS), { node: impossible })
    assert.equal(code, 0)
    assert.deepEqual(lines, [
      {
        type: 'critical',
        message:
          'the address space is too small for WebAssembly, even with --disable-wasm-trap-handler: nothing was read or sent',
      },
    ])
    assert.deepEqual([cozy.requests, await stored(dacc)], [[], []])
  })
})

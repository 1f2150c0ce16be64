// The commands against a Cozy: the program's own requests over HTTP, the real
// service before and after.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { describe, it } from 'node:test'
import { runService } from '../service/stack.ts'
import { FULL_HOME, FULL_OPTIONS, manifest, stored, world } from '../service/world.ts'
import { content, dacc, EVENTS, file, hashOfAllButTheLastLine, MEASURES, MEMORY, NOW, TERMS } from './support.ts'

const OPTIONS = { ...FULL_OPTIONS }
const AT = ['--now', '2024-04-03T12:00:00']

const { permissions: OF_SERVICE } = await manifest()
const { permissions: OF_RIGHTS } = await manifest('manifest.rights.webapp')

/** What an app has whose manifest got both fragments, and nothing else. */
const PERMISSIONS = {
  ...OF_SERVICE,
  ...Object.fromEntries(Object.entries(OF_RIGHTS).map(([name, permission]) => [`rights.${name}`, permission])),
}

/** A Cozy whose service ran once. */
async function served(t: TestContext) {
  const { cozy, dacc: server, environment } = await world(t, FULL_HOME, { permissions: PERMISSIONS })
  const ran = await runService(environment(OPTIONS))
  assert.equal(ran.code, 0, JSON.stringify(ran.lines))
  const env = { COZY_CREDENTIALS: cozy.token }
  const command = async (...args: string[]) => {
    const ended = await dacc(args, { env })
    assert.equal(ended.code, 0, `${args.join(' ')}: ${ended.stderr}`)
    return ended.stdout
  }
  return { cozy, server, environment, command, env }
}

describe('a Cozy', () => {
  it("gives everything that is kept, with the stack's log of what was sent", async (t) => {
    const { cozy, server, command } = await served(t)
    await command('export', cozy.url, '-o', 'cozy.export.json', ...AT)
    const text = content('cozy.export.json')
    const elements = JSON.parse(text) as { _col: string; _id?: string; sha256?: string; variables?: { data: string } }[]
    assert.equal(elements.at(-1)?.sha256, hashOfAllButTheLastLine(text))
    const of = (doctype: string) => elements.filter(({ _col }) => _col === doctype)
    assert.deepEqual(
      of(EVENTS)
        .map(({ _id }) => _id)
        .sort(),
      FULL_HOME[EVENTS]!.map((event) => (event as { _id: string })._id).sort(),
    )
    const sent = await stored(server)
    assert.ok(sent.length > 5)
    assert.deepEqual(
      of('io.cozy.remote.requests')
        .map(({ variables }) => variables?.data)
        .sort(),
      [...sent].sort(),
    )
    // Each contribution has a claim to its cell beside it, without a state.
    assert.equal(of(MEASURES).filter((entry) => 'state' in entry).length, sent.length)
  })

  it('shows in its receipts to the letter what the server got', async (t) => {
    const { cozy, server, command } = await served(t)
    const { receipts } = JSON.parse(await command('receipts', cozy.url, '--json', ...AT)) as {
      receipts: { payload: string; status: number; consent: { id: string } }[]
    }
    assert.deepEqual(receipts.map(({ payload }) => payload).sort(), (await stored(server)).sort())
    assert.ok(receipts.every(({ status, consent }) => status === 201 && consent.id === 't1'))
    const table = await command('receipts', cozy.url, ...AT)
    assert.ok(table.includes('yes') && table.includes('201'))
  })

  it('takes in what it can hold, and says why not the rest', async (t) => {
    const { cozy, command } = await served(t)
    const event = (id: string, more: string) =>
      `{"_id":"${id}","type":"ProfileSetEvent","eventDate":"2024-03-01T10:00:00Z"${more}}`
    const events = [event('plain', ''), event('half', ',"note":"\\ud800"'), event('large', ',"note":1e400')]
    file('odd.json', `{"${EVENTS}":[${events.join(',')}]}`)
    await command('export', 'odd.json', '-o', 'odd.export.json', ...AT)
    const { stdout, stderr } = await dacc(['import', cozy.url, 'odd.export.json', ...AT], {
      env: { COZY_CREDENTIALS: cozy.token },
    })
    assert.equal(stderr, '')
    assert.match(stdout, /^events +1 .* 2$/m)
    assert.match(stdout, /^events: 1 document cannot be kept here: it has half a character \(a lone surrogate\)$/m)
    assert.match(stdout, /^events: 1 document cannot be kept here: it has a number that no double is$/m)
    assert.ok(cozy.documents(EVENTS).some(({ _id }) => _id === 'plain'))
    const status = JSON.parse(await command('status', cozy.url, '--json', ...AT)) as { currentRun: unknown }
    assert.equal(status.currentRun, null)
  })

  it('gives each right under the fragment of the rights alone', async (t) => {
    const { cozy } = await world(t, FULL_HOME, { permissions: OF_RIGHTS })
    for (const args of [
      ['export', cozy.url, '-o', 'alone.export.json'],
      ['backup', cozy.url, '-o', 'alone.copy.json'],
      ['receipts', cozy.url],
      ['report', cozy.url],
      ['status', cozy.url],
      ['purge', cozy.url, '--backup', 'alone.backup.json'],
      ['import', cozy.url, 'alone.export.json'],
      ['purge', cozy.url, '--state', '--no-backup'],
    ]) {
      const { code, stderr } = await dacc([...args, ...AT], { env: { COZY_CREDENTIALS: cozy.token } })
      assert.equal(code, 0, `${args[0]}: ${stderr}`)
    }
    const { cozy: current } = await world(t, {}, { permissions: OF_RIGHTS })
    const { cozy: former } = await world(t, FULL_HOME, { permissions: OF_RIGHTS })
    const env = { COZY_CREDENTIALS: current.token, FORMER_COZY_CREDENTIALS: former.token }
    assert.equal(
      (await dacc(['merge', former.url, current.url, '--backup', 'alone.former.json', ...AT], { env })).code,
      0,
    )
  })

  it('is left as it was where a permission is missing', async (t) => {
    const { cozy } = await world(t, FULL_HOME, {
      permissions: { ...OF_RIGHTS, usageEvents: { type: EVENTS, verbs: ['GET'] } },
    })
    const before = cozy.documents(EVENTS).length
    const { code, stderr } = await dacc(['purge', cozy.url, '--backup', 'left.json', ...AT], {
      env: { COZY_CREDENTIALS: cozy.token },
    })
    assert.deepEqual([code, cozy.documents(EVENTS).length], [4, before])
    assert.match(stderr, /usageevents: the app has no permission/)
  })

  it('is purged, and a later run sends nothing again', async (t) => {
    const { cozy, server, environment, command } = await served(t)
    const before = (await stored(server)).length
    const receipt = JSON.parse(await command('purge', cozy.url, '--json', '--backup', 'cozy.backup.json', ...AT)) as {
      deleted: { events: number }
      notErased: { what: string; count: number | null }[]
      left: number
    }
    assert.equal(receipt.deleted.events, FULL_HOME[EVENTS]!.length)
    assert.equal(cozy.documents(EVENTS).length, 0)
    assert.deepEqual(
      receipt.notErased.map(({ what, count }) => [what, count]),
      [
        ['measures', before],
        ['requests', before],
        ['revisions', null],
        ['backups', 1],
      ],
    )
    await command('recover', cozy.url, 'cozy.backup.json', ...AT)
    assert.equal(cozy.documents(EVENTS).length, FULL_HOME[EVENTS]!.length)
    await runService(environment({ ...OPTIONS, now: '2024-04-03T13:00:00' }))
    assert.equal((await stored(server)).length, before)
  })

  it('purged with its state keeps one date, with which the service goes on', async (t) => {
    const { cozy, server, environment, command } = await served(t)
    const before = (await stored(server)).length
    await command('purge', cozy.url, '--state', '--no-backup', ...AT)
    assert.equal(cozy.documents(MEASURES).length, 0)
    const memory = cozy.documents(MEMORY)
    const [
      {
        memory: { closedUntil, days, firsts },
      },
    ] = memory as unknown as [{ memory: Record<string, unknown> }]
    assert.deepEqual([closedUntil, days, firsts], ['2024-04-03', {}, {}])
    for (const doctype of [TERMS, EVENTS])
      for (const document of FULL_HOME[doctype]!) cozy.put(doctype, document as Record<string, unknown>)
    cozy.put(EVENTS, {
      _id: 'new',
      type: 'NavigationEvent',
      target: 'faq',
      eventDate: '2024-04-04T08:00:00.000Z',
      aggregated: false,
    })
    const ran = await runService(environment({ ...OPTIONS, now: '2024-04-05T02:00:00' }))
    assert.equal(ran.code, 0)
    const later = (await stored(server))
      .slice(before)
      .map((text) => (JSON.parse(text) as { startDate: string }).startDate)
    assert.ok(later.length > 0 && later.every((date) => date === '2024-04-04'), later.join())
  })

  it('takes the export of another home as history, and its service sends nothing for it', async (t) => {
    const { cozy, server, environment, command } = await served(t)
    await command('export', cozy.url, '-o', 'moving.json', ...AT)
    const empty = await world(t, {}, { permissions: PERMISSIONS })
    const moved = await dacc(['import', empty.cozy.url, 'moving.json', ...AT], {
      env: { COZY_CREDENTIALS: empty.cozy.token },
    })
    assert.equal(moved.code, 0, moved.stderr)
    assert.equal(empty.cozy.documents(EVENTS).length, FULL_HOME[EVENTS]!.length)
    assert.equal(empty.cozy.documents(TERMS).length, 0)
    assert.equal(
      empty.cozy.documents(MEASURES).filter((entry) => 'state' in entry).length,
      (await stored(server)).length,
    )
    await runService(empty.environment({ ...OPTIONS, now: '2024-04-04T02:00:00' }))
    assert.equal((await stored(empty.dacc)).length, 0)
    assert.ok(environment())
  })

  it('that is not there, or does not let us in, is a sentence and an exit code of its own', async (t) => {
    const { cozy } = await world(t, FULL_HOME)
    const shut = await dacc(['status', cozy.url, ...NOW], { env: { COZY_CREDENTIALS: 'another' } })
    assert.equal(shut.code, 4)
    assert.match(shut.stderr, /the token is not accepted/)
    const forbidden = await dacc(['export', cozy.url, '-o', 'no.json', ...NOW], {
      env: { COZY_CREDENTIALS: cozy.token },
    })
    assert.equal(forbidden.code, 4)
    assert.match(forbidden.stderr, /the app has no permission/)
    file('there', '')
  })
})

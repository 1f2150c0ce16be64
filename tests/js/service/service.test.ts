// The built service file, alone, against the local Cozy and DACC.

import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { load } from '../../../js/api/index.node.ts'
import type { Options } from '../../../pkg/wasm/dacc_aggregator.js'
import { runService } from './stack.ts'
import { FULL_HOME, FULL_OPTIONS, manifest, previewed, stored, world } from './world.ts'

const HOMES = new URL('../../../fixtures/homes/', import.meta.url)

/** The options of a run, which asks for no periods of its own. */
function isRun(options: Options): boolean {
  return !options.from && !options.to && !options.months && !options.consent
}

describe('the service', () => {
  it('posts exactly the previewed measures, of every indicator, with the permissions of the manifest', async (t) => {
    const { cozy, dacc, environment } = await world(t, FULL_HOME)
    const { code, lines, stderr } = await runService(environment(FULL_OPTIONS))
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    const sent = await stored(dacc)
    assert.deepEqual(sent, await previewed(FULL_HOME, FULL_OPTIONS))
    const names = new Set(sent.map((measure) => JSON.parse(measure).measureName as string))
    const { catalog } = await load()
    const all = new Set(catalog().indicators.map((indicator) => indicator.name))
    assert.deepEqual(names, all)
    assert.deepEqual(dacc.refused(), [])
    assert.ok(cozy.requests.every(({ status }) => status !== 403))
    for (const { type } of lines) assert.ok(['info', 'warn', 'error', 'critical'].includes(type))
  })

  it('needs each permission of the manifest, and without one it sends nothing', async (t) => {
    const { permissions } = await manifest()
    // Jobs are asked for only where the time ends first.
    for (const name of Object.keys(permissions).filter((name) => name !== 'jobs')) {
      const { [name]: removed, ...others } = permissions
      const { dacc, environment } = await world(t, FULL_HOME, { permissions: others })
      const remote = name === 'daccDev' ? { remote: permissions[name]?.type } : {}
      const { code, lines } = await runService(environment({ ...FULL_OPTIONS, ...remote }))
      assert.deepEqual(await stored(dacc), [], name)
      assert.equal(code, 1, name)
      const complaints = lines.filter(({ type }) => type === 'critical' || type === 'error')
      // The first that a run would have needed, by its verb and doctype.
      const missing =
        removed?.verbs.map((verb) => `the app has no permission: its manifest lacks ${verb} on ${removed.type}`) ?? []
      assert.ok(
        complaints.some(({ message }) => missing.some((each) => message.endsWith(each))),
        `${name}: ${JSON.stringify(complaints)}`,
      )
    }
  })

  it('posts the expected measures of every fixture that is a run', async (t) => {
    const { definitions } = await load()
    let runs = 0
    for (const name of await readdir(HOMES)) {
      const read = (file: string) => readFile(new URL(`${name}/${file}`, HOMES), 'utf8')
      const options = JSON.parse(await read('options.json')) as Options
      const text = await read('home.json').catch(() => undefined)
      if (text === undefined || !isRun(options) || name.startsWith('hostile')) continue
      runs += 1
      const { dacc, environment } = await world(t, JSON.parse(text))
      const { code } = await runService(environment(options))
      assert.equal(code, 0, name)
      const expected = (await read('expected.ndjson')).split('\n').filter(Boolean)
      const known = definitions().definitions.every(({ createdBy }) => createdBy === (options.createdBy ?? 'ecolyo'))
      if (known) assert.deepEqual(await stored(dacc), expected, name)
      assert.deepEqual(
        dacc.refused().filter(() => known),
        [],
        name,
      )
    }
    assert.ok(runs >= 20, `${runs} fixtures are runs`)
  })

  it('reads nothing beyond the terms without consent', async (t) => {
    for (const terms of [[], [{ accepted: false, version: '1.0.0', date: '2024-01-01T00:00:00Z' }]]) {
      const { cozy, dacc, environment } = await world(t, { ...FULL_HOME, 'com.grandlyon.ecolyo.term': terms })
      const { code, lines } = await runService(environment(FULL_OPTIONS))
      assert.equal(code, 0)
      assert.deepEqual(
        cozy.requests.map(({ path }) => path),
        [
          '/data/com.grandlyon.ecolyo.dacc.memory/memory',
          '/data/com.grandlyon.ecolyo.term/_normal_docs?limit=1000',
          // Of its own documents: what waits would be cancelled.
          '/data/com.grandlyon.ecolyo.dacc.measures/_find',
        ],
      )
      assert.deepEqual(await stored(dacc), [])
      assert.ok(lines.some(({ message }) => message.includes('no consent')))
    }
  })

  it('pages through thousands of events and makes the index it needs', async (t) => {
    const events = Array.from({ length: 2_500 }, (_, at) => ({
      _id: `e${at}`,
      type: 'NavigationEvent',
      target: 'faq',
      eventDate: `2024-04-02T10:${String(at % 60).padStart(2, '0')}:00.000Z`,
    }))
    const home = { ...FULL_HOME, 'com.grandlyon.ecolyo.usageevents': events }
    const { cozy, dacc, environment } = await world(t, home)
    const { code } = await runService(environment(FULL_OPTIONS))
    assert.equal(code, 0)
    const paths = cozy.requests.map(({ path }) => path).filter((path) => path.includes('usageevents'))
    const calls = paths.map((path) => path.split('/').at(-1))
    assert.deepEqual(calls.slice(0, 5), ['_find', '_index', '_find', '_find', '_find'])
    const measure = (await stored(dacc)).find((sent) => sent.includes('navigation-count-daily'))
    assert.equal(JSON.parse(measure ?? '{}').value, 2_500)
  })

  it('never writes an event, an id or the token to its log', async (t) => {
    const secrets = ['SECRETTARGET', 'secret-id', 'secret context', 'the-token-of-the-app']
    const event = { _id: 'secret-id', type: 'ActionChangeEvent', target: 'SECRETTARGET', context: 'secret context' }
    const home = {
      ...FULL_HOME,
      'com.grandlyon.ecolyo.usageevents': [
        { ...event, eventDate: '2024-04-02T10:00:00Z' },
        { ...event, _id: 'secret-id-2', eventDate: 'secret context' },
        { ...event, _id: 'secret-id-3', type: 'secret context', eventDate: '2024-04-02T10:00:00Z' },
      ],
    }
    const { environment } = await world(t, home)
    const { lines, stderr } = await runService(environment(FULL_OPTIONS))
    const log = JSON.stringify(lines) + stderr
    for (const secret of secrets) assert.ok(!log.includes(secret), secret)
    assert.match(log, /event-date-invalid 1, event-type-unknown 1/)
  })

  it('stops at the first doubt, and asks to be run again only if nothing was sent', async (t) => {
    for (const [at, code, count] of [
      [0, 0, 0],
      [3, 0, 3],
    ] as const) {
      const { dacc, environment, cozy } = await world(t, FULL_HOME)
      let sends = 0
      cozy.intercept = ({ path }) =>
        path.startsWith('/remote/') && sends++ === at
          ? { status: 502, contentType: 'text/html', body: '<html>' }
          : 'pass'
      const ended = await runService(environment(FULL_OPTIONS))
      assert.equal(ended.code, code)
      assert.equal((await stored(dacc)).length, count)
      assert.ok(ended.lines.some(({ type, message }) => type === 'error' && message.includes('sending stopped')))
      assert.equal(sends, at + 1)
    }
    const { environment } = await world(t, FULL_HOME, { token: 'another' })
    assert.equal((await runService(environment(FULL_OPTIONS))).code, 1)
  })

  it('runs under the developers’ tool: credentials as JSON, no job, no time limit', async (t) => {
    const { dacc, environment } = await world(t, FULL_HOME)
    const { COZY_URL, COZY_CREDENTIALS, COZY_FIELDS } = environment(FULL_OPTIONS)
    const credentials = JSON.stringify({ oauthOptions: { clientID: 'c' }, token: { accessToken: COZY_CREDENTIALS } })
    const { code } = await runService({
      COZY_URL: COZY_URL ?? '',
      COZY_CREDENTIALS: credentials,
      COZY_FIELDS: COZY_FIELDS ?? '',
    })
    assert.equal(code, 0)
    assert.deepEqual(await stored(dacc), await previewed(FULL_HOME, FULL_OPTIONS))
  })

  it('sends in the first form, to the development and the European doctype, as configured', async (t) => {
    const remotes = ['cc.cozycloud.dacc', 'cc.cozycloud.dacc.dev', 'cc.cozycloud.dacc.dev_v2', 'eu.mycozy.dacc_v2']
    for (const remote of remotes) {
      const permissions = { ...(await manifest()).permissions, dacc: { type: remote, verbs: ['POST'] } }
      const { cozy, dacc, environment } = await world(t, FULL_HOME, { permissions })
      await runService(environment({ ...FULL_OPTIONS, remote }))
      assert.deepEqual(await stored(dacc), await previewed(FULL_HOME, FULL_OPTIONS), remote)
      assert.ok(cozy.requests.some(({ path }) => path === `/remote/${remote}`))
    }
  })

  it('posts the old way to a plain local server, which never gets the token', async (t) => {
    const bodies: string[] = []
    const server = http.createServer((request, response) => {
      assert.equal(request.headers.authorization, undefined)
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        bodies.push(Buffer.concat(chunks).toString())
        response.end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    try {
      const { environment } = await world(t, FULL_HOME)
      const { code } = await runService(environment({ ...FULL_OPTIONS, remote: `http://localhost:${port}` }))
      assert.equal(code, 0)
    } finally {
      server.close()
      server.closeAllConnections()
    }
    const expected = (await previewed(FULL_HOME, FULL_OPTIONS)).map((data) => JSON.stringify({ data }))
    assert.deepEqual(bodies, expected)
  })

  it('takes what an app passes over COZY_FIELDS, and that over the defaults', async (t) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'dacc-app-'))
    t.after(() => rm(folder, { recursive: true }))
    const library = fileURLToPath(new URL('../../../pkg/service/service.cjs', import.meta.url))
    const program = path.join(folder, 'app.js')
    await writeFile(
      program,
      `require(${JSON.stringify(library)}).service({ flagAggregated: false, createdBy: 'ecolyo' })`,
    )
    const { cozy, dacc, environment } = await world(t, FULL_HOME)
    const fields = { ...FULL_OPTIONS, createdBy: 'of the fields', flagAggregated: true }
    const { code } = await runService(environment(fields), { program })
    assert.equal(code, 0)
    assert.deepEqual(await stored(dacc), await previewed(FULL_HOME, FULL_OPTIONS))
    const events = cozy.documents('com.grandlyon.ecolyo.usageevents')
    assert.ok(events.every((event) => event['aggregated'] === false))
  })

  it('names what is wrong in its environment', async (t) => {
    const { environment } = await world(t, FULL_HOME)
    const good = environment(FULL_OPTIONS)
    const cases: [Record<string, string>, string][] = [
      [{ COZY_URL: '' }, 'COZY_URL'],
      [{ COZY_CREDENTIALS: '' }, 'COZY_CREDENTIALS'],
      [{ COZY_CREDENTIALS: '{"token":' }, 'COZY_CREDENTIALS'],
      [{ COZY_CREDENTIALS: 'a\nb' }, 'COZY_CREDENTIALS'],
      [{ COZY_FIELDS: '[1]' }, 'COZY_FIELDS'],
      [{ COZY_FIELDS: '{"form":1}' }, 'form'],
      [{ COZY_FIELDS: '{"remote":"../x"}' }, 'remote'],
    ]
    for (const [wrong, named] of cases) {
      const { code, lines, stderr } = await runService({ ...good, ...wrong })
      assert.deepEqual([code, lines.length, lines[0]?.type, stderr], [1, 1, 'critical', ''], named)
      assert.ok(lines[0]?.message.includes(named), lines[0]?.message)
    }
    for (const COZY_FIELDS of ['', 'null']) {
      assert.equal((await runService({ ...good, COZY_FIELDS })).code, 0)
    }
  })
})

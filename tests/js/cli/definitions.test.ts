import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readDefinitions } from '../../../js/stand-in/dacc/definitions.ts'
import type { Definitions } from '../../../js/types/index.d.ts'
import { dacc, file, home, NOW } from './process.ts'

/** An indicator of a user. */
const own = {
  name: 'reports',
  period: 'month',
  description: 'd',
  purpose: 'p',
  events: [{ type: 'ReportFromEvent' }],
  value: { kind: 'count' },
}

/** What a server holds: the definitions of the built-in catalog with these fields changed, by their names. */
async function held(changes: Record<string, object | null> = {}, more: readonly object[] = []): Promise<Definitions> {
  const { definitions } = JSON.parse((await dacc(['definitions'])).stdout) as Definitions
  return {
    definitions: [
      ...definitions
        .filter(({ name }) => changes[name] !== null)
        .map((definition) => ({ ...definition, ...changes[definition.name] })),
      ...(more as Definitions['definitions']),
    ],
  }
}

describe('dacc definitions', () => {
  it('is a file that the server imports, with every indicator of the catalog', async () => {
    const { code, stdout, stderr } = await dacc(['definitions'])
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    const definitions = readDefinitions(JSON.parse(stdout) as Definitions)
    assert.equal(definitions.size, 15)
    const konnector = definitions.get('konnector-event-daily')
    assert.deepEqual(
      [
        konnector?.group1Key,
        konnector?.group2Key,
        konnector?.group3Key,
        konnector?.aggregationPeriod,
        konnector?.createdBy,
      ],
      ['slug', 'event_type', 'status', 'day', 'ecolyo'],
    )
  })

  it('is made of another catalog, for another organisation', async () => {
    const catalog = file('catalog.json', {
      extends: false,
      indicators: [
        {
          name: 'reports',
          id: 40,
          aggregationThreshold: 9,
          period: 'month',
          description: 'd',
          purpose: 'p',
          events: [{ type: 'ReportFromEvent' }],
          value: { kind: 'count' },
        },
      ],
    })
    const { stdout } = await dacc(['definitions', '--catalog', catalog, '--org', 'town', '--created-by', 'app'])
    const { definitions } = JSON.parse(stdout) as Definitions
    assert.deepEqual(
      definitions.map(({ id, name, org, createdBy, aggregationPeriod, aggregationThreshold }) => [
        id,
        name,
        org,
        createdBy,
        aggregationPeriod,
        aggregationThreshold,
      ]),
      [[40, 'reports', 'town', 'app', 'month', 9]],
    )
  })

  it('leaves out what has no id, for an import would overwrite the row of any', async () => {
    const catalog = file('without-id.json', { extends: true, indicators: [own] })
    const { code, stdout, stderr } = await dacc(['definitions', '--catalog', catalog])
    const { definitions } = JSON.parse(stdout) as Definitions
    assert.equal(definitions.length, 15)
    assert.match(stderr, /^dacc: left out, .* these have none: reports; give each an "id"/)
    assert.equal(code, 3)
  })

  it('says what is wrong with a catalog, and where', async () => {
    for (const [name, content, sentence] of [
      ['none.json', undefined, /^dacc: none\.json: there is no such file\n$/],
      ['empty.json', '', /^dacc: empty\.json: it is empty; a JSON object is needed\n$/],
      [
        'broken.json',
        '{"indicators":\n [secret',
        /^dacc: broken\.json: this is not JSON at line 2, column 3; a JSON object is needed\n$/,
      ],
      ['list.json', '[]', /^dacc: list\.json: this is not a JSON object; write it in braces\n$/],
      [
        'field.json',
        '{"indicator":[]}',
        /^dacc: field\.json: (?:missing field `indicators`|unknown field `indicator`)/,
      ],
      [
        'rule.json',
        { indicators: [{ name: 'a b', period: 'day', description: 'd', purpose: 'p', value: { kind: 'count' } }] },
        /^dacc: rule\.json: a b: /,
      ],
    ] as const) {
      if (content !== undefined) file(name, content)
      const { code, stdout, stderr } = await dacc(['definitions', '--catalog', name])
      assert.match(stderr, sentence)
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
    }
  })
})

describe('dacc definitions --diff', () => {
  interface Told {
    same: number
    differences: { measureName: string; in: string; here?: unknown; there?: unknown; notAdopted?: string }[]
  }

  async function differences(server: Definitions | object, ...args: string[]): Promise<Told & { code: number | null }> {
    const { code, stdout } = await dacc(['definitions', '--diff', file('server.json', server), '--json', ...args])
    return { ...(JSON.parse(stdout) as Told), code }
  }

  it('ends with 0 where the server has the same, whatever else it holds', async () => {
    const other = { id: 8, name: 'trips', createdBy: 'coachco2', aggregationThreshold: 5 }
    assert.deepEqual(await differences(await held({}, [other])), { same: 15, differences: [], code: 0 })
    const { stdout, stderr, code } = await dacc(['definitions', '--diff', 'server.json'])
    assert.deepEqual({ stdout, stderr, code }, { stdout: '', stderr: '15 definitions the same.\n', code: 0 })
  })

  it('tells names, keys, ids and thresholds apart, and what cannot be adopted', async () => {
    const server = await held(
      {
        'konnector-attempts-monthly': {
          name: 'konnector-attempts-before-success',
          group1Key: 'fluid_type',
          group2Key: null,
        },
        'profile-count-monthly': { name: 'profile-count' },
        'navigation-count-daily': { group1Key: 'screen' },
        'quiz-stars': { group1Key: 'quiz_id', group2Key: 'challenge_id' },
        'challenge-launch-daily': { id: 30, aggregationThreshold: 12 },
        'connection-count-daily': { aggregationThreshold: 3 },
        'connection-count-monthly': null,
      },
      [
        { id: 18, name: 'older', createdBy: 'ecolyo', aggregationThreshold: 5 },
        { id: 16, name: 'trips', createdBy: 'coachco2', aggregationThreshold: 5 },
      ],
    )
    const told = await differences(server)
    const said = told.differences.map(
      ({ measureName, in: aspect, notAdopted }) =>
        `${measureName} ${aspect}${notAdopted === undefined ? '' : ` - ${notAdopted}`}`,
    )
    assert.deepEqual(said.sort(), [
      'challenge-launch-daily id',
      'challenge-launch-daily threshold',
      'connection-count-daily threshold - fewer than 5 homes are no crowd',
      'connection-count-monthly id - an import would overwrite that row; give this one a free id',
      'connection-count-monthly missing - the server has to import it first',
      'konnector-attempts-monthly keys - 2 groups here, 1 group there',
      'konnector-attempts-monthly name - its groups differ',
      'navigation-count-daily keys',
      'older unknown - the catalog has no such indicator',
      'profile-count-monthly name',
      'quiz-stars keys - a key there is that of another group here',
    ])
    assert.deepEqual({ same: told.same, code: told.code }, { same: 8, code: 3 })
    assert.deepEqual(
      told.differences.find(({ measureName }) => measureName === 'navigation-count-daily'),
      { measureName: 'navigation-count-daily', in: 'keys', here: ['page'], there: ['screen'] },
    )
  })

  it('is a table that fits', async () => {
    const server = file('table.json', await held({ 'navigation-count-daily': { group1Key: 'screen' } }))
    const { code, stdout, stderr } = await dacc(['definitions', '--diff', server], { env: { COLUMNS: '80' } })
    assert.equal(
      stdout,
      [
        'measure                 differs in  here and there',
        'navigation-count-daily  keys        page here, screen there',
        '',
      ].join('\n'),
    )
    assert.match(stderr, /^14 definitions the same\.\ndacc: .*: 1 difference; --adopt writes a catalog without them\n$/)
    assert.equal(code, 3)
  })

  it('says what is no definitions file', async () => {
    const row = { name: 'a', createdBy: 'ecolyo', aggregationThreshold: 5 }
    for (const [content, sentence] of [
      ['[]', /this is not a JSON object/],
      [{ indicators: [] }, /this is a catalog; the definitions file of a server is needed/],
      [
        { measures: [] },
        /this is no definitions file that the server could have imported\. The definitions file must be an object with a list/,
      ],
      [{ definitions: [{ id: 1 }] }, /Definition 1 of the definitions file: it has no name/],
      [{ definitions: [row, row] }, /Definition 2 of the definitions file: the name a is taken/],
      [
        {
          definitions: [
            { ...row, id: 1 },
            { ...row, name: 'b', id: 1 },
          ],
        },
        /Definition 2 of the definitions file: the id 1 is taken/,
      ],
      [
        { definitions: [{ ...row, id: '1' }] },
        /Definition 1 of the definitions file: its id is not a whole number from 1/,
      ],
      [{ definitions: [{ ...row, group1Key: 7 }] }, /a group key is not a string/],
    ] as const) {
      for (const flag of ['--diff', '--adopt']) {
        const { code, stdout, stderr } = await dacc(['definitions', flag, file('broken.json', content)])
        assert.match(stderr, sentence)
        assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
      }
    }
    const both = await dacc(['definitions', '--diff', 'broken.json', '--adopt', 'broken.json'])
    assert.deepEqual([both.code, both.stderr], [2, 'dacc: --diff and --adopt: one at a time\n'])
    assert.equal((await dacc(['definitions', '--json'])).code, 2)
  })
})

describe('dacc definitions --adopt', () => {
  const changes = {
    'profile-count-monthly': { name: 'profile-count' },
    'connection-count-monthly': { id: 21 },
    'session-duration': { group1Key: 'pages', group2Key: 'kind' },
    'quiz-stars': { aggregationThreshold: 50 },
  }

  it('writes a catalog that differs in nothing, without a copy of an indicator', async () => {
    const server = file('adopted-server.json', await held(changes))
    const { code, stdout, stderr } = await dacc(['definitions', '--adopt', server])
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.deepEqual(JSON.parse(stdout), {
      extends: true,
      override: {
        'session-duration': { keys: { number_pages: 'pages', session_type: 'kind' } },
        'quiz-stars': { aggregationThreshold: 50 },
        'connection-count-monthly': { id: 21 },
        'profile-count-monthly': { name: 'profile-count' },
      },
    })
    const catalog = file('adopted.json', stdout)
    assert.equal((await dacc(['definitions', '--catalog', catalog, '--diff', server])).code, 0)
    const again = await dacc(['definitions', '--catalog', catalog, '--adopt', server])
    assert.deepEqual(JSON.parse(again.stdout), JSON.parse(stdout))
  })

  it('is an option of every computation', async () => {
    const catalog = JSON.parse(
      (await dacc(['definitions', '--adopt', file('for-preview.json', await held(changes))])).stdout,
    ) as object
    const config = file('adopted-config.json', { catalog })
    const { stdout } = await dacc(['preview', file('home.json', home), ...NOW, '--config', config, '--ndjson'])
    assert.match(stdout, /"session-duration".*"group1":\{"pages":"1"\},"group2":\{"kind":"any"\}\}\n/)
  })

  it('goes on from a catalog, whose own indicators it changes where they stand', async () => {
    const catalog = file('before.json', {
      extends: true,
      override: {
        'session-duration': { keys: { session_type: 'type' } },
        'profile-count-monthly': { name: 'profiles' },
      },
      indicators: [
        {
          ...own,
          groups: [{ key: 'from', source: { values: ['analysis'] } }],
          events: [{ type: 'ReportFromEvent', groups: { from: { field: 'context', values: ['analysis'] } } }],
          identity: ['from'],
        },
      ],
    })
    const reports = {
      id: 40,
      name: 'reports',
      createdBy: 'ecolyo',
      group1Key: 'origin',
      aggregationPeriod: 'month',
      aggregationThreshold: 5,
    }
    const server = file(
      'after-server.json',
      await held({ ...changes, 'profile-count-monthly': { name: 'profile-count', id: 22 } }, [reports]),
    )
    const { code, stdout } = await dacc(['definitions', '--catalog', catalog, '--adopt', server])
    // profiles has another row there, 22: neither its name nor its row is known.
    const made = JSON.parse(stdout) as { override: Record<string, object>; indicators: object[] }
    assert.deepEqual(made.override['session-duration'], { keys: { session_type: 'kind', number_pages: 'pages' } })
    assert.deepEqual(made.indicators, [
      {
        ...own,
        id: 40,
        groups: [{ key: 'origin', source: { values: ['analysis'] } }],
        events: [{ type: 'ReportFromEvent', groups: { origin: { field: 'context', values: ['analysis'] } } }],
        identity: ['origin'],
      },
    ])
    assert.equal(code, 3)
    const after = await dacc(['definitions', '--catalog', file('after.json', stdout), '--diff', server, '--json'])
    const left = (JSON.parse(after.stdout) as { differences: { measureName: string; in: string }[] }).differences
    assert.deepEqual(
      left.map(({ measureName, in: aspect }) => `${measureName} ${aspect}`),
      ['profiles missing', 'profile-count unknown'],
    )
  })

  it('adopts nothing of what has other groups, and says so', async () => {
    const server = file(
      'groups-server.json',
      await held({
        'konnector-attempts-monthly': {
          name: 'konnector-attempts-before-success',
          group1Key: 'fluid_type',
          group2Key: null,
        },
      }),
    )
    const { code, stdout, stderr } = await dacc(['definitions', '--adopt', server])
    assert.deepEqual(JSON.parse(stdout), { extends: true })
    assert.match(
      stderr,
      /konnector-attempts-monthly: keys: slug success here, fluid_type there \(not adopted: 2 groups here, 1 group there\)\n/,
    )
    assert.match(stderr, /dacc: 2 differences cannot be adopted\n$/)
    assert.equal(code, 3)
  })
})

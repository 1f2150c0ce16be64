import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { dacc, file, folder, home, MEASURES, NOW, program } from './process.ts'

const GOOD = MEASURES[1] ?? ''
const good = JSON.parse(GOOD) as Record<string, unknown>

interface Told {
  measures: { line: number; column: number; home?: string; server: { status: number; does: string }; faults: Fault[] }[]
  summary: { measures: number; faulty: number; twice: number; server: Record<string, number> }
}

interface Fault {
  line: number
  column: number
  field: string
  sentence: string
}

async function checked(text: string): Promise<Told> {
  return JSON.parse((await dacc(['check', '-', '--json'], { stdin: text })).stdout) as Told
}

/** A measure with other fields (`undefined` takes one away), as text. */
const but = (fields: Record<string, unknown>) => JSON.stringify({ ...good, ...fields })

// What the real server does, as it was observed; see docs/cli.md.
const CASES: [says: string, text: string, status: number, does: string, field: string][] = [
  ['a name that the server does not know', but({ measureName: 'navigation' }), 400, 'refuses', 'measureName'],
  ['no name', but({ measureName: undefined }), 500, 'fails', 'measureName'],
  ['no value', but({ value: undefined }), 400, 'refuses', 'value'],
  ['a value that is no number', but({ value: 'many' }), 400, 'refuses', 'value'],
  ['a value of null', but({ value: null }), 500, 'fails', 'value'],
  ['a number as a string', but({ value: '12' }), 201, 'stores-as-is', 'value'],
  ['NaN', GOOD.replace('"value":1', '"value":NaN'), 201, 'blocks', 'value'],
  ['infinity', GOOD.replace('"value":1', '"value":-Infinity'), 201, 'loses', 'value'],
  ['a value that the column cannot hold', but({ value: 1e10 }), 201, 'loses', 'value'],
  ['a value that sums cannot hold', but({ value: 10_000_000 }), 201, 'stores-as-is', 'value'],
  ['a zero with a sign', GOOD.replace('"value":1', '"value":-0'), 201, 'stores-as-is', 'value'],
  ['three decimals', but({ value: 1.005 }), 201, 'stores-as-is', 'value'],
  ['a needless zero', GOOD.replace('"value":1', '"value":1.50'), 201, 'stores-as-is', 'value'],
  ['an integer with a point', GOOD.replace('"value":1', '"value":1.0'), 201, 'stores-as-is', 'value'],
  ['an exponent', GOOD.replace('"value":1', '"value":1e2'), 201, 'stores-as-is', 'value'],
  ['a key twice', GOOD.replace('"value":1', '"value":1,"value":2'), 201, 'stores-as-is', 'value'],
  [
    'a key of a group twice',
    GOOD.replace(/"page":"(.*?)"/, '"page":"$1","p\\u0061ge":"$1"'),
    201,
    'stores-as-is',
    'group1.page',
  ],
  ['a boolean', but({ value: true }), 201, 'loses', 'value'],
  ['a date with a time', but({ startDate: '2024-03-09T10:00:00Z' }), 201, 'stores-as-is', 'startDate'],
  ['a month for a day', but({ startDate: '2024-03' }), 201, 'loses', 'startDate'],
  ['a date that is another day there', but({ startDate: '01/02/2022' }), 201, 'stores-as-is', 'startDate'],
  ['a date in words', but({ startDate: 'Jan 5 2022' }), 201, 'stores-as-is', 'startDate'],
  ['a day of the month alone', but({ startDate: '4' }), 201, 'loses', 'startDate'],
  ['a time alone', but({ startDate: '12:30' }), 201, 'loses', 'startDate'],
  ['a weekday alone', but({ startDate: 'Monday' }), 201, 'loses', 'startDate'],
  ['a date with U+0000', but({ startDate: '2022-01-01\0' }), 201, 'loses', 'startDate'],
  ['a date in Arabic digits', but({ startDate: '٢٠٢٢-٠١-٠١' }), 201, 'loses', 'startDate'],
  ['a number with a line in it', but({ value: '1_000' }), 201, 'loses', 'value'],
  ['a number in Arabic digits', but({ value: '١٢' }), 201, 'loses', 'value'],
  ['a day outside the calendar', but({ startDate: '2024-02-30' }), 400, 'refuses', 'startDate'],
  ['no date', but({ startDate: undefined }), 400, 'refuses', 'startDate'],
  ['a date of null', but({ startDate: null }), 500, 'fails', 'startDate'],
  ['a group of null', but({ group1: null }), 400, 'refuses', 'group1'],
  ['an empty group', but({ group1: {} }), 400, 'refuses', 'group1'],
  ['no group', but({ group1: undefined }), 400, 'refuses', 'group1'],
  ['a group with another key', but({ group1: { pages: 'water' } }), 400, 'refuses', 'group1'],
  ['a group too many', but({ group2: { a: 'b' } }), 400, 'refuses', 'group2'],
  ['two keys in a group', but({ group1: { page: 'water', more: 'x' } }), 201, 'stores-as-is', 'group1'],
  ['a group value that is no string', but({ group1: { page: 1 } }), 201, 'stores-as-is', 'group1.page'],
  ['a group value with U+0000', but({ group1: { page: 'a\u0000' } }), 201, 'loses', 'group1.page'],
  [
    'a group value that the index cannot hold',
    but({ group1: { page: 'x'.repeat(2700) } }),
    201,
    'blocks',
    'group1.page',
  ],
  ['a group value that is not in the list', but({ group1: { page: 'nowhere' } }), 201, 'stores-as-is', 'group1.page'],
  ['no createdBy', but({ createdBy: undefined }), 201, 'stores-as-is', 'createdBy'],
  ['a createdBy that the column cannot hold', but({ createdBy: 'x'.repeat(101) }), 201, 'loses', 'createdBy'],
  ['a field that is none', but({ unit: 'pages' }), 201, 'stores-as-is', 'unit'],
  ['what is no object', '[1]', 500, 'fails', ''],
  ['what is not JSON', '{"value":1,}', 500, 'fails', ''],
]

describe('dacc check says what the server does with', () => {
  it('each of many measures', async () => {
    const { measures, summary } = await checked(['', ...CASES.map(([, text]) => text)].join('\n'))
    assert.equal(measures.length, CASES.length)
    for (const [at, [says, , status, does, field]] of CASES.entries()) {
      const { line, server, faults } = measures[at] ?? assert.fail(says)
      assert.deepEqual({ says, line, server }, { says, line: at + 2, server: { status, does } })
      assert.ok(
        faults.some((fault) => fault.field === field),
        `${says}: ${JSON.stringify(faults)}`,
      )
    }
    assert.equal(summary.faulty, CASES.length)
  })

  it('measures that are good', async () => {
    const { measures, summary } = await checked(MEASURES.join('\r\n'))
    assert.deepEqual(
      measures.map(({ server, faults }) => [server.does, faults]),
      MEASURES.map(() => ['stores', []]),
    )
    assert.deepEqual(summary, { measures: 3, faulty: 0, twice: 0, server: { stores: 3 } })
  })

  it('a monthly measure with the day of its run, unless a configuration makes such', async () => {
    const monthly = file(
      'run-date.ndjson',
      `${JSON.stringify({ createdBy: 'ecolyo', measureName: 'connection-count-monthly', startDate: '2024-03-02', value: 1 })}\n`,
    )
    const config = file('run-date.json', { monthlyStartDate: 'run-date' })
    assert.equal((await dacc(['check', monthly])).code, 3)
    for (const args of [
      ['check', monthly, '--config', config],
      ['send', monthly, '--dacc', 'http://127.0.0.1:9', '--dry-run', '--config', config],
    ]) {
      const { code, stderr } = await dacc(args)
      assert.equal(code, 0, stderr)
    }
    // Another fault is one all the same, and so is a wrong configuration.
    assert.equal(
      (await dacc(['check', file('run-day.ndjson', but({ startDate: '2024-13-01' })), '--config', config])).code,
      3,
    )
    assert.match(
      (await dacc(['check', monthly, '--config', file('wrong.json', '{"form":1}')])).stderr,
      /^dacc: wrong\.json: unknown field `form`/,
    )
  })

  it('a monthly measure that is not of the first', async () => {
    const monthly = { createdBy: 'ecolyo', measureName: 'connection-count-monthly', startDate: '2024-03-02', value: 1 }
    const { measures } = await checked(JSON.stringify(monthly))
    assert.deepEqual(
      measures[0]?.faults.map(({ field }) => field),
      ['startDate'],
    )
  })
})

describe('dacc check names the place', () => {
  const place = ({ line, column, field }: Fault) => [line, column, field]

  it('of each field on its line', async () => {
    const { measures } = await checked(`${GOOD}\n${but({ value: null, createdBy: undefined, group1: { page: 2 } })}`)
    const text = but({ value: null, createdBy: undefined, group1: { page: 2 } })
    assert.deepEqual(measures[1]?.faults.map(place), [
      [2, text.indexOf('null') + 1, 'value'],
      [2, 1, 'createdBy'],
      [2, text.indexOf('2}') + 1, 'group1.page'],
    ])
  })

  it('in an array over many lines, and in one measure over many', async () => {
    const array = JSON.stringify([good, { ...good, value: null }], null, 2)
    const line = array.split('\n').findIndex((each) => each.includes('null')) + 1
    assert.deepEqual((await checked(array)).measures[1]?.faults.map(place), [[line, 14, 'value']])
    const single = JSON.stringify({ ...good, value: null }, null, 2)
    assert.deepEqual((await checked(`\ufeff${single}`)).measures[0]?.faults.map(place), [[5, 12, 'value']])
  })

  it('in what preview prints of many homes', async () => {
    const { measures } = await checked(`{"home":"a","measure":${but({ value: null })}}`)
    assert.equal(measures[0]?.home, 'a')
    assert.deepEqual(measures[0]?.faults.map(place), [[1, 22 + but({ value: null }).indexOf('null') + 1, 'value']])
  })
})

describe('dacc check', { concurrency: 2 }, () => {
  it('takes what preview gives', async () => {
    const { stdout: lines } = await dacc(['preview', file('home.json', home), '--ndjson', ...NOW])
    const { code, stdout, stderr } = await dacc(['check', '-'], { stdin: lines })
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '3 measures, all good\n', stderr: '' })
  })

  it('prints a fault as one sentence with its place, and ends with 3', async () => {
    const { code, stdout, stderr } = await dacc(['check', file('one.ndjson', `${GOOD}\n${but({ value: true })}\n`)])
    const column = but({ value: true }).indexOf('true') + 1
    assert.equal(
      stdout,
      `one.ndjson:2:${column}: value is the boolean true, which the server accepts and then loses; it must be a number; the server answers 201 and loses it\n`,
    )
    assert.deepEqual({ code, stderr }, { code: 3, stderr: 'dacc: one.ndjson: 1 of 2 measures must not be sent\n' })
  })

  it('ends its JSON where its input ends it', async () => {
    const { code, stdout, stderr } = await dacc(['check', '-', '--json'], { stdin: '[1,}' })
    const sentence = 'stdin: this is not JSON at line 1, column 4'
    assert.deepEqual({ code, stderr }, { code: 2, stderr: `dacc: ${sentence}\n` })
    assert.deepEqual(JSON.parse(stdout), { measures: [], error: sentence })
  })

  it('says where values lie too deep in each other, however deep', async () => {
    const nested = (depth: number) => GOOD.replace('"water"', `${'['.repeat(depth)}${']'.repeat(depth)}`)
    // The measure and its group are two more.
    const at = GOOD.indexOf('"water"') + 999
    for (const depth of [999, 20_000]) {
      const told = { ...{ line: 1, field: '' }, sentence: 'arrays and objects lie in each other too deep' }
      const { measures } = await checked(`${nested(depth)}\n{"home":"a","measure":${nested(depth)}}\n`)
      assert.deepEqual(
        measures.map(({ faults }) => faults),
        [[{ ...told, column: at + 1 }], [{ ...told, line: 2, column: '{"home":"a","measure":'.length + at }]],
      )
      assert.deepEqual(measures[0]?.server, { status: 500, does: 'fails' })
      const { code, stderr } = await dacc(['check', '-'], { stdin: `[${nested(depth)}]` })
      assert.deepEqual(
        { code, stderr },
        { code: 2, stderr: `dacc: stdin: arrays and objects lie in each other too deep at line 1, column ${at + 1}\n` },
      )
    }
    const { measures } = await checked(nested(998))
    assert.deepEqual(
      measures[0]?.faults.map(({ field }) => field),
      ['group1.page'],
    )
  })

  it('keeps to the columns of a terminal', async () => {
    const { stdout } = await dacc(['check', '-', '--all'], {
      stdin: `${but({ startDate: '2024' })}\n${GOOD}`,
      env: { COLUMNS: '80' },
    })
    assert.ok(
      stdout.split('\n').every((line) => line.length <= 80),
      stdout,
    )
    assert.match(stdout, /^stdin:2:1: good; the server takes it$/m)
  })

  it('tells of a cell that is there twice, unless it is of two homes', async () => {
    const twice = await dacc(['check', '-'], { stdin: `${GOOD}\n${but({ value: 7 })}` })
    assert.match(twice.stdout, /^2 measures, all good\n1 measure is of the same cell as an earlier one: /)
    const homes = await dacc(['check', '-'], {
      stdin: ['a', 'b'].map((name) => `{"home":"${name}","measure":${GOOD}}`).join('\n'),
    })
    assert.equal(homes.stdout, '2 measures, all good\n')
  })

  it('checks by another catalog', async () => {
    const catalog = file('catalog.json', {
      indicators: [
        {
          name: 'own',
          period: 'day',
          description: 'd',
          purpose: 'p',
          events: [{ type: 'NavigationEvent' }],
          value: { kind: 'count' },
          groups: [{ key: 'page', source: { field: 'target', pattern: '[a-c]+', other: 'none' } }],
        },
      ],
    })
    const own = (page: string) => but({ measureName: 'own', group1: { page } })
    const { code, stdout } = await dacc(['check', '-', '--catalog', catalog, '--json'], {
      stdin: [own('abc'), own('none'), own('abd'), GOOD].join('\n'),
    })
    const { measures } = JSON.parse(stdout) as Told
    assert.deepEqual(
      measures.map(({ faults }) => faults.map(({ field }) => field)),
      [[], [], ['group1.page'], ['measureName']],
    )
    assert.equal(code, 3)
  })

  it('says what cannot be read', async () => {
    for (const [name, content, sentence] of [
      ['gone.ndjson', undefined, 'gone.ndjson: there is no such file'],
      ['empty.ndjson', '\n \n', 'empty.ndjson: it is empty; measures are needed, one a line or in a JSON array'],
      ['array.json', '[\n{"a":1},\n  secret]', 'array.json: this is not JSON at line 3, column 3'],
    ] as const) {
      if (content !== undefined) file(name, content)
      const { code, stdout, stderr } = await dacc(['check', name])
      assert.deepEqual({ code, stdout, stderr }, { code: 2, stdout: '', stderr: `dacc: ${sentence}\n` })
    }
  })

  it('takes no longer for each measure of a long array', { timeout: 60_000 }, async () => {
    const array = `[${Array.from({ length: 30_000 }, () => GOOD).join(',\n')}]`
    const { code, stdout } = await dacc(['check', '-'], { stdin: array })
    assert.match(stdout, /^30000 measures, all good\n/)
    assert.equal(code, 0)
  })

  it('reads a large file as it comes, and ends quietly when nobody reads on', async () => {
    const large = file('large.ndjson', `${but({ value: null })}\n`.repeat(20_000))
    const child = spawn(process.execPath, [program, 'check', large], { cwd: folder })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      stderr += piece
    })
    child.stdout.once('data', () => child.stdout.destroy())
    const code = await new Promise((resolve) => child.on('close', resolve))
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  })
})

describe('dacc check of the description of an app', { concurrency: 2 }, () => {
  const source = {
    name: 'readings',
    doctype: 'org.example.readings',
    types: ['reading'],
    date: 'closedAt',
    fields: [{ name: 'shelf', path: 'book.shelf', kind: 'text' }],
  }
  const indicator = (name: string, more: object = {}) => ({
    ...{ name, period: 'day', description: 'd', purpose: 'p', events: [{ type: 'reading' }], value: { kind: 'count' } },
    ...more,
  })
  const books = { app: 'books', sources: [source], indicators: [indicator('a'), indicator('b')] }
  const text = (app: object) => JSON.stringify(app, null, 2)

  it('takes the built-in one and any other, and says what is in it', async () => {
    const builtIn = fileURLToPath(new URL('../../../apps/ecolyo/app.json', import.meta.url))
    for (const [given, stdin, sentence] of [
      [builtIn, '', 'ecolyo: 17 types, 4 fields, 15 indicators, all good\n'],
      ['-', text(books), 'books: 1 type, 1 field, 2 indicators, all good\n'],
      // As configurations and catalogs do, it has an `app` or `indicators`; two of three keys make one.
      [
        '-',
        `\ufeff${text({ indicators: [], sources: [source], app: 'none' })}`,
        'none: 1 type, 1 field, 0 indicators, all good\n',
      ],
    ] as const)
      assert.deepEqual(await dacc(['check', given], { stdin }), { code: 0, stdout: sentence, stderr: '' })
    const { stdout } = await dacc(['check', '-', '--json'], { stdin: text(books) })
    assert.deepEqual(JSON.parse(stdout), { app: 'books', faults: [] })
  })

  // What is wrong, the line with it, and the sentence.
  const wrong: [app: object, at: string, sentence: string][] = [
    [{ ...books, colour: 1 }, '"colour"', 'unknown field `colour`, expected `$schema`, `app`, `sources`, `indicators`'],
    [{ app: 'books', sources: [source] }, '{', 'missing field `indicators`'],
    [{ ...books, app: '' }, '"app"', 'a slug has 1 to 100 bytes and no control characters'],
    [{ ...books, sources: [] }, '{', 'one source of events is needed, and no more are read so far'],
    [{ ...books, sources: {} }, '"sources"', 'sources: a list is needed'],
    [
      { ...books, sources: [{ ...source, fields: [...source.fields, { name: 'n', kind: 'txt' }] }] },
      '"txt"',
      'sources[0].fields[1].kind: expected `text`, `number`, `scalar`, `date`, `boolean`',
    ],
    [
      { ...books, sources: [{ ...source, flag: 'counted' }] },
      '"flag"',
      'readings: flag: it is one key of documents that are owned, where nothing else is read',
    ],
    [{ ...books, sources: [{ ...source, types: [] }] }, '"types"', 'readings: types: there are 1 to 64, each once'],
    [
      { ...books, sources: [{ ...source, fields: [{ name: 'm', path: 'modes[]', kind: 'text' }] }] },
      '"modes[]"',
      'readings: path modes[]: a path is 1 to 6 keys joined by dots, each in quotes if it holds one',
    ],
    [{ ...books, indicators: [indicator('a'), indicator('z', { value: { kind: 'sum' } })] }, '"sum"', ''],
    [{ ...books, indicators: [indicator('z'), indicator('a'), indicator('a')] }, '#2', 'a is defined twice'],
    [{ ...books, indicators: [indicator('a', { id: 4 }), indicator('b', { id: 4 })] }, '#1', 'a and b have one id, 4'],
    [
      { ...books, indicators: [indicator('a', { groups: [{ key: 'k', source: { field: 'shelf' } }] })] },
      '#0.groups',
      'a: group k: text of an event needs a list or a pattern',
    ],
  ]
  for (const [app, at, sentence] of wrong)
    it(`names the place and the rule: ${sentence || at}`, async () => {
      const written = text(app)
      const { code, stdout } = await dacc(['check', '-', '--json'], { stdin: written })
      const { faults } = JSON.parse(stdout) as { faults: Fault[] }
      assert.deepEqual([code, faults.length], [3, 1])
      const [fault = assert.fail()] = faults
      if (sentence !== '') assert.equal(fault.sentence, sentence)
      const lines = written.split('\n')
      const [, number, groups] = /^#(\d)(.groups)?$/.exec(at) ?? []
      if (number === undefined) {
        assert.equal(fault.line, lines.findIndex((line) => line.includes(at)) + 1)
      } else {
        const begins = lines.flatMap((line, place) => (line === '    {' ? [place + 1] : [])).slice(1)
        const groupLine = lines.findIndex((line) => line.includes('"groups"')) + 2
        assert.equal(fault.line, groups === undefined ? begins[Number(number)] : groupLine)
      }
    })

  it('tells each indicator that breaks a rule, one a line, and ends with 3', async () => {
    const type = [{ type: 'readin' }]
    const app = file(
      'app.json',
      text({
        ...books,
        indicators: ['a', 'b', 'c'].map((name) => indicator(name, name === 'b' ? {} : { events: type })),
      }),
    )
    const { code, stdout, stderr } = await dacc(['check', app])
    assert.match(
      stdout,
      /^app\.json:\d+:5: a: there is no event type readin\napp\.json:\d+:5: c: there is no event type readin\n$/,
    )
    assert.deepEqual({ code, stderr }, { code: 3, stderr: 'dacc: app.json: 2 faults; nothing is computed\n' })
  })

  it('tells a key that is there twice, and ends with 2 where nothing can be read', async () => {
    const twice = text(books).replace('"app": "books"', '"app": "books",\n"app": "b"')
    const { code, stdout } = await dacc(['check', '-'], { stdin: twice })
    assert.equal(code, 3)
    assert.match(stdout, /^stdin:2:10: app is there twice; leave one out\n$/)
    assert.deepEqual(await dacc(['check', '-'], { stdin: text(books).slice(0, -2) }), {
      code: 2,
      stdout: '',
      stderr: `dacc: stdin: this is not JSON at line ${text(books).split('\n').length - 1}, column 4; a JSON object is needed\n`,
    })
    assert.match(
      (await dacc(['check', '-', '--catalog', 'c.json'], { stdin: text(books) })).stderr,
      /^dacc: stdin: this is the description of an app; --catalog and --config go with measures\n$/,
    )
  })
})

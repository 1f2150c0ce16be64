import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dacc, file, home, MEASURES, NOW } from './process.ts'

const input = file('home.json', home)
const names = (stdout: string) =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { measureName: string; startDate: string })
    .map(({ measureName, startDate }) => `${measureName} ${startDate}`)

describe('the table', () => {
  it('has a row a measure, numbers at the right, diagnostics elsewhere', async () => {
    const { code, stdout, stderr } = await dacc(['preview', input, ...NOW])
    assert.equal(
      stdout,
      [
        'measure                 date        value  groups',
        'connection-count-daily  2024-03-09      1  device=mobile',
        'navigation-count-daily  2024-03-09      1  page=water',
        'session-duration        2024-03-09     30  number_pages=1 session_type=any',
        '',
      ].join('\n'),
    )
    assert.equal(stderr, '1  event-duplicate  An event with the same _id was read before; the first stands.\n')
    assert.equal(code, 0)
  })

  it('has no colours where there is no terminal, whatever the environment says', async () => {
    for (const env of [{}, { NO_COLOR: '1' }, { FORCE_COLOR: '1' }, { TERM: 'xterm-256color' }]) {
      const { stdout, stderr } = await dacc(['preview', input, ...NOW], { env })
      assert.ok(!`${stdout}${stderr}`.includes('\u001b'))
    }
  })

  it('stands apart by periods, and keeps to the columns asked for', async () => {
    const { stdout } = await dacc(
      ['preview', input, ...NOW, '--from', '2024-03-09', '--month', '2024-02', '--consent-since', '2024-02-29'],
      { env: { COLUMNS: '80' } },
    )
    assert.match(stdout, /session_type=any\n\nfluid-data-granularity-monthly +2024-02-01/)
    assert.ok(stdout.split('\n').every((line) => line.length <= 80 && line === line.trimEnd()))
  })

  it('puts groups below each other where they lack room', async () => {
    const events = ['c', 'd'].map((month) => ({
      _id: month,
      type: 'KonnectorRefreshEvent',
      target: 'enedisgrandlyon',
      result: 'success',
      eventDate: '2024-03-09T11:00:00Z',
    }))
    const many = file('groups.json', { ...home, 'com.grandlyon.ecolyo.usageevents': events })
    const { stdout } = await dacc(['preview', many, ...NOW], { env: { COLUMNS: '80' } })
    assert.equal(
      stdout,
      [
        'measure                date        value  groups',
        'konnector-event-daily  2024-03-09      2  slug=enedisgrandlyon',
        '                                          event_type=refresh status=success',
        '',
      ].join('\n'),
    )
  })
})

describe('the JSON document', () => {
  it('has the measures and the counts, also where there are none', async () => {
    const { code, stdout, stderr } = await dacc(['preview', input, '--json', ...NOW])
    assert.deepEqual(
      { code, stderr, told: JSON.parse(stdout) as unknown },
      {
        code: 0,
        stderr: '',
        told: {
          measures: MEASURES.map((measure) => JSON.parse(measure) as unknown),
          diagnostics: { 'event-duplicate': 1 },
        },
      },
    )
    const none = await dacc(['preview', '-', '--json', ...NOW], { stdin: '{}' })
    assert.deepEqual(JSON.parse(none.stdout), { measures: [], diagnostics: { 'consent-missing': 1 } })
    assert.equal(none.stderr, '')
  })
})

describe('an empty preview', () => {
  it('says that consent is missing', async () => {
    const { code, stdout, stderr } = await dacc(['preview', file('empty.json', '{}'), ...NOW])
    assert.match(stdout, /^Nothing to send: the home does not consent today \(.*\)\.\n$/)
    assert.match(stderr, /^1 {2}consent-missing {2}No consent stands today, .*\.\n$/)
    assert.equal(code, 0)
  })

  it('says so on stderr beside --ndjson', async () => {
    const { code, stdout, stderr } = await dacc(['preview', file('empty.json', '{}'), '--ndjson', ...NOW])
    assert.equal(stdout, '')
    assert.match(stderr, /^Nothing to send: .*\n1 {2}consent-missing {2}.*\n$/)
    assert.equal(code, 0)
  })

  it('tells a day without events from one that is not over', async () => {
    const says = async (flags: string[], reason: RegExp) =>
      assert.match((await dacc(['preview', input, ...flags])).stdout, reason)
    await says(
      ['--now', '2024-03-12T02:00:00'],
      /^Nothing to send: neither yesterday nor any month that is due gives a measure\.\n$/,
    )
    await says(
      [...NOW, '--from', '2024-03-08', '--to', '2024-03-08'],
      /^Nothing to send: nothing in the days or months asked for gives a measure\.\n$/,
    )
    await says([...NOW, '--from', '2024-03-10'], /not over yet/)
    await says([...NOW, '--from', '2024-03-09', '--consent-since', '2024-03-10'], /days without consent/)
  })
})

describe('the flags', () => {
  it('look at the clock where no time is given', async () => {
    const date = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
    const events = [{ type: 'ProfileSetEvent', eventDate: `${date}T12:00:00Z` }]
    const recent = file('recent.json', { 'com.grandlyon.ecolyo.usageevents': events })
    const { stdout } = await dacc(['preview', recent, '--ndjson', '--zone', 'UTC', '--consent-since', '2024-01-01'])
    assert.deepEqual(
      names(stdout).filter((name) => name.endsWith(date)),
      [`navigation-action-daily ${date}`],
    )
  })

  it('--from and --to reach beyond thirty days, and leave months out', async () => {
    const { stdout } = await dacc([
      'preview',
      input,
      '--ndjson',
      '--now',
      '2025-06-10T02:00:00',
      '--from',
      '2024-03-09',
      '--to',
      '2024-03-09',
    ])
    assert.equal(stdout, MEASURES.map((measure) => `${measure}\n`).join(''))
  })

  it('--month alone leaves days out, and can be repeated', async () => {
    const { stdout } = await dacc([
      'preview',
      input,
      '--ndjson',
      '--now',
      '2024-05-10T02:00:00',
      '--month',
      '2024-04',
      '--month',
      '2024-03',
    ])
    assert.deepEqual(names(stdout), [
      'fluid-data-granularity-monthly 2024-03-01',
      'connection-count-monthly 2024-03-01',
      'fluid-data-granularity-monthly 2024-04-01',
      'connection-count-monthly 2024-04-01',
    ])
  })

  it('win over the file; a period is replaced as a whole', async () => {
    const config = file('config.json', {
      from: '2024-03-01',
      to: '2024-03-02',
      months: ['2024-02'],
      now: '2024-03-02T00:00:00',
      createdBy: 'me',
    })
    const { stdout } = await dacc(['preview', input, '--ndjson', '--config', config, ...NOW, '--from', '2024-03-09'])
    assert.equal(stdout, MEASURES.map((measure) => `${measure.replace('ecolyo', 'me')}\n`).join(''))
  })

  it('--zone does without the offsets of the file', async () => {
    const config = file('offsets.json', { zone: 'Europe/Paris', transitions: [{ offset: 3600 }] })
    const at = ['--config', config, '--now', '2024-03-10T11:30:00Z', '--ndjson']
    assert.equal((await dacc(['preview', input, ...at])).stdout.split('\n').length, 4)
    assert.equal((await dacc(['preview', input, ...at, '--zone', 'Pacific/Kiritimati'])).stdout, '')
  })

  it('--config takes a catalog', async () => {
    const config = file('catalog.json', {
      catalog: {
        extends: false,
        indicators: [
          {
            name: 'page-views',
            period: 'day',
            description: 'Pages.',
            purpose: 'A test.',
            events: [{ type: 'NavigationEvent' }],
            value: { kind: 'count' },
          },
        ],
      },
    })
    const { stdout, stderr } = await dacc(['preview', input, '--ndjson', ...NOW, '--config', config])
    assert.deepEqual(names(stdout), ['page-views 2024-03-09'], stderr)
  })
})

describe('dacc preview --app', { concurrency: 2 }, () => {
  const books = {
    app: 'books',
    sources: [
      {
        name: 'readings',
        doctype: 'org.example.readings',
        types: ['reading'],
        date: 'closedAt',
        fields: [{ name: 'shelf', path: 'book.shelf', kind: 'text' }],
      },
    ],
    indicators: [
      {
        name: 'reading-count-daily',
        period: 'day',
        description: 'd',
        purpose: 'p',
        events: [{ type: 'reading' }],
        value: { kind: 'count' },
        groups: [{ key: 'shelf', source: { field: 'shelf', values: ['novels'], other: 'other' } }],
      },
    ],
  }
  // Keys that events of the built-in app do not have, and that other files have.
  const readings = [
    { _id: 'a', closedAt: '2024-03-09T10:00:00Z', book: { shelf: 'novels' }, from: 'x', measures: [] },
    { _id: 'b', closedAt: '2024-03-09T12:00:00Z', book: { shelf: 'maps' } },
    { _id: 'c', closedAt: '2024-03-08T12:00:00Z', book: { shelf: 'novels' } },
  ]
  const measure = (shelf: string) => ({
    createdBy: 'books',
    measureName: 'reading-count-daily',
    startDate: '2024-03-09',
    value: 1,
    group1: { shelf },
  })
  const app = file('books.json', books)

  for (const [form, content] of [
    ['a line each', readings.map((each) => JSON.stringify(each)).join('\n')],
    ['in an array', JSON.stringify(readings)],
    ['as the answer to a query', JSON.stringify({ docs: readings, next: false })],
  ] as const)
    it(`previews the events of any app, ${form}`, async () => {
      const { code, stdout, stderr } = await dacc(['preview', '-', '--app', app, '--json', ...NOW], { stdin: content })
      assert.equal(code, 0, stderr)
      assert.deepEqual(JSON.parse(stdout), {
        measures: [measure('novels'), measure('other')],
        diagnostics: { 'group-other': 1 },
      })
    })

  it('takes the description from a configuration too', async () => {
    const config = file('books-config.json', { app: books })
    const args = ['preview', file('readings.json', readings), '--config', config, '--ndjson', ...NOW]
    const { stdout } = await dacc(args)
    assert.deepEqual(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
      [measure('novels'), measure('other')],
    )
  })

  it('tells the day with events where yesterday has none', async () => {
    const { stderr } = await dacc([
      'preview',
      file('readings.json', readings),
      '--app',
      app,
      '--now',
      '2024-03-20T02:00:00',
    ])
    assert.match(stderr, /The last event that counts is of 2024-03-09/)
  })

  it('is explained likewise', async () => {
    const given = ['--app', app, '--json', ...NOW]
    for (const [target, counted] of [
      ['a', ['reading-count-daily']],
      ['reading-count-daily@2024-03-09[shelf=other]', ['b']],
    ] as const) {
      const { code, stdout, stderr } = await dacc(['explain', target, '-', ...given], {
        stdin: JSON.stringify(readings),
      })
      assert.equal(code, 0, stderr)
      for (const name of counted) assert.ok(stdout.includes(`"${name}"`), stdout)
    }
    const { stderr } = await dacc(['explain', 'reading-count@2024-03-09', '-', ...given], { stdin: '[]' })
    assert.match(stderr, /^dacc: reading-count is no measure of the catalog; did you mean reading-count-daily\?/)
  })

  it('refuses a description with its place, and what is no events of it', async () => {
    const broken = file('broken-app.json', { ...books, sources: [{ ...books.sources[0], types: [] }] })
    for (const [args, stdin, sentence] of [
      [['-', '--app', broken], '[]', /^dacc: broken-app\.json:1:\d+: readings: types: there are 1 to 64, each once\n$/],
      [
        ['-', '--app', app],
        '{"org.example.readings":[]}',
        /^dacc: stdin: .*events alone can be computed so far, and no home\n$/,
      ],
      [
        ['-', '--app', app],
        JSON.stringify(books),
        /^dacc: stdin: this is the description of an app; dacc check - checks it/,
      ],
      [['https://home.example', '--app', app], '', /^dacc: --app: it goes with events alone/],
    ] as const) {
      const { code, stdout, stderr } = await dacc(['preview', ...args], { stdin })
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
      assert.match(stderr, sentence)
    }
  })
})

describe('the program', () => {
  it('helps', async () => {
    const overall = await dacc(['--help'])
    assert.match(overall.stdout, /Usage: dacc .*preview.*Exit codes:/s)
    const help = await dacc(['preview', '--help'])
    for (const word of [
      '--ndjson',
      '--from',
      '--to',
      '--month',
      '--now',
      '--clock',
      '--zone',
      '--config',
      '--consent-since',
      '--app',
      'Example:',
    ]) {
      assert.ok(help.stdout.includes(word), word)
    }
    for (const { code, stdout, stderr } of [overall, help]) {
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
      assert.ok(stdout.split('\n').every((line) => line.length <= 80))
    }
  })

  it('tells its version', async () => {
    const { code, stdout } = await dacc(['--version'])
    assert.match(stdout, /^\d+\.\d+\.\d+\S*\n$/)
    assert.equal(code, 0)
  })
})

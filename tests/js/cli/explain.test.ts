import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dacc, file, home, MEASURES, NOW } from './process.ts'

const EVENTS = 'com.grandlyon.ecolyo.usageevents'
const input = file('home.json', home)

interface Item {
  home?: string
  verdict?: string
  tonight?: string
  readings?: { measureName: string; reason?: string; cells?: { tonight?: string; measure: { value: number } }[] }[]
  measure?: { value: number; startDate: string }
  events?: { id?: string; index: number }[]
}

async function explained(args: string[], stdin?: string): Promise<Item[]> {
  const { code, stdout, stderr } = await dacc(['explain', ...args, '--json'], stdin === undefined ? {} : { stdin })
  assert.equal(code, 0, stderr)
  return (JSON.parse(stdout) as { found: Item[] }).found
}

describe('dacc explain of an event', { concurrency: 2 }, () => {
  it('says what each indicator that reads it made of it', async () => {
    const { code, stdout, stderr } = await dacc(['explain', 'e1', input, ...NOW])
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    assert.match(stdout, /^Event e1 {2}ConnectionEvent {2}2024-03-09 10:00:00\n {2}counted: /)
    assert.match(
      stdout,
      /^counted {2}connection-count-daily@2024-03-09\[device=mobile\]\n {2}Value 1, made by 1 event\. How many events there were in the day\. Tonight's run sends it\.$/m,
    )
    assert.match(
      stdout,
      /^counted {2}session-duration@2024-03-09\[number_pages=1,session_type=any\]\n {2}Value 30, made by 2 events\./m,
    )
    assert.match(stdout, /^not in {3}event-duration\n {2}context-only: /m)
    assert.match(stdout, /^not in {3}connection-count-monthly\n {2}period-not-over: /m)
  })

  it('says why another was left out whole, and tells events of one _id apart', async () => {
    const found = await explained(['e2', input, ...NOW])
    assert.deepEqual(
      found.map(({ verdict }) => verdict),
      ['counted', 'event-duplicate'],
    )
    const [of] = await explained(['#2', input, ...NOW])
    assert.equal(of?.verdict, 'event-duplicate')
  })

  it("computes the time of an old event, and says that tonight's run would not", async () => {
    const later = ['--now', '2024-06-01T02:00:00']
    const { stdout } = await dacc(['explain', 'e1', input, ...later])
    assert.match(stdout, /^counted {2}connection-count-monthly@2024-03-01$/m)
    assert.match(stdout, /\nTonight's run computes none of this: its time is settled, or before the first run\.\n$/)
    const [asked] = await explained(['e1', input, ...later, '--from', '2024-05-01'])
    assert.equal(asked?.verdict, 'not-counted')
    assert.deepEqual(
      new Set(asked?.readings?.map(({ reason }) => reason)),
      new Set(['period-not-computed', 'context-only']),
    )
  })

  it('knows what the ledger knows', async () => {
    const entry = {
      _id: 'navigation-count-daily:2024-03-09:water',
      state: 'sent',
      waits: false,
      period: '2024-03-09',
      measure: JSON.parse(MEASURES[1] ?? '') as unknown,
      plannedAt: '2024-03-10T00:00:00Z',
      changedAt: '2024-03-10T00:00:00Z',
      stamp: 's',
    }
    const sent = file('sent.json', { ...home, 'com.grandlyon.ecolyo.dacc.measures': [entry] })
    const [found] = await explained(['e2', sent, ...NOW])
    assert.deepEqual(
      found?.readings?.[0]?.cells?.map(({ tonight }) => tonight),
      ['sent'],
    )
    const { stdout } = await dacc(['explain', 'e2', sent, ...NOW])
    assert.match(stdout, /In the ledger it is sent\./)
  })

  it('says that consent is missing, and shows what it would be with it', async () => {
    const without = file('without.json', { [EVENTS]: home[EVENTS] })
    const [found] = await explained(['e1', without, ...NOW])
    assert.equal(found?.verdict, 'consent-missing')
    const [given] = await explained(['e1', without, ...NOW, '--consent-since', '2024-03-01'])
    assert.equal(given?.verdict, 'counted')
  })

  it('reads events alone in each of their forms, and many homes', async () => {
    const array = JSON.stringify(home[EVENTS])
    const lines = home[EVENTS].map((event) => JSON.stringify(event)).join('\n')
    for (const stdin of [array, `\ufeff ${array}`, lines, JSON.stringify({ limit: 100, docs: home[EVENTS] })]) {
      assert.deepEqual(
        (await explained(['e1', ...NOW], stdin)).map(({ verdict }) => verdict),
        ['counted'],
      )
    }
    const { stderr } = await dacc(['explain', 'e1', ...NOW], { stdin: lines })
    assert.equal(stderr, 'Events alone have no terms: explained as if consent stood on every day.\n')
    const many = file('many.ndjson', `${JSON.stringify({ home: 'a', ...home })}\n{}\n${JSON.stringify(home)}\n`)
    assert.deepEqual(
      (await explained(['e1', many, ...NOW])).map((item) => item.home),
      ['a', 'line 3'],
    )
  })
})

describe('dacc explain of a cell', { concurrency: 2 }, () => {
  it('names its rule and its events', async () => {
    const { code, stdout } = await dacc(['explain', 'session-duration@2024-03-09[session_type=any]', input, ...NOW])
    assert.match(stdout, /^session-duration@2024-03-09\[number_pages=1,session_type=any\] {2}value 30\n/)
    assert.match(
      stdout,
      /Seconds from the event to the last of any type before the next such event or the end of the day/,
    )
    assert.match(
      stdout,
      /^ {2}e1 {4,}2024-03-09 10:00:00 {2}ConnectionEvent\n {2}e2 {4,}2024-03-09 10:00:30 {2}NavigationEvent$/m,
    )
    assert.equal(code, 0)
  })

  it('takes a month for a monthly measure, and for all days of a daily one', async () => {
    const later = ['--now', '2024-04-05T02:00:00']
    const [month] = await explained(['connection-count-monthly@2024-03', input, ...later])
    assert.deepEqual([month?.measure?.value, month?.events?.map(({ id }) => id)], [1, ['e1']])
    const days = await explained(['navigation-count-daily@2024-03', input, ...later])
    assert.deepEqual(
      days.map(({ measure }) => measure?.startDate),
      ['2024-03-09'],
    )
  })

  it('shows forty events at most, and all of them as JSON', async () => {
    const events = Array.from({ length: 45 }, (_, at) => ({
      _id: `n${at}`,
      type: 'NavigationEvent',
      target: 'gas',
      eventDate: '2024-03-09T10:00:00Z',
    }))
    const busy = file('busy.json', { ...home, [EVENTS]: events })
    const { stdout } = await dacc(['explain', 'navigation-count-daily@2024-03-09', busy, ...NOW])
    assert.match(stdout, /\n {2}… and 5 events more; --json has them all\.\n/)
    assert.equal((await explained(['navigation-count-daily@2024-03-09', busy, ...NOW]))[0]?.events?.length, 45)
  })

  it('fits a terminal', async () => {
    for (const target of ['e1', 'navigation-count-daily@2024-03-09']) {
      const { stdout } = await dacc(['explain', target, input, ...NOW], { env: { COLUMNS: '80' } })
      assert.ok(
        stdout.split('\n').every((line) => line.length <= 80),
        stdout,
      )
    }
  })
})

describe('what dacc explain does not find', { concurrency: 2 }, () => {
  for (const [says, args, sentence] of [
    ['an event', ['e3', input], 'home.json: no event has the _id e3; did you mean e1 or e2?'],
    ['an event far from any', ['somebody', input], 'home.json: no event has the _id somebody'],
    ['an event by its number', ['#3', input], 'home.json: there is no event #3; the last is #2'],
    [
      'a measure',
      ['navigation-cont-daily@2024-03-09', input],
      /^navigation-cont-daily is no measure of the catalog; did you mean navigation-count-daily/,
    ],
    [
      'a group',
      ['navigation-count-daily@2024-03-09[pag=water]', input],
      'navigation-count-daily has no group pag; its groups are page',
    ],
    [
      'a group of what has none',
      ['connection-count-monthly@2024-03[a=b]', input],
      'connection-count-monthly has no group a; it has none',
    ],
    [
      'a value of a group',
      ['navigation-count-daily@2024-03-09[page=gas]', input],
      'home.json: no such cell; did you mean navigation-count-daily@2024-03-09[page=water]?',
    ],
    [
      'a day',
      ['navigation-count-daily@2024-03-08', input],
      'home.json: no event made navigation-count-daily@2024-03-08; none of its kind falls in that time',
    ],
    [
      'a month that is not over',
      ['connection-count-monthly@2024-03', input],
      'home.json: no event made connection-count-monthly@2024-03; of those of that time: 1 period-not-over, 1 event-duplicate',
    ],
  ] as const) {
    it(`${says} is told with what is near, and ends with 3`, async () => {
      const { code, stdout, stderr } = await dacc(['explain', ...args, ...NOW])
      const [, told = ''] = /^dacc: ([^\n]*)\n$/.exec(stderr) ?? assert.fail(stderr)
      if (typeof sentence === 'string') assert.equal(told, sentence)
      else assert.match(told, sentence)
      assert.deepEqual({ code, stdout }, { code: 3, stdout: '' })
    })
  }

  it('in what cannot be read is told with 2', async () => {
    for (const [stdin, sentence] of [
      ['', /^dacc: stdin: it is empty; a home is needed/],
      ['[{"_id":"a"},\n secret]', /^dacc: stdin: this is not JSON at line 2, column 2/],
      ['{"com.grandlyon.ecolyo.term":\n', /^dacc: stdin: the text ends too early/],
      ['"secret"', /^dacc: stdin: this is not a JSON object/],
    ] as const) {
      const { code, stdout, stderr } = await dacc(['explain', 'e1', '-', ...NOW], { stdin })
      assert.match(stderr, sentence)
      assert.ok(!stderr.includes('secret'))
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
    }
  })
})

describe('dacc explain of the last month that there is', () => {
  it('finds nothing, and says so', async () => {
    const { code, stderr } = await dacc(['explain', 'navigation-count-daily@9999-12', input, ...NOW])
    assert.deepEqual(
      { code, stderr },
      {
        code: 3,
        stderr: 'dacc: home.json: no event made navigation-count-daily@9999-12; none of its kind falls in that time\n',
      },
    )
  })
})

describe('dacc explain of events without end', () => {
  it('stops where they are more than it can hold, and says so', async () => {
    const endless = Buffer.alloc(65 * 2 ** 20, ' ')
    endless.write('[')
    const { code, stdout, stderr } = await dacc(['explain', 'e1', '-', ...NOW], { stdin: endless })
    assert.deepEqual(
      { code, stdout, stderr },
      {
        code: 2,
        stdout: '',
        stderr:
          'dacc: stdin: explain holds all events, and these are more than 64 MiB; give it those around the day in question\n',
      },
    )
  })
})

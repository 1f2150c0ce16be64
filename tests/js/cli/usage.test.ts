import assert from 'node:assert/strict'
import { chmodSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { dacc, file, folder, home, NOW } from './process.ts'

const input = file('home.json', home)

/** Everything that is refused: its arguments, and the one sentence. */
const refused: Record<string, [args: string[], sentence: string | RegExp]> = {
  'help for no command': [['help', 'previw'], 'help: there is no command "previw"; did you mean preview?'],
  'help for nothing like a command': [['help', 'xyz'], 'help: there is no command "xyz"; dacc --help names them'],
  'an unknown command': [['previw'], "unknown command 'previw' (Did you mean preview?); see dacc --help"],
  'an unknown flag': [
    ['preview', input, '--form', '1'],
    "unknown option '--form' (Did you mean --from?); see dacc preview --help",
  ],
  'a flag without its value': [
    ['preview', input, '--from'],
    /^option '--from <day>' argument missing; see dacc preview --help$/,
  ],
  'no file': [['preview'], "missing required argument 'HOME'; see dacc preview --help"],
  'two files': [['preview', input, input], /^too many arguments/],
  'a day that is none': [
    ['preview', input, '--from', 'today'],
    '--from: "today" is not a day; write YYYY-MM-DD, a day of the calendar',
  ],
  'a day outside the calendar': [
    ['preview', input, '--to', '2023-02-29'],
    '--to: "2023-02-29" is not a day; write YYYY-MM-DD, a day of the calendar',
  ],
  'consent on no day': [['preview', input, '--consent-since', '2024-3-9'], /^--consent-since: "2024-3-9" is not a day/],
  'a month that is none': [
    ['preview', input, '--month', '2024-13'],
    '--month: "2024-13" is not a month; write YYYY-MM, as 2024-03',
  ],
  'a day for a month': [['preview', input, '--month', '2024-03-01'], /^--month: "2024-03-01" is not a month/],
  'days in the wrong order': [
    ['preview', input, '--from', '2024-03-02', '--to', '2024-03-01'],
    '--from: 2024-03-02 is after --to (2024-03-01); the first day comes first',
  ],
  'an unknown clock': [
    ['preview', input, '--clock', 'sundial'],
    '--clock: "sundial" is not known; write wall or instant',
  ],
  'an unknown zone': [
    ['preview', input, '--zone', 'Mars/X'],
    '--zone: Mars/X is not known here; write an IANA name, as Europe/Paris',
  ],
  'an unknown time': [['preview', input, '--now', 'soon'], /^--now: a date and time as 2024-03-10T02:00:00/],
  'control characters': [['preview', 'a\u001b[2Jb\nc'], 'a\ufffd[2Jb\ufffdc: there is no such file'],

  'nothing to explain': [
    ['explain', '', input],
    'an event or a cell is needed: the _id of an event, #N, or measureName@date',
  ],
  'more left out than there are': [
    ['send', file('none.ndjson', '{}\n'), '--dacc', 'http://127.0.0.1:1', '--skip', '2'],
    '--skip: none.ndjson has 1 measure only, so 2 cannot be left out',
  ],

  'a missing file': [['preview', 'nowhere.json'], 'nowhere.json: there is no such file'],
  'a directory': [['preview', '.'], '.: this is a directory; the name of a file is needed, or - for stdin'],
  'an empty file': [['preview', file('nothing.json', '')], /^nothing\.json: it is empty; a home is needed/],
  'a blank file': [['preview', file('blank.json', ' \n\n')], /^blank\.json: it is empty/],
  'an empty file of many': [
    ['preview', file('nothing.ndjson', '\n')],
    'nothing.ndjson: it is empty; a home a line is needed',
  ],
  'nothing on stdin': [['preview', '-'], /^stdin: it is empty/],
  'JSON that is broken': [
    ['preview', file('broken.json', '{\n  "a": [1,\n  secret]\n}')],
    'broken.json: this is not JSON at line 3, column 3 (byte 16)',
  ],
  'JSON that ends too early': [
    ['preview', file('short.json', '{\n"a": [')],
    /^short\.json: the text ends too early at line 2, column 6/,
  ],
  'two homes that are no lines': [
    ['preview', file('two.json', `${JSON.stringify(home, null, 1)}\n{}`)],
    /^two\.json: this is not JSON at line \d+, column 1/,
  ],
  'an array': [
    ['preview', file('array.json', '[{"secret": 1}]')],
    'array.json: this is an array; a home is an object, {"<doctype>": [document, …], …}',
  ],
  'a text': [['preview', file('text.json', '"secret"')], /^text\.json: this is not a JSON object; a home is/],
  'bytes that are no text': [
    ['preview', file('bytes.json', new Uint8Array([0xff, 0xfe, 0x7b]))],
    /^bytes\.json: this is not a JSON object/,
  ],
  'documents that are no array': [
    ['preview', file('terms.json', '{"com.grandlyon.ecolyo.term": "secret"}')],
    'terms.json: the documents of com.grandlyon.ecolyo.term are not an array',
  ],
  'a line that is no home': [
    ['preview', file('lines.ndjson', '{}\n\n"secret"\n')],
    /^lines\.ndjson, line 3: this is not a JSON object/,
  ],
  'a line with wrong documents': [
    ['preview', file('wrong.ndjson', '{}\n{"com.grandlyon.ecolyo.term": 1}\n')],
    'wrong.ndjson, line 2: the documents of com.grandlyon.ecolyo.term are not an array',
  ],

  'a missing configuration': [['preview', input, '--config', 'nowhere.json'], 'nowhere.json: there is no such file'],
  'a directory as configuration': [['preview', input, '--config', '.'], /^\.: this is a directory/],
  'a broken configuration': [
    ['preview', input, '--config', file('c1.json', '{"now":\n secret}')],
    /^c1\.json: this is not JSON at line 2, column 2 \(byte 10\); a JSON object of options is needed$/,
  ],
  'an empty configuration': [['preview', input, '--config', file('c2.json', '')], /^c2\.json: the text ends too early/],
  'an array as configuration': [
    ['preview', input, '--config', file('c3.json', '[]')],
    /^c3\.json: .*; a JSON object of options is needed$/,
  ],
  'an unknown option': [
    ['preview', input, '--config', file('c4.json', '{"form":1}')],
    /^c4\.json: unknown field `form`, expected `now`/,
  ],
  'an option of another type': [
    ['preview', input, '--config', file('c5.json', '{"months":"2024-03"}')],
    'c5.json: months: a list is needed',
  ],
  'a configured day that is none': [
    ['preview', input, '--config', file('c6.json', '{"consent":[{"from":"x"}]}')],
    'c6.json: consent[0].from: a day is written YYYY-MM-DD and is in the calendar',
  ],
  'configured days in the wrong order': [
    ['preview', input, '--config', file('c7.json', '{"from":"2024-03-02","to":"2024-03-01"}')],
    'c7.json: to: 2024-03-01 is before from (2024-03-02)',
  ],
  'a configured zone that is unknown': [
    ['preview', input, '--config', file('c8.json', '{"zone":"Mars/X"}')],
    'c8.json: zone: Mars/X is not known here',
  ],
  'a catalog that contradicts itself': [
    ['preview', input, '--config', file('c9.json', '{"catalog":{"extends":false,"indicators":[{"name":"a"}]}}')],
    /^c9\.json: catalog\.indicators\[0\]: missing field `period`/,
  ],
}

describe('bad usage ends with 2 and one sentence', { concurrency: 2 }, () => {
  for (const [name, [args, sentence]] of Object.entries(refused)) {
    it(name, async () => {
      const { code, stdout, stderr } = await dacc(args)
      const [, told] = /^dacc: ([^\n]*)\n$/.exec(stderr) ?? assert.fail(stderr)
      if (typeof sentence === 'string') assert.equal(told, sentence)
      else assert.match(told ?? '', sentence)
      assert.ok(!stderr.includes('secret'), 'content of the input')
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
    })
  }

  it('a file that may not be read', { skip: process.getuid?.() === 0 && 'root may read everything' }, async () => {
    chmodSync(path.join(folder, file('locked.json', '{}')), 0)
    const { code, stderr } = await dacc(['preview', 'locked.json'])
    assert.equal(stderr, 'dacc: locked.json: its permissions forbid it\n')
    assert.equal(code, 2)
  })

  it('a directory named like a file of many', async () => {
    mkdirSync(path.join(folder, 'folder.ndjson'))
    assert.match(
      (await dacc(['preview', 'folder.ndjson', ...NOW])).stderr,
      /^dacc: folder\.ndjson: this is a directory/,
    )
  })

  it('flags are looked at before files are', async () => {
    assert.match((await dacc(['preview', 'nowhere.json', '--zone', 'Mars/X'])).stderr, /^dacc: --zone/)
    assert.match((await dacc(['preview', 'nowhere.json', '--config', 'c4.json'])).stderr, /^dacc: c4\.json/)
  })
})

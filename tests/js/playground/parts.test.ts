// The parts of the playground that need no browser.

import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { addDays, isDay, lastDayOf } from '../../../js/generate/calendar.ts'
import { daysBetween, denseDays } from '../../../js/playground/protocol/days.ts'
import { parse } from '../../../js/playground/state/json-text.ts'
import { differences } from '../../../js/playground/state/measure-diff.ts'
import { frenchRefusal } from '../../../js/playground/text/refusals.ts'
import {
  type DocumentSlices,
  NotJson,
  sliceDocuments as sliceAny,
} from '../../../js/playground/worker/document-slices.ts'
import type { Measure } from '../../../js/types/index.d.ts'

const EVENTS = 'com.grandlyon.ecolyo.usageevents'
const HOMES = new URL('../../../fixtures/homes/', import.meta.url)

function slice(text: string): DocumentSlices {
  const slices = sliceAny(text)
  if ('homes' in slices) assert.fail('these are several homes')
  return slices
}

const whole = (text: string) => {
  const { before, events, separator, after } = slice(text)
  return before + events.join(separator) + after
}

describe('a file cut around its events', () => {
  it('finds the events of every home and every list of the fixtures that is JSON', async () => {
    let files = 0
    for (const folder of await readdir(HOMES)) {
      for (const name of ['home.json', 'events.json']) {
        const text = await readFile(new URL(`${folder}/${name}`, HOMES), 'utf8').catch(() => undefined)
        if (text === undefined) continue
        const document = (() => {
          try {
            return JSON.parse(text) as unknown
          } catch {
            return undefined
          }
        })()
        if (document === undefined) continue
        files += 1
        const { [EVENTS]: ofHome = [], docs = document } = document as Record<string, unknown>
        const events = name === 'home.json' ? ofHome : docs
        assert.deepEqual(
          slice(text).events.map((event) => JSON.parse(event) as unknown),
          events,
          folder,
        )
        assert.deepEqual(
          JSON.parse(whole(text)),
          name === 'home.json' && !Object.hasOwn(document as object, EVENTS)
            ? { [EVENTS]: [], ...(document as object) }
            : document,
        )
      }
    }
    assert.ok(files > 100, `${files} files`)
  })

  it('leaves every character of a file where it was', () => {
    const home = ` { "x.y" : [ {"a":"]}\\"[{"} ],\n "${EVENTS}" : [ {"n":1.10} ] , "z": {"deep": [[1]]} } \n`
    const { before, events, after, others } = slice(home)
    assert.deepEqual(events, ['{"n":1.10}'])
    assert.equal(before + after, home.replace(' {"n":1.10} ', ''))
    assert.deepEqual(others, { 'x.y': 1 })
  })

  it('makes a place for events in a home that has none', () => {
    assert.equal(whole('{}'), `{"${EVENTS}":[]}`)
    assert.equal(whole('{"a":[1]}'), `{"${EVENTS}":[],"a":[1]}`)
  })

  it('takes lines for lines, also where one of them is broken', () => {
    assert.deepEqual(slice('{"type":"A"}\n{"type":\n\n{"type":"C"}\n').events, [
      '{"type":"A"}',
      '{"type":',
      '{"type":"C"}',
    ])
    assert.deepEqual(slice('{"type":"A"}').events, ['{"type":"A"}'])
  })

  it('takes lines that are homes for homes, and lines of events that have lists in them for events', () => {
    const homes = ['{"com.example.term":[],"home":"a"}', `{"${EVENTS}":[{"type":"A"}]}`]
    for (const text of [homes.join('\n'), `${homes.join('\r\n')}\n`, `\n${homes.join('\n\n')}`])
      assert.deepEqual(sliceAny(text), { homes })
    assert.deepEqual(slice('{"type":"A","tags":[1]}\n{"type":"B"}').events.length, 2)
    assert.equal(slice('{"eventDate":"x","tags":[]}\n{}').kind, 'events')
    assert.equal(slice(`${homes[1]}\n`).kind, 'home')
  })

  for (const text of ['', 'hello', '[1,', '[{"a":1},{]', '{"a" 1}', '{"docs":[}']) {
    it(`does not take ${JSON.stringify(text)} for JSON`, () => assert.throws(() => slice(text), NotJson))
  }
})

describe('what a change did', () => {
  const measure = (startDate: string, value: number, page = 'faq'): Measure => ({
    createdBy: 'ecolyo',
    measureName: 'navigation-count-daily',
    startDate,
    value,
    group1: { page },
  })

  it('is told cell by cell', () => {
    const before = [measure('2024-03-01', 1), measure('2024-03-02', 2), measure('2024-03-03', 3)]
    const after = [measure('2024-03-01', 1), measure('2024-03-02', 5), measure('2024-03-03', 3, 'options')]
    assert.deepEqual(differences(before, after), [
      { kind: 'changed', measure: measure('2024-03-02', 5), before: 2 },
      { kind: 'added', measure: measure('2024-03-03', 3, 'options'), before: undefined },
      { kind: 'removed', measure: measure('2024-03-03', 3), before: undefined },
    ])
  })

  it('is nothing where nothing changed', () => {
    assert.deepEqual(differences([measure('2024-03-01', 1)], [measure('2024-03-01', 1)]), [])
  })

  it('is told of each contribution where a cell has several', () => {
    const [one, two] = [measure('2024-03-01', 1), measure('2024-03-01', 2)]
    assert.deepEqual(differences([one, two], [one]), [{ kind: 'removed', measure: two, before: undefined }])
  })
})

describe('days', () => {
  it('are civil ones', () => {
    assert.equal(addDays('2024-02-28', 2), '2024-03-01')
    for (const day of ['2024-02-29', '0001-01-01', '9999-12-31']) assert.ok(isDay(day), day)
    for (const none of ['2024-02-30', '2023-02-29', '2024-13-01', '2024-3-09', '2024-03-09T10:00', ''])
      assert.ok(!isDay(none), none)
    for (const [month, last] of [
      ['2024-02', '2024-02-29'],
      ['1900-02', '1900-02-28'],
      ['0001-01', '0001-01-31'],
      ['9999-12', '9999-12-31'],
    ] as const) {
      assert.equal(lastDayOf(month), last)
    }
    assert.equal(daysBetween('2024-03-30', '2024-04-01'), 2)
  })

  it('that lie alone at an end are of a clock that is wrong', () => {
    const month = Array.from({ length: 30 }, (_, at) => addDays('2024-03-01', at))
    assert.deepEqual(denseDays(['1970-01-01', ...month, '2025-03-20']), month)
  })

  it('of a life with a long pause all belong to it', () => {
    const days = ['2023-01-01', '2023-01-02', '2024-01-01', '2024-01-02']
    assert.deepEqual(denseDays(days), days)
  })
})

describe('JSON written by hand', () => {
  it('is told where it is wrong', () => {
    assert.deepEqual(parse('{\n  "a": 1\n  "b": 2\n}'), { wrong: { line: 3, column: 3 } })
    assert.deepEqual(parse('{"a": '), { wrong: { line: 1, column: 7 } })
    assert.deepEqual(parse('[1]'), { value: [1] })
  })
})

describe('what the core says of a catalog', () => {
  it('has French words for every sentence that is always the same', async () => {
    const sentences = new Set<string>()
    for (const file of [
      'catalog/lint.rs',
      'catalog/pattern.rs',
      'catalog/group.rs',
      'catalog/decode.rs',
      'decode.rs',
    ]) {
      const source = (await readFile(new URL(`../../../src/${file}`, import.meta.url), 'utf8')).replace(
        /#\[cfg\(test\)\][\s\S]*/,
        '',
      )
      const said = /(?:\brule\(|Refusal::new\(|Err\(|ok_or_else\(\|\| Refusal::new\()\s*"((?:[^"\\]|\\.)*)"/g
      for (const [, sentence = ''] of source.matchAll(said)) sentences.add(sentence)
    }
    assert.ok(sentences.size > 40, `${sentences.size} sentences`)
    for (const sentence of sentences) assert.notEqual(frenchRefusal(sentence), sentence, sentence)
  })

  it('says in French where it stands, and what of it is named', () => {
    assert.equal(
      frenchRefusal('the catalog cannot be read: indicators[0].value: unknown field `kid`, expected `kind`'),
      'le catalogue ne peut être lu : indicators[0].value : le champ `kid` est inconnu ; sont connus `kind`',
    )
    assert.equal(
      frenchRefusal('n: group k: text of an event needs a list or a pattern'),
      'n : groupe k : le texte d’un événement demande une liste ou un motif',
    )
  })
})

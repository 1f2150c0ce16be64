import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Definitions } from '../../../js/index.d.ts'
import { readDefinitions } from '../../../js/stand-in/definitions.ts'
import { dacc, file } from './process.ts'

describe('dacc definitions', () => {
  it('is a file that the server imports, with every indicator of the catalog', async () => {
    const { code, stdout, stderr } = await dacc(['definitions'])
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    const definitions = readDefinitions(JSON.parse(stdout) as Definitions)
    assert.equal(definitions.size, 15)
    const konnector = definitions.get('konnector-event-daily')
    assert.deepEqual(
      [konnector?.group1Key, konnector?.group2Key, konnector?.group3Key, konnector?.aggregationPeriod, konnector?.createdBy],
      ['slug', 'event_type', 'status', 'day', 'ecolyo'],
    )
  })

  it('is made of another catalog, for another organisation', async () => {
    const catalog = file('catalog.json', { extends: false, indicators: [{
      name: 'reports', period: 'month', description: 'd', purpose: 'p', events: [{ type: 'ReportFromEvent' }], value: { kind: 'count' },
    }] })
    const { stdout } = await dacc(['definitions', '--catalog', catalog, '--org', 'town', '--created-by', 'app'])
    const { definitions } = JSON.parse(stdout) as Definitions
    assert.deepEqual(definitions.map(({ name, org, createdBy, aggregationPeriod }) => [name, org, createdBy, aggregationPeriod]),
      [['reports', 'town', 'app', 'month']])
  })

  it('says what is wrong with a catalog, and where', async () => {
    for (const [name, content, sentence] of [
      ['none.json', undefined, /^dacc: none\.json: there is no such file\n$/],
      ['empty.json', '', /^dacc: empty\.json: it is empty; a JSON object is needed\n$/],
      ['broken.json', '{"indicators":\n [secret', /^dacc: broken\.json: this is not JSON at line 2, column 3; a JSON object is needed\n$/],
      ['list.json', '[]', /^dacc: list\.json: this is not a JSON object; write it in braces\n$/],
      ['field.json', '{"indicator":[]}', /^dacc: field\.json: (?:missing field `indicators`|unknown field `indicator`)/],
      ['rule.json', { indicators: [{ name: 'a b', period: 'day', description: 'd', purpose: 'p', value: { kind: 'count' } }] }, /^dacc: rule\.json: a b: /],
    ] as const) {
      if (content !== undefined) file(name, content)
      const { code, stdout, stderr } = await dacc(['definitions', '--catalog', name])
      assert.match(stderr, sentence)
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
    }
  })
})

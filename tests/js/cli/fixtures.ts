import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Aggregating, Options } from '../../../js/index.d.ts'

const folder = fileURLToPath(new URL('../../../fixtures/homes/', import.meta.url))

/** One case of fixtures/README.md. */
export interface Fixture {
  name: string
  /** The file of the home, or of the events. */
  input: string
  isHome: boolean
  options: Options
  expected: string
  diagnostics: unknown
}

/** Every fixture, in the order of their names. */
export const fixtures: readonly Fixture[] = readdirSync(folder).sort().map((name) => {
  const path = (file: string) => `${folder}${name}/${file}`
  const text = (file: string) => readFileSync(path(file), 'utf8')
  const file = ['home.json', 'events.json', 'events.ndjson'].find((each) => existsSync(path(each)))
  if (file === undefined) throw new Error(`the fixture ${name} has no input`)
  return {
    name,
    input: path(file),
    isHome: file === 'home.json',
    options: JSON.parse(text('options.json')) as Options,
    expected: text('expected.ndjson'),
    diagnostics: JSON.parse(text('diagnostics.json')),
  }
})

/** Tests that a module gives every fixture's expected bytes. */
export function testEveryFixture(dacc: Pick<Aggregating, 'aggregate' | 'aggregateHome'>): void {
  for (const { name, input, isHome, options, expected, diagnostics } of fixtures) {
    it(name, () => {
      const bytes = readFileSync(input)
      const outcome = isHome ? dacc.aggregateHome(bytes, options) : dacc.aggregate(bytes, options)
      assert.equal(outcome.measures.map((measure) => `${JSON.stringify(measure)}\n`).join(''), expected)
      assert.deepEqual(outcome.diagnostics, diagnostics)
    })
  }
}

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Aggregating, Dacc, Options } from '../../../js/types/index.d.ts'

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
export const fixtures: readonly Fixture[] = readdirSync(folder)
  .sort()
  .map((name) => {
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

/** Tests that a module gives the expected bytes of every fixture; of those of events alone, if it knows no homes. */
export function testEveryFixture(dacc: Aggregating & Partial<Pick<Dacc, 'aggregateHome'>>): void {
  for (const { name, input, isHome, options, expected, diagnostics } of fixtures) {
    const compute = isHome ? dacc.aggregateHome : dacc.aggregate
    if (compute === undefined) continue
    it(name, () => {
      const outcome = compute(readFileSync(input), options)
      assert.equal(outcome.measures.map((measure) => `${JSON.stringify(measure)}\n`).join(''), expected)
      assert.deepEqual(outcome.diagnostics, diagnostics)
    })
  }
}

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fixtures } from '../cli/fixtures.ts'
import { aggregating, moduleOf, type Variant } from './module.ts'

/** That a variant gives every fixture's expected bytes. */
export async function testEveryFixture(variant: Variant): Promise<void> {
  const dacc = await aggregating(variant)
  describe('every fixture gives its expected bytes', () => {
    for (const { name, input, isHome, options, expected, diagnostics } of fixtures) {
      it(name, () => {
        const bytes = readFileSync(input)
        const outcome = isHome ? dacc.aggregateHome(bytes, options) : dacc.aggregate(bytes, options)
        assert.equal(outcome.measures.map((measure) => `${JSON.stringify(measure)}\n`).join(''), expected)
        assert.deepEqual(outcome.diagnostics, diagnostics)
      })
    }
  })

  it('uses vectors only where its name says so', () => {
    const features = WebAssembly.Module.customSections(new WebAssembly.Module(moduleOf(variant)), 'target_features')
    const names = features.map((section) => Buffer.from(section).toString('latin1')).join()
    assert.equal(names.includes('simd128'), variant === 'simd')
  })
}

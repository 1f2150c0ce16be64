import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testEveryFixture } from '../cli/fixtures.ts'
import { aggregating, moduleOf, type Variant } from './module.ts'

/** That a variant is what its name says, and gives every fixture's expected bytes. */
export async function testVariant(variant: Variant): Promise<void> {
  const dacc = await aggregating(variant)
  describe('every fixture of events gives its expected bytes', () => testEveryFixture(dacc))

  it('uses vectors only where its name says so', () => {
    const features = WebAssembly.Module.customSections(new WebAssembly.Module(moduleOf(variant)), 'target_features')
    const names = features.map((section) => Buffer.from(section).toString('latin1')).join()
    assert.equal(names.includes('simd128'), variant === 'simd')
  })
}

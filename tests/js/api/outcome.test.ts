import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { outcomeOf } from '../../../js/api/outcome.ts'

/** A table of groups and dates, with series of places of groups and rows of [series, date, hundredths]. */
function measures(
  series: readonly (readonly number[])[],
  rows: readonly (readonly number[])[],
  { groups = [] as readonly object[], dates = ['2024-03-09'] } = {},
) {
  const text = JSON.stringify({ names: ['x', 'y'], groups, dates, diagnostics: {} })
  const parts = series.flatMap((places) => [0, 1, ...places, ...Array<number>(3 - places.length).fill(-1)])
  return outcomeOf([text, Int32Array.from(parts), Int32Array.from(rows.flat())]).measures
}

const value = (hundredths: number) => measures([[]], [[0, 0, hundredths]])[0]?.value

/** The decimal that so many hundredths are, by its digits. */
function decimal(hundredths: number): string {
  const digits = String(Math.abs(hundredths)).padStart(3, '0')
  const [whole, part] = [digits.slice(0, -2), digits.slice(-2).replace(/0{1,2}$/, '')]
  return `${hundredths < 0 ? '-' : ''}${whole}${part === '' ? '' : `.${part}`}`
}

describe('the objects made of a table', () => {
  it('have values that are written and read as the decimals they are', () => {
    const spread = Array.from({ length: 200_000 }, (_, at) => (at * 4_999) % 999_999_901)
    const all = [...Array(20_001).keys(), ...spread, 999_999_899, 999_999_900]
    for (const hundredths of all.flatMap((one) => [one, 0 - one])) {
      const written = decimal(hundredths)
      if (!Object.is(value(hundredths), JSON.parse(written)) || JSON.stringify(value(hundredths)) !== written) {
        assert.fail(`${hundredths} hundredths became ${value(hundredths)}`)
      }
    }
  })

  it('have the dates that their rows name', () => {
    const dates = ['0000-01-01', '2024-02-29', '9999-12-31']
    const rows = [2, 0, 0, 1].map((date) => [0, date, 100])
    const expected = ['9999-12-31', '0000-01-01', '0000-01-01', '2024-02-29']
    assert.deepEqual(
      measures([[]], rows, { dates }).map(({ startDate }) => startDate),
      expected,
    )
  })

  it('have their fields in the order of a payload, and no group that is not used', () => {
    const groups = [{ a: '1' }, { b: '"é\u2028' }, { c: '3' }]
    for (let count = 0; count <= groups.length; count += 1) {
      const places = [2, 0, 1].slice(0, count)
      const made = measures([places], [[0, 0, 1_234]], { groups })
      const used = Object.fromEntries(places.map((place, at) => [`group${at + 1}`, groups[place]]))
      const expected = { createdBy: 'x', measureName: 'y', startDate: '2024-03-09', value: 12.34, ...used }
      assert.equal(JSON.stringify(made), JSON.stringify([expected]))
    }
  })

  it('share their groups, which therefore are frozen', () => {
    const [one, other, third] = measures(
      [[0], [1, 0]],
      [
        [0, 0, 1],
        [0, 0, 2],
        [1, 0, 3],
      ],
      { groups: [{ a: '1' }, { b: '1' }] },
    )
    assert.equal(one?.group1, other?.group1)
    assert.equal(one?.group1, third?.group2)
    assert.notEqual(one?.group1, third?.group1)
    assert.ok(Object.isFrozen(one?.group1))
    assert.ok(!Object.isFrozen(one))
  })
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { Options } from '../../../js/types/index.d.ts'
import { fixtures } from './fixtures.ts'
import { dacc, file } from './process.ts'

/** Options as flags, where there is one; the others go to a file. */
function flagsOf(name: string, { now, from, to, months, clock, zone, consent, ...others }: Options): string[] {
  const flag = (flag: string, value: string | undefined) => (value === undefined ? [] : [flag, value])
  const isSince = consent?.length === 1 && consent[0]?.to === undefined
  const config: Options = isSince || consent === undefined ? others : { ...others, consent }
  return [
    ...flag('--now', now),
    ...flag('--from', from),
    ...flag('--to', to),
    ...(months ?? []).flatMap((month) => ['--month', month]),
    ...flag('--clock', clock),
    ...flag('--zone', zone),
    ...flag('--consent-since', isSince ? consent[0]?.from : undefined),
    ...(Object.keys(config).length > 0 ? ['--config', file(`${name}.config.json`, config)] : []),
  ]
}

const homes = fixtures.filter(({ isHome }) => isHome)

describe('every home gives exactly its expected lines', { concurrency: 2 }, () => {
  for (const { name, input, options, expected, diagnostics } of homes) {
    it(`${name}, its options as flags`, async () => {
      const { code, stdout, stderr } = await dacc(['preview', input, '--ndjson', ...flagsOf(name, options)])
      assert.equal(stdout, expected)
      assert.deepEqual(counts(stderr), diagnostics)
      assert.equal(code, 0)
    })

    it(`${name}, from stdin, its options as a file`, async () => {
      const config = file(`${name}.options.json`, options)
      const ended = await dacc(['preview', '-', '--ndjson', '--config', config], { stdin: readFileSync(input) })
      assert.equal(ended.stdout, expected)
      assert.deepEqual(counts(ended.stderr), diagnostics)
      assert.equal(ended.code, 0)
    })
  }
})

/** The counts by code that stderr tells. */
function counts(stderr: string): Record<string, number> {
  const lines = stderr
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('Nothing to send: ') && !line.startsWith('The last event '))
  return Object.fromEntries(
    lines.map((line) => {
      const [, count, code] = /^ *(\d+) {2}([a-z-]+) +[A-Z].*\.$/.exec(line) ?? assert.fail(line)
      return [code, Number(count)]
    }),
  )
}

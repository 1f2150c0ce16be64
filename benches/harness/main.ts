// `node target/bench/harness.mjs [--quick] [--only PART,…]`, by `cargo xtask bench`.

import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { cold } from './cold.ts'
import { loading, sizes } from './loading.ts'
import { page } from './markdown.ts'
import { nights } from './night.ts'
import { inMade, inRoot } from './places.ts'
import { type Results, speedResult } from './results.ts'
import { type Effort, large, scaling, speed } from './speed.ts'
import { reached } from './targets.ts'

const PARTS = ['speed', 'large', 'scaling', 'cold', 'sizes', 'loading', 'night'] as const
type Part = (typeof PARTS)[number]

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } } })
const parts = values.only === undefined ? PARTS : values.only.split(',').map(known)
const isWhole = values.only === undefined && !values.quick
const effort: Effort = { isQuick: values.quick, rounds: (full) => (values.quick ? 3 : full) }

const results: Results = {
  machine: {
    processor: cpus()[0]?.model ?? 'unknown processor',
    cores: cpus().length,
    node: process.versions.node,
    rustc: execFileSync('rustc', ['--version']).toString().trim().replace(/^rustc (\S+).*/, '$1'),
  },
  isQuick: values.quick,
  speed: [],
  cold: [],
}

for (const part of parts) {
  console.error(`  bench         ${part} …`)
  await measure(part)
}

const text = page(results)
console.log(text)
mkdirSync(inMade('results'), { recursive: true })
// Only a whole run is a page of the book.
const to = isWhole ? inRoot('docs') : inMade('results')
writeFileSync(`${to}/speed.md`, text)
writeFileSync(`${to}/speed.json`, `${JSON.stringify({ ...results, targets: reached(results) }, null, 2)}\n`)
console.error(`  bench         written: ${isWhole ? 'docs' : 'target/bench/results'}/speed.md, speed.json`)

function known(name: string): Part {
  const part = PARTS.find((part) => part === name.trim())
  if (part === undefined) throw new RangeError(`\`${name}\` is no part; these are: ${PARTS.join(', ')}`)
  return part
}

async function measure(part: Part): Promise<void> {
  switch (part) {
    case 'speed':
      for await (const comparison of speed(effort)) results.speed.push(speedResult(comparison))
      return
    case 'large':
      results.speed.push(speedResult(await large(effort)))
      return
    case 'scaling':
      results.scaling = await scaling(effort)
      return
    case 'cold':
      results.cold.push(await cold(1_000, effort.rounds(9)), await cold(1_000_000, effort.rounds(5)))
      return
    case 'sizes':
      results.sizes = sizes()
      return
    case 'loading':
      results.loading = await loading(effort.rounds(15))
      return
    case 'night':
      results.nights = await nights()
  }
}

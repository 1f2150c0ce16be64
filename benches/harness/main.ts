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
import { type Effort, large, nothing, scaling, speed, unshaped } from './speed.ts'
import { reached } from './targets.ts'

const PARTS: Record<string, (results: Results, effort: Effort) => Promise<void>> = {
  async speed(results, effort) {
    for await (const comparison of speed(effort)) results.speed.push(speedResult(comparison))
  },
  async unshaped(results, effort) {
    for await (const comparison of unshaped(effort)) results.speed.push(speedResult(comparison))
    results.nothing = await nothing(effort)
  },
  async large(results, effort) {
    results.speed.push(speedResult(await large(effort)))
  },
  async scaling(results, effort) {
    results.scaling = await scaling(effort)
  },
  async cold(results, { rounds }) {
    results.cold.push(await cold(1_000, rounds(7)), await cold(1_000_000, rounds(5)))
  },
  async sizes(results) {
    results.sizes = sizes()
  },
  async loading(results, { rounds }) {
    results.loading = await loading(rounds(11))
  },
  async night(results) {
    results.nights = await nights()
  },
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } } })
  const parts = values.only?.split(',').map((name) => name.trim()) ?? Object.keys(PARTS)
  const unknown = parts.find((name) => !(name in PARTS))
  if (unknown !== undefined)
    throw new RangeError(`\`${unknown}\` is no part; these are: ${Object.keys(PARTS).join(', ')}`)

  const results: Results = { machine: machine(), isQuick: values.quick, speed: [], cold: [] }
  const effort: Effort = { isQuick: values.quick, rounds: (full) => (values.quick ? 3 : full) }
  for (const part of parts) {
    console.error(`  bench         ${part} …`)
    await PARTS[part]?.(results, effort)
  }

  const text = page(results)
  console.log(text)
  // Only a whole run is a page of the book.
  const to = values.only === undefined && !values.quick ? inRoot('docs') : inMade('results')
  mkdirSync(to, { recursive: true })
  writeFileSync(`${to}/speed.md`, text)
  writeFileSync(`${to}/speed.json`, `${JSON.stringify({ ...results, targets: reached(results) }, null, 2)}\n`)
  console.error(`  bench         written: ${to}/speed.md, speed.json`)
}

function machine(): Results['machine'] {
  const rustc = execFileSync('rustc', ['--version']).toString().split(' ')[1] ?? 'unknown'
  return {
    processor: cpus()[0]?.model ?? 'unknown processor',
    cores: cpus().length,
    node: process.versions.node,
    rustc,
  }
}

try {
  await main()
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}

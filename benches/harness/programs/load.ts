// How long a program waits before it can work: `load ours MODULE`, or
// `load libraries` for what the services of today require.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const [what, module = ''] = process.argv.slice(2)
const require = createRequire(import.meta.url)

const began = performance.now()
let instantiate: number | undefined
if (what === 'libraries') {
  require('luxon')
  require('lodash')
} else {
  const { load } = await import(new URL('../../pkg/aggregate.node.js', import.meta.url).href)
  const bytes = readFileSync(module)
  const compiling = performance.now()
  await load(bytes)
  instantiate = performance.now() - compiling
}
console.log(JSON.stringify({ whole: performance.now() - began, instantiate }))

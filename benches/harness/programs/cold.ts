// A program that starts, does one thing and ends: `cold WHAT FILE OPTIONS`.

import { readFileSync } from 'node:fs'

const [what, file = '', options = ''] = process.argv.slice(2)

if (what === 'json-parse') {
  JSON.parse(readFileSync(file, 'utf8'))
} else if (what === 'ours') {
  // Found from target/bench/, where this is bundled to.
  const { load } = await import(new URL('../../pkg/index.node.js', import.meta.url).href)
  const dacc = await load()
  await dacc.aggregate(readFileSync(file), JSON.parse(options))
}

// Kilobytes, and milliseconds of all threads.
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
console.log(JSON.stringify({ rss: maxRSS * 1024, cpu: (userCPUTime + systemCPUTime) / 1000 }))

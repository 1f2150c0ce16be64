// A program that starts, does one thing and ends: `cold WHAT FILE OPTIONS`.

import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

const CHUNK = 64 * 1024

const [what, file = '', options = ''] = process.argv.slice(2)

if (what === 'json-parse') {
  JSON.parse(readFileSync(file, 'utf8'))
} else if (what === 'ours') {
  // Found from target/bench/, where this is bundled to.
  const { load } = await import(new URL('../../pkg/aggregate.node.js', import.meta.url).href)
  const module = await load()
  await module.aggregate(chunks(), JSON.parse(options))
}

// Kilobytes, and milliseconds of all threads.
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
console.log(JSON.stringify({ rss: maxRSS * 1024, cpu: (userCPUTime + systemCPUTime) / 1000 }))

/** The file, in one buffer that is filled again and again. */
function* chunks(): Generator<Uint8Array> {
  const buffer = new Uint8Array(CHUNK)
  const descriptor = openSync(file, 'r')
  try {
    for (;;) {
      const read = readSync(descriptor, buffer)
      if (read === 0) return
      yield buffer.subarray(0, read)
    }
  } finally {
    closeSync(descriptor)
  }
}

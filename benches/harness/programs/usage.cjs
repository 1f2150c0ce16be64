// Required before a program: writes what its process took when it ends.

const { writeFileSync } = require('node:fs')

process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
  const usage = { rss: maxRSS * 1024, cpu: (userCPUTime + systemCPUTime) / 1000 }
  writeFileSync(process.env.DACC_BENCH_USAGE, JSON.stringify(usage))
})

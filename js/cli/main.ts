#!/usr/bin/env node
// The program `dacc`: arguments in, an exit code out.

import { endQuietlyOnBrokenPipe } from './output.ts'
import { report } from './errors.ts'
import { program } from './program.ts'

endQuietlyOnBrokenPipe()
process.on('uncaughtException', (error) => process.exit(report(error)))

try {
  await program().parseAsync()
} catch (error) {
  process.exitCode = report(error)
}

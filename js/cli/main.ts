#!/usr/bin/env node

// The program `dacc`: arguments in, an exit code out.

import { hasRoom, hasWasm, startAgain } from '../service/address-space.ts'
import { program } from './program.ts'
import { reportError, UsageError } from './terminal/errors.ts'
import { endQuietlyOnBrokenPipe } from './terminal/output.ts'

endQuietlyOnBrokenPipe()
process.on('uncaughtException', (error) => process.exit(reportError(error)))

try {
  // Where there is no WebAssembly at all, most of the help still is.
  if (hasWasm() && !hasRoom()) {
    const again = await startAgain()
    if (typeof again === 'string') throw new UsageError(`${again}; ulimit -v sets it`)
    process.exitCode = again
  } else if (process.argv.length <= 2) {
    program().outputHelp()
  } else {
    await program().parseAsync()
  }
} catch (error) {
  process.exitCode = reportError(error)
}

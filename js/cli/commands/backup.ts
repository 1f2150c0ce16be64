// `dacc backup`: an export that is read again.

import type { Command } from 'commander'
import { addHomeFlags, executeRightsCommand, HOME_ARGUMENT, type HomeFlags } from '../rights/command.ts'
import { type ExportSummary, printWritten } from '../rights/sentences.ts'
import { UsageError } from '../terminal/errors.ts'

/** Adds `dacc backup` to the program. */
export function backup(dacc: Command): void {
  const command = dacc
    .command('backup')
    .summary('write everything to a file, and read it again')
    .description('Writes everything that is kept to a file, reads it again and checks its hash.')
    .argument('<HOME>', HOME_ARGUMENT)
    .requiredOption('-o, --output <file>', 'where to')
    .addHelpText(
      'after',
      `
Example:
  dacc backup home.json -o backup.json`,
    )
  addHomeFlags(command).action(async (home: string, flags: HomeFlags & { output: string }) => {
    if (flags.output === '-') throw new UsageError('--output: a file is needed, which can be read again')
    printWritten(
      await executeRightsCommand<ExportSummary>(
        { command: { backup: {} }, home, files: { output: flags.output } },
        flags,
      ),
      flags.output,
    )
  })
}

// `dacc import`: an export becomes history of a home.

import type { Command } from 'commander'
import { oneOf } from '../options/flag-values.ts'
import { addHomeFlags, executeRightsCommand, HOME_ARGUMENT, type HomeFlags } from '../rights/command.ts'
import { warnOfLinks } from '../rights/sentences.ts'
import { type Counts, printCounts } from '../terminal/tables.ts'

interface ImportFlags extends HomeFlags {
  dryRun?: boolean
  onConflict?: 'fail' | 'skip' | 'replace'
  json?: boolean
}

interface Imported {
  collections: Record<string, Counts>
  closedUntil: string | null
}

/** Adds `dacc import` to the program. */
export function importHome(dacc: Command): void {
  const command = dacc
    .command('import')
    .summary('take an export into a home, as history')
    .description(
      'Takes an export into a home. The file is shown to be whole before anything is '
        + 'written. Consent and what was sent come in as history only: nothing becomes '
        + 'sendable by an import.',
    )
    .argument('<HOME>', `${HOME_ARGUMENT}; a file that is not there is made`)
    .argument('<FILE>', 'an export, compressed or not, or - for stdin')
    .option('--dry-run', 'only tell what would be done')
    .option(
      '--on-conflict <what>',
      'where a document is there with another content: fail, skip or replace (default: fail)',
      oneOf('--on-conflict', ['fail', 'skip', 'replace']),
    )
    .option('--json', 'the outcome as JSON')
    .addHelpText(
      'after',
      `
Example:
  dacc import new-home.json export.json --dry-run`,
    )
  addHomeFlags(command).action(async (home: string, file: string, flags: ImportFlags) => {
    const { dryRun = false, onConflict = 'fail' } = flags
    const imported = await executeRightsCommand<Imported>(
      {
        command: { import: { dryRun, onConflict } },
        home,
        files: { 'input:0': file },
        mayMiss: true,
        rewrites: !dryRun,
        onLinks: warnOfLinks(home),
      },
      flags,
    )
    if (flags.json) process.stdout.write(`${JSON.stringify(imported)}\n`)
    else {
      printCounts(imported.collections)
      if (dryRun) process.stdout.write('\nNothing was written.\n')
      if (imported.closedUntil !== null) {
        process.stdout.write(
          `\nUp to ${imported.closedUntil} everything is history now: no run computes anything of it.\n`,
        )
      }
    }
  })
}

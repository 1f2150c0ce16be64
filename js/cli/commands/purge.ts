// `dacc purge`: usage data are deleted.

import type { Command } from 'commander'
import { day } from '../options/flag-values.ts'
import { addHomeFlags, executeRightsCommand, HOME_ARGUMENT } from '../rights/command.ts'
import { BACKUP, Backup, filesOf, LINKS, type PurgeFlags } from '../rights/purge-backup.ts'
import { addLinks, foreseen, type PurgeReceipt, printReceipt } from '../rights/purge-receipt.ts'
import { NegativeAnswer } from '../terminal/errors.ts'
import { counted } from '../terminal/progress.ts'

/** Adds `dacc purge` to the program. */
export function purge(dacc: Command): void {
  const command = dacc
    .command('purge')
    .summary('delete usage data, and tell what cannot be erased')
    .description(
      'Deletes usage data: cancels what waits to be sent, writes what goes to a backup and '
        + 'reads that again, deletes, reads everything again, and gives a receipt. Killed, it is '
        + 'begun again.',
    )
    .argument('<HOME>', HOME_ARGUMENT)
    .option('--before <day>', 'only what lies before this day', day('--before'))
    .option(
      '--state',
      "also the run's ledger and memory and, without --before, profile and terms; one date stays, and a later start begins with the day after it",
    )
    .option('--undated', 'only events that lie on no day: their date cannot be read, or is more than a year ahead')
    .option('--backup <file>', BACKUP)
    .option('--no-backup', 'delete without a backup')
    .option('--leave-links', LINKS)
    .option('--dry-run', 'only tell what would be done')
    .option('--json', 'the receipt as JSON')
    .addHelpText(
      'after',
      `
Without --state what was sent stays in the ledger: nothing is sent again.

Example:
  dacc purge home.json --before 2024-01-01`,
    )
  addHomeFlags(command).action(async (home: string, flags: PurgeFlags) => {
    const { before, state = false, undated = false, dryRun = false } = flags
    const backup = Backup.of(flags)
    let links = 0
    const receipt = await executeRightsCommand<PurgeReceipt>(
      {
        command: {
          purge: { ...(before !== undefined && { before }), state, undated, backup: backup !== undefined, dryRun },
        },
        home,
        ...filesOf(backup),
        rewrites: !dryRun,
        erases: 'home',
        onLinks: (_, count) => {
          links = count
        },
      },
      flags,
    )
    addLinks(receipt, links)
    if (flags.json) process.stdout.write(`${JSON.stringify(dryRun ? { dryRun, ...receipt } : receipt)}\n`)
    else {
      printReceipt(receipt, dryRun ? undefined : backup)
      if (dryRun) process.stdout.write(foreseen(receipt, backup))
    }
    if (receipt.left > 0) {
      throw new NegativeAnswer(`${counted(receipt.left, 'document')} came or changed meanwhile, and stay; begin again`)
    }
  })
}

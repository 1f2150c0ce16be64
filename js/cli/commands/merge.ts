// `dacc merge`: a former home becomes history of the current one.

import type { Command } from 'commander'
import { addHomeFlags, executeRightsCommand, HOME_ARGUMENT } from '../rights/command.ts'
import { Backup, filesOf, LINKS, type PurgeFlags } from '../rights/purge-backup.ts'
import { addLinks, foreseen, type PurgeReceipt, printReceipt } from '../rights/purge-receipt.ts'
import { printable } from '../terminal/errors.ts'
import { counted } from '../terminal/progress.ts'
import { type Counts, printCounts } from '../terminal/tables.ts'

interface Merged {
  events: number
  formerLast: string | null
  currentFirst: string | null
  collections: Record<string, Counts>
  firstConnection: string | null
  closedUntil: string | null
  purged: PurgeReceipt
}

/** Adds `dacc merge` to the program. */
export function merge(dacc: Command): void {
  const command = dacc
    .command('merge')
    .summary('make a former home part of the current one, as history')
    .description(
      "Makes a former home part of the current one. Refused unless the former's last event "
        + "lies before the current's first. Consent is never merged, and nothing of the former is "
        + 'sent. The former is purged when all its events have arrived.',
    )
    .argument('<FORMER>', HOME_ARGUMENT)
    .argument('<CURRENT>', HOME_ARGUMENT)
    .option('--former-credentials <token>', 'the token for a former Cozy (default: FORMER_COZY_CREDENTIALS)')
    .option('--backup <file>', 'where the former is written first (default: dacc-backup-DAY.json in this folder)')
    .option('--no-backup', 'purge the former without a backup')
    .option('--leave-links', LINKS)
    .option('--same-home', 'the two have one id because one is a copy of the other, and are to be one')
    .option('--dry-run', 'only tell what would be done')
    .option('--json', 'the outcome as JSON')
    .addHelpText(
      'after',
      `
Example:
  dacc merge old-home.json home.json`,
    )
  addHomeFlags(command).action(async (former: string, home: string, flags: PurgeFlags & { sameHome?: boolean }) => {
    const { dryRun = false, sameHome = false } = flags
    const backup = Backup.of(flags)
    const links = { home: 0, former: 0 }
    const merged = await executeRightsCommand<Merged>(
      {
        command: { merge: { backup: backup !== undefined, dryRun, sameHome } },
        home,
        former,
        ...filesOf(backup),
        rewrites: !dryRun,
        erases: 'former',
        onLinks: (which, count) => {
          links[which] = count
        },
      },
      flags,
    )
    addLinks(merged.purged, links.former)
    if (links.home > 0)
      process.stderr.write(
        `${printable(home)}: ${counted(links.home, 'other name')} of it (hard links) lead to what it was before\n`,
      )
    if (flags.json) {
      process.stdout.write(`${JSON.stringify(dryRun ? { dryRun, ...merged } : merged)}\n`)
      return
    }
    const { formerLast, currentFirst, firstConnection } = merged
    process.stdout.write(
      `The former's last event: ${formerLast ?? 'none'}. The current's first: ${currentFirst ?? 'none'}.\n`,
    )
    if (firstConnection !== null) process.stdout.write(`The first connection is now that of ${firstConnection}.\n`)
    process.stdout.write('\n')
    printCounts(merged.collections)
    process.stdout.write('\nThe former home:\n')
    printReceipt(merged.purged, dryRun ? undefined : backup)
    if (dryRun) process.stdout.write(foreseen(merged.purged, backup))
  })
}

// `dacc recover`: events are restored from backups.

import type { Command } from 'commander'
import { addHomeFlags, executeRightsCommand, HOME_ARGUMENT, type HomeFlags, namePaths } from '../rights/command.ts'
import { warnOfLinks } from '../rights/sentences.ts'
import { printable } from '../terminal/errors.ts'
import { type Counts, printCounts } from '../terminal/tables.ts'

interface Recovered {
  collections: Record<string, Counts>
  bad: Record<string, string>
  good: number
}

/** Adds `dacc recover` to the program. */
export function recover(dacc: Command): void {
  const command = dacc
    .command('recover')
    .summary('rebuild events from backups')
    .description(
      'Puts events that are missing back from backups, each once by its _id. A file that '
        + 'is not whole is named, and the others are used.',
    )
    .argument('<HOME>', `${HOME_ARGUMENT}; a file that is not there is made`)
    .argument('<FILES...>', 'backups or exports')
    .option('--same-home', "they are this home's, whatever home they name")
    .option('--json', 'the outcome as JSON')
    .addHelpText(
      'after',
      `
A file names the home that it was made of. One of another home, or of none, is
refused: its events would count as this one's. dacc import takes it in as
history.

Example:
  dacc recover home.json backup-1.json backup-2.json`,
    )
  addHomeFlags(command).action(
    async (home: string, names: string[], flags: HomeFlags & { json?: boolean; sameHome?: boolean }) => {
      const files = Object.fromEntries(names.map((name, at) => [`input:${at}`, name]))
      const result = await executeRightsCommand<Recovered>(
        {
          command: { recover: { files: names.length, sameHome: flags.sameHome ?? false } },
          home,
          files,
          mayMiss: true,
          rewrites: true,
          onLinks: warnOfLinks(home),
        },
        flags,
      )
      const bad = Object.values(result.bad).map((why) => namePaths(why, files))
      if (flags.json) process.stdout.write(`${JSON.stringify({ ...result, bad })}\n`)
      else printCounts(result.collections)
      for (const why of bad) process.stderr.write(`${printable(why)}\n`)
      if (bad.length > 0) process.exitCode = 3
    },
  )
}

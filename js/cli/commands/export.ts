// `dacc export`: everything that is kept, as one JSON array.

import type { Command } from 'commander'
import { day } from '../options/flag-values.ts'
import { addHomeFlags, executeRightsCommand, HOME_ARGUMENT, type HomeFlags } from '../rights/command.ts'
import { type ExportSummary, printWritten } from '../rights/sentences.ts'

interface ExportFlags extends HomeFlags {
  output?: string
  collections?: string[]
  gzip?: boolean
  force?: boolean
  since?: string
  until?: string
}

const names = (text: string) =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

/** Names of stdout, which cannot be replaced by a file. */
const STDOUT = ['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']

/** Adds `dacc export` to the program. */
export function exportHome(dacc: Command): void {
  const command = dacc
    .command('export')
    .summary('write everything that is kept of the person, as one JSON array')
    .description(
      'Writes everything that is kept of the person as one JSON array: each document as it '
        + 'is, with its doctype. The last element has counts and a hash; without it the file is '
        + 'not whole.',
    )
    .argument('<HOME>', HOME_ARGUMENT)
    .option('-o, --output <file>', 'where to (default: stdout)')
    .option('--from <day>', 'the first day', day('--from'))
    .option('--to <day>', 'the first day no longer wanted', day('--to'))
    .option('--collections <names>', 'only these, as events,terms', names)
    .option('--gzip', 'compressed')
    .option('--force', 'also over a file that is there already')
    .addHelpText(
      'after',
      `
Documents of a day without a readable date are left out where days are asked
for, and counted on stderr; what lies on no day, as the profile, is whole.

Example:
  dacc export home.json --gzip -o export.json.gz`,
    )
  addHomeFlags(command).action(async (home: string, { from, to, ...flags }: ExportFlags) => {
    const output = flags.output === undefined || STDOUT.includes(flags.output) ? '-' : flags.output
    const range = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
    const exported = await executeRightsCommand<ExportSummary>(
      {
        command: { export: { ...range, collections: flags.collections ?? [] } },
        home,
        files: { output },
        overwrites: flags.force ? 'asked for' : 'not asked for',
        zips: flags.gzip ? ['output'] : [],
      },
      flags,
    )
    printWritten(exported, output)
  })
}

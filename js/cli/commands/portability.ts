import type { Command } from 'commander'
import {
  addHomeFlags,
  executeRightsCommand,
  HOME_ARGUMENT,
  type HomeFlags,
  namePaths,
} from '../homes/rights-command.ts'
import { day, oneOf } from '../options/flag-values.ts'
import { printable, UsageError } from '../terminal/errors.ts'
import { counted } from '../terminal/progress.ts'
import { type Counts, printCounts } from '../terminal/tables.ts'

interface Exported {
  counts: Record<string, number>
  dateless: number
}

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

/** What has no name of its own, and is not replaced by a file with that name. */
const STDOUT = ['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']

/** `dacc export`: everything that is kept, as one array. */
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
    const exported = await executeRightsCommand<Exported>(
      {
        command: { export: { ...range, collections: flags.collections ?? [] } },
        home,
        files: { output },
        overwrites: flags.force ? 'asked for' : 'not asked for',
        zips: flags.gzip ? ['output'] : [],
      },
      flags,
    )
    tell(exported, output)
  })
}

/** `dacc backup`: an export that was read again. */
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
    tell(
      await executeRightsCommand<Exported>({ command: { backup: {} }, home, files: { output: flags.output } }, flags),
      flags.output,
    )
  })
}

function tell({ counts, dateless }: Exported, output: string): void {
  const count = Object.values(counts).reduce((sum, each) => sum + each, 0)
  const without = dateless > 0 ? `; ${counted(dateless, 'document')} without a readable date left out` : ''
  process.stderr.write(
    `${counted(count, 'document')} written${output === '-' ? '' : ` to ${printable(output)}`}${without}\n`,
  )
}

/** What is added is in no other name of the home. */
function tellLinks(home: string): (which: string, count: number) => void {
  return (_, count) =>
    process.stderr.write(
      `${printable(home)}: ${counted(count, 'other name')} of it (hard links) lead to what it was before\n`,
    )
}

interface ImportFlags extends HomeFlags {
  dryRun?: boolean
  onConflict?: 'fail' | 'skip' | 'replace'
  json?: boolean
}

interface Imported {
  collections: Record<string, Counts>
  closedUntil: string | null
}

/** `dacc import`: an export comes in, as history. */
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
        onLinks: tellLinks(home),
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

interface Recovered {
  collections: Record<string, Counts>
  bad: Record<string, string>
  good: number
}

/** `dacc recover`: events are rebuilt from backups. */
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
      const told = await executeRightsCommand<Recovered>(
        {
          command: { recover: { files: names.length, sameHome: flags.sameHome ?? false } },
          home,
          files,
          mayMiss: true,
          rewrites: true,
          onLinks: tellLinks(home),
        },
        flags,
      )
      const bad = Object.values(told.bad).map((why) => namePaths(why, files))
      if (flags.json) process.stdout.write(`${JSON.stringify({ ...told, bad })}\n`)
      else printCounts(told.collections)
      for (const why of bad) process.stderr.write(`${printable(why)}\n`)
      if (bad.length > 0) process.exitCode = 3
    },
  )
}

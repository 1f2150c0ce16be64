import type { Command } from 'commander'
import {
  addHomeFlags,
  executeRightsCommand,
  HOME_ARGUMENT,
  type HomeFlags,
  type RightsCommand,
} from '../homes/rights-command.ts'
import { day } from '../options/flag-values.ts'
import { NegativeAnswer, printable, UsageError } from '../terminal/errors.ts'
import { columnsOf } from '../terminal/output.ts'
import { counted } from '../terminal/progress.ts'
import { type Counts, printCounts, printTable } from '../terminal/tables.ts'
import { wrap } from '../terminal/text-layout.ts'

interface Receipt {
  deleted: Record<string, number>
  cancelled: number
  remaining: Record<string, number>
  left: number
  notErased: { what: string; count: number | null; why: string }[]
  backedUp: number
  closedUntil: string | null
  /** What once happened, and when is no longer known. */
  marks?: { firsts: string[]; reached: Record<string, string[]> }
}

interface PurgeFlags extends HomeFlags {
  before?: string
  state?: boolean
  undated?: boolean
  dryRun?: boolean
  backup?: string | false
  json?: boolean
}

const BACKUP = 'where what is deleted is written first (default: dacc-backup-DAY.json in this folder)'

const LINKS = 'also where a home file has other names (hard links), which keep what it was'

/** `dacc purge`: usage data are deleted. */
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
    const receipt = await executeRightsCommand<Receipt>(
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

interface Merged {
  events: number
  formerLast: string | null
  currentFirst: string | null
  collections: Record<string, Counts>
  firstConnection: string | null
  closedUntil: string | null
  purged: Receipt
}

/** `dacc merge`: a former home becomes part of the current one. */
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

/** The file of what is deleted; its name, where the person gave none, is one that nothing has when it is whole. */
class Backup {
  name: string
  readonly isNamed: boolean
  readonly #day: string
  #count = 1

  private constructor(name: string | undefined, day: string) {
    this.#day = day
    this.isNamed = name !== undefined
    this.name = name ?? `dacc-backup-${day}.json`
  }

  /** What the flags say; undefined where none is wanted. */
  static of({ backup, now }: PurgeFlags): Backup | undefined {
    if (backup === false) return undefined
    if (backup === '-') throw new UsageError('--backup: a file is needed, which can be read again')
    return new Backup(backup, (now ?? new Date().toISOString()).slice(0, 10))
  }

  /** The next name of the day. */
  another(): string {
    this.#count += 1
    this.name = `dacc-backup-${this.#day}-${this.#count}.json`
    return this.name
  }
}

function filesOf(backup: Backup | undefined): Pick<RightsCommand, 'files' | 'another'> {
  if (backup === undefined) return {}
  const files = { backup: backup.name }
  return backup.isNamed ? { files } : { files, another: { backup: () => backup.another() } }
}

/** The end of what a dry run tells. */
function foreseen({ deleted }: Receipt, backup: Backup | undefined): string {
  const count = Object.values(deleted).reduce((sum, each) => sum + each, 0)
  const first =
    backup === undefined || count === 0 ? '' : ` What goes would first be written to ${printable(backup.name)}.`
  return `\n${wrap(`Nothing was written: this is what would be.${first}`, columnsOf(process.stdout))}\n`
}

/** What the module does not see: other names of the home file. */
function addLinks(receipt: Receipt, count: number): void {
  if (count === 0) return
  receipt.notErased.push({
    what: 'links',
    count,
    why: 'other names of the home file (hard links), which keep what it was: find -samefile finds them, rm removes them',
  })
}

function printReceipt(
  { deleted, cancelled, remaining, notErased, backedUp, closedUntil, marks }: Receipt,
  backup: Backup | undefined,
): void {
  const names = [...new Set([...Object.keys(remaining), ...Object.keys(deleted)])]
  printTable(
    ['collection', 'deleted', 'remaining'],
    names.map((name) => [name, String(deleted[name] ?? 0), String(remaining[name] ?? 0)]),
  )
  if (cancelled > 0) process.stdout.write(`\n${counted(cancelled, 'measure')} that waited will never be sent.\n`)
  if (backedUp > 0 && backup !== undefined)
    process.stdout.write(`\n${counted(backedUp, 'document')} stand in ${printable(backup.name)}.\n`)
  if (closedUntil !== null) process.stdout.write(`\nA later start begins with the day after ${closedUntil}.\n`)
  if (marks !== undefined) {
    const all = [
      ...marks.firsts.map((type) => `a first ${type}`),
      ...Object.keys(marks.reached).map((measure) => `what ${measure} counts until`),
    ]
    process.stdout.write(
      `\nThat it happened stays noted, without a time, so that nothing later is the first: ${all.join(', ')}.\n`,
    )
  }
  if (notErased.length === 0) return
  process.stdout.write('\nNot erased:\n')
  printTable(
    ['what', 'count', 'why'],
    notErased.map(({ what, count, why }) => [what, count === null ? 'unknown' : String(count), why]),
  )
}

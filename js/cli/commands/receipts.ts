// `dacc receipts`: what was sent, and what never was.

import type { Command } from 'commander'
import { addHomeFlags, executeRightsCommand, HOME_ARGUMENT } from '../rights/command.ts'
import { fitted, type JsonFlags } from '../rights/sentences.ts'
import { printTable } from '../terminal/tables.ts'

interface Receipts {
  receipts: {
    state: string
    left: 'yes' | 'no' | 'maybe'
    period: string
    changedAt: string
    consent: { id: string; version: string | null; date: string | null; history?: string } | null
    status: number | null
    reason: string | null
    payload: string | null
  }[]
  states: Record<string, number>
  malformed: number
  settledUntil?: string
}

/** Adds `dacc receipts` to the program. */
export function receipts(dacc: Command): void {
  const command = dacc
    .command('receipts')
    .summary('show what was sent, when and on which consent, and what never was')
    .description(
      'Shows from the ledger what left, when, on which consent and with which answer, to the '
        + 'letter; and what never left, and why.',
    )
    .argument('<HOME>', HOME_ARGUMENT)
    .option('--json', 'one JSON document')
    .addHelpText(
      'after',
      `
Example:
  dacc receipts home.json`,
    )
  addHomeFlags(command).action(async (home: string, flags: JsonFlags) => {
    const result = await executeRightsCommand<Receipts>({ command: { receipts: {} }, home }, flags)
    if (flags.json) return void process.stdout.write(`${JSON.stringify(result)}\n`)
    if (result.receipts.length === 0) {
      return void process.stdout.write(
        result.settledUntil === undefined
          ? 'Nothing was ever planned or sent.\n'
          : `${fitted(forgotten(result.settledUntil))}\n`,
      )
    }
    printTable(
      ['left', 'when', 'consent', 'answer', 'payload, and why'],
      result.receipts.map((receipt) => [
        receipt.left,
        receipt.changedAt.slice(0, 16).replace('T', ' '),
        consentOf(receipt.consent),
        receipt.status === null ? '–' : String(receipt.status),
        `${receipt.payload ?? 'a payload that cannot be sent'} ${receipt.left === 'yes' && receipt.state === 'sent' ? '' : `(${receipt.state}: ${receipt.reason ?? ''})`}`.trim(),
      ]),
    )
    process.stdout.write(
      `\n${Object.entries(result.states)
        .map(([state, count]) => `${count} ${state}`)
        .join(', ')}\n`,
    )
    if (result.settledUntil !== undefined) process.stdout.write(`\n${fitted(forgotten(result.settledUntil))}\n`)
    if (result.malformed > 0) process.stderr.write(`${result.malformed} documents of the ledger are no contributions\n`)
  })
}

/** The sentence about entries that retention has deleted. */
function forgotten(settledUntil: string): string {
  return `What was sent of days and months up to ${settledUntil} was kept long enough and deleted; nothing of them is planned any more.`
}

/** The accepted version; for a former home it is in the history. */
function consentOf(consent: Receipts['receipts'][number]['consent']): string {
  if (consent === null) return '–'
  return `${consent.version ?? consent.id}${consent.history === undefined ? '' : ' (in the history)'}`
}

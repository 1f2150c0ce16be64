// `dacc record`: the record of processing activities.

import type { Command } from 'commander'
import { processingRecord } from '../../../pkg/wasm/dacc_aggregator.js'
import { load } from '../../api/index.node.ts'
import { addClockFlags, type ComputationFlags, readOptions } from '../options/computation-options.ts'

/** Adds `dacc record` to the program. */
export function record(dacc: Command): void {
  const command = dacc
    .command('record')
    .summary('print the record of processing activities (GDPR, article 30)')
    .description('Prints the record of processing activities, made of the catalog and of the registry of what is kept.')
    .option('--json', 'one JSON document')
    .addHelpText(
      'after',
      `
Example:
  dacc record > record.md`,
    )
  addClockFlags(command).action(async (flags: ComputationFlags & { json?: boolean }) => {
    const result = processingRecord(await readOptions(flags, await load()))
    if (flags.json) return void process.stdout.write(`${JSON.stringify(result)}\n`)
    const line = (...parts: string[]) => process.stdout.write(`${parts.join('')}\n`)
    line('# Record of processing activities\n')
    line('- Whose data: ', result.dataSubjects)
    line('- Where: ', result.whereProcessed)
    line('- Legal basis: ', result.legalBasis)
    line('- Recipient: ', result.recipient)
    line('- Transfers: ', result.transfers)
    line('\n## What is kept, what for, how long\n')
    for (const { name, doctype, purpose, kept, commands } of result.collections) {
      line(`- **${name}**${doctype === null ? '' : ` (\`${doctype}\`)`}: ${purpose}. Kept: ${kept}.`)
      for (const [command, does] of commands) line(`  - ${command}: ${does}`)
    }
    line('\n## What is computed, and what for\n')
    for (const { name, period, purpose, groups } of result.indicators) {
      line(`- **${name}**, by ${period}${groups.length > 0 ? `, by ${groups.join(', ')}` : ''}: ${purpose}`)
    }
    line('\n## Security\n')
    for (const each of result.security) line('- ', each)
  })
}

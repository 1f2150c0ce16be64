import type { Command } from 'commander'
import { load } from '../index.node.ts'
import type { Catalog } from '../index.d.ts'
import { UsageError, isRefusal } from './errors.ts'
import { readObject } from './json.ts'
import { Output } from './output.ts'

/** `dacc definitions`: what the DACC server imports. */
export function definitions(dacc: Command): void {
  dacc
    .command('definitions')
    .summary('print the definitions file that the DACC server imports')
    .description('Prints, as JSON, the definitions file that the DACC server imports: a measure is\n'
      + 'taken only if its definition is there.')
    .option('--catalog <file>', 'a catalog as JSON, instead of the built-in one')
    .option('--org <name>', 'the organisation (default: grandlyon)')
    .option('--created-by <name>', 'who makes the measures (default: ecolyo)')
    .addHelpText('after', `
Example:
  dacc definitions --catalog indicators.json > definitions.json`)
    .action((flags: DefinitionsFlags) => run(flags))
}

interface DefinitionsFlags {
  catalog?: string
  org?: string
  createdBy?: string
}

async function run({ catalog: file, org, createdBy }: DefinitionsFlags): Promise<void> {
  const dacc = await load()
  const catalog = file === undefined ? undefined : await readObject(file) as unknown as Catalog
  const output = new Output()
  try {
    const made = dacc.definitions({
      ...(catalog !== undefined && { catalog }),
      ...(org !== undefined && { org }),
      ...(createdBy !== undefined && { createdBy }),
    })
    await output.line(JSON.stringify(made, null, 2))
  } catch (error) {
    if (!isRefusal(error) || file === undefined) throw error
    throw new UsageError(`${file}: ${error.message.replace(/^(?:options: )?(?:catalog: )?/, '')}`)
  }
  await output.flush()
}

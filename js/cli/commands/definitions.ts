// `dacc definitions`: prints the definitions for a DACC, and compares them with a server's.

import type { Command } from 'commander'
import { load } from '../../api/index.node.ts'
import { type Definition, DefinitionsError, readDefinitions } from '../../stand-in/dacc/definitions.ts'
import type { Catalog, Dacc, Definitions } from '../../types/index.d.ts'
import { adopt } from '../definitions/adopt.ts'
import { type Comparison, compare, type Difference } from '../definitions/compare.ts'
import { readObject } from '../input/json-object.ts'
import { formatColumns } from '../terminal/columns.ts'
import { isRefusal, NegativeAnswer, printable, UsageError } from '../terminal/errors.ts'
import { Output } from '../terminal/output.ts'
import { counted } from '../terminal/progress.ts'

/** Adds `dacc definitions` to the program. */
export function definitions(dacc: Command): void {
  dacc
    .command('definitions')
    .summary("print the definitions file that the DACC server imports, or compare it with the server's")
    .description(
      'Prints, as JSON, the definitions file that the DACC server imports: a measure is\n'
        + 'taken only if its definition is there.',
    )
    .option('--catalog <file>', 'a catalog as JSON, instead of the built-in one')
    .option('--org <name>', 'the organisation (default: grandlyon)')
    .option('--created-by <name>', 'who makes the measures (default: ecolyo)')
    .option('--diff <file>', 'print instead how the definitions file of a server differs: names, keys, ids, thresholds')
    .option('--adopt <file>', 'print instead a catalog that has the names, keys, ids and thresholds of that file')
    .option('--json', 'with --diff: one JSON document')
    .addHelpText(
      'after',
      `
An import overwrites the row of an id. So a definition has the id that its
catalog says, and one without an id is left out. Ends with 3 if something is
left out, differs, or cannot be adopted.

Example:
  dacc definitions --diff server.json
  dacc definitions --adopt server.json > catalog.json
  dacc definitions --catalog catalog.json > definitions.json`,
    )
    .action((flags: DefinitionsFlags) => run(flags))
}

interface DefinitionsFlags {
  catalog?: string
  org?: string
  createdBy?: string
  diff?: string
  adopt?: string
  json?: boolean
}

async function run(flags: DefinitionsFlags): Promise<void> {
  const { catalog: file, diff, adopt } = flags
  if (diff !== undefined && adopt !== undefined) throw new UsageError('--diff and --adopt: one at a time')
  if (flags.json === true && diff === undefined)
    throw new UsageError('--json goes with --diff; a definitions file and a catalog are JSON as they are')
  const dacc = await load()
  const catalog = file === undefined ? undefined : ((await readObject(file)) as Catalog)
  const made = createDefinitions(dacc, catalog, flags).definitions
  if (diff !== undefined) return tell(compare(made, await ofServer(diff)), diff, flags.json === true)
  if (adopt !== undefined) {
    const builtIn = dacc.catalog().indicators.map(({ name }) => name)
    return takeOver(catalog, compare(made, await ofServer(adopt)), builtIn)
  }
  await print({ definitions: made.filter(({ id }) => id !== undefined) })
  const without = made.filter(({ id }) => id === undefined).map(({ name }) => name)
  if (without.length > 0) {
    throw new NegativeAnswer(
      `left out, for an import overwrites the row of an id and these have none: ${without.map(printable).join(', ')}; `
        + 'give each an "id" in the catalog that is free on the server',
    )
  }
}

function createDefinitions(
  dacc: Dacc,
  catalog: Catalog | undefined,
  { catalog: file, org, createdBy }: DefinitionsFlags,
): Definitions {
  try {
    return dacc.definitions({
      ...(catalog !== undefined && { catalog }),
      ...(org !== undefined && { org }),
      ...(createdBy !== undefined && { createdBy }),
    })
  } catch (error) {
    if (!isRefusal(error) || file === undefined) throw error
    throw new UsageError(`${file}: ${error.message.replace(/^(?:options: )?(?:catalog: )?/, '')}`)
  }
}

/** Reads the definitions of a server from a file. */
async function ofServer(file: string): Promise<readonly Definition[]> {
  const held = await readObject(file)
  if (Array.isArray(held['indicators']))
    throw new UsageError(`${file}: this is a catalog; the definitions file of a server is needed, {"definitions": […]}`)
  try {
    return [...readDefinitions(held as unknown as Definitions).values()].map(checked)
  } catch (error) {
    if (!(error instanceof DefinitionsError)) throw error
    throw new UsageError(
      `${file}: this is no definitions file that the server could have imported. ${error.message.replace(/\.$/, '')}`,
    )
  }
}

function checked(definition: Definition, at: number, all: readonly Definition[]): Definition {
  const { id } = definition
  if (id === undefined) return definition
  if (!Number.isInteger(id) || id < 1)
    throw new DefinitionsError(`Definition ${at + 1} of the definitions file: its id is not a whole number from 1`)
  if (all.findIndex((other) => other.id === id) < at)
    throw new DefinitionsError(`Definition ${at + 1} of the definitions file: the id ${id} is taken`)
  return definition
}

async function print(document: object): Promise<void> {
  const output = new Output()
  await output.line(JSON.stringify(document, null, 2))
  await output.flush()
}

async function tell({ differences, pairs }: Comparison, file: string, isJson: boolean): Promise<void> {
  const differing = new Set(differences.map(({ measureName }) => measureName))
  const same = pairs.filter(({ here }) => !differing.has(here.name)).length
  if (isJson) {
    await print({ same, differences })
  } else {
    const output = new Output()
    if (differences.length > 0)
      await output.line(formatColumns(['measure', 'differs in', 'here and there'], differences.map(rowOf)))
    await output.flush()
    process.stderr.write(`${counted(same, 'definition')} the same.\n`)
  }
  if (differences.length > 0) {
    const open = differences.filter(({ notAdopted }) => notAdopted !== undefined).length
    throw new NegativeAnswer(
      `${file}: ${counted(differences.length, 'difference')}; ${
        open === 0
          ? '--adopt writes a catalog without them'
          : `--adopt can take over ${differences.length - open} of them`
      }`,
    )
  }
}

function rowOf(difference: Difference): string[] {
  return [printable(difference.measureName), difference.in, sentenceOf(difference)]
}

function sentenceOf({ in: aspect, here, there, notAdopted }: Difference): string {
  const of = (value: Difference['here']) =>
    printable(
      typeof value === 'object' ? value.map((key) => key || '(none)').join(' ') || '(none)' : String(value ?? '(none)'),
    )
  const both =
    aspect === 'missing'
      ? 'the server has no such definition'
      : aspect === 'unknown'
        ? 'only the server has it'
        : `${of(here)} here, ${of(there)} there`
  return notAdopted === undefined ? both : `${both} (not adopted: ${notAdopted})`
}

async function takeOver(
  catalog: Catalog | undefined,
  comparison: Comparison,
  builtIn: readonly string[],
): Promise<void> {
  await print(adopt(catalog, comparison, builtIn))
  const left = comparison.differences.filter(({ notAdopted }) => notAdopted !== undefined)
  for (const difference of left) {
    process.stderr.write(`${printable(difference.measureName)}: ${difference.in}: ${sentenceOf(difference)}\n`)
  }
  if (left.length > 0) throw new NegativeAnswer(`${counted(left.length, 'difference')} cannot be adopted`)
}

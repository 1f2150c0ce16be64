// Judges measures: are they valid, and what would the real server do with them?

import type { Command } from 'commander'
import {
  type Definition,
  type Definitions,
  GROUPS,
  groupKey,
  readDefinitions,
} from '../../stand-in/dacc/definitions.ts'
import { judge } from '../../stand-in/dacc/measure.ts'
import { JsonNumber, type JsonObject, parse, toPlain } from '../../stand-in/dacc/python-json.ts'
import { type Fault, strictFaults } from '../../stand-in/dacc/strict-rules.ts'
import type { Catalog, Dacc, WholeCatalog } from '../../types/index.d.ts'
import { readObject } from '../input/json-object.ts'
import {
  duplicateKeys,
  fieldPosition,
  findJsonError,
  type MeasureText,
  type Position,
  shiftPosition,
} from '../input/measure-file.ts'
import { readConfig } from '../options/config-file.ts'
import { isRefusal, UsageError } from '../terminal/errors.ts'
import { type AllowedValues, allowedValues } from './allowed-values.ts'

/** What the real server does with a measure, whatever its status says. */
export type ServerAction = 'stores' | 'stores-as-is' | 'blocks' | 'loses' | 'refuses' | 'fails'

/** A fault in one field of a measure. */
export interface Finding extends Position {
  /** `value`, `group1.slug`; empty for the whole measure. */
  field: string
  sentence: string
}

/** The judgement on one measure. */
export interface Judgement {
  measure: MeasureText
  action: ServerAction
  /** The status that the real server answers with. */
  status: 201 | 400 | 500
  /** What is wrong; a measure without is good. */
  faults: Finding[]
  /** The same for two measures of one cell. */
  cell: string | undefined
}

/** The actions of the server as words for a sentence. */
export const SERVER_ACTIONS: Readonly<Record<ServerAction, string>> = {
  stores: 'the server takes it',
  'stores-as-is': 'the server answers 201 and stores it as it stands',
  blocks: 'the server answers 201, and can aggregate no such measure any more',
  loses: 'the server answers 201 and loses it',
  refuses: 'the server answers 400',
  fails: 'the server answers 500',
}

/** Judges measures by strict rules, and says what the real server would do. */
export class Judge {
  readonly #definitions: ReadonlyMap<string, Definition>
  readonly #allowed: ReadonlyMap<string, (AllowedValues | undefined)[]>
  readonly #monthsOfRuns: boolean

  /** `monthsOfRuns`: a monthly measure carries the day of its run. */
  constructor(definitions: Definitions, catalog: WholeCatalog, monthsOfRuns: boolean) {
    this.#monthsOfRuns = monthsOfRuns
    this.#definitions = readDefinitions(definitions)
    this.#allowed = allowedValues(catalog)
  }

  judge(measure: MeasureText): Judgement {
    const broken = findJsonError(measure.text)
    if (broken !== undefined) {
      const found = { ...shiftPosition(measure.text, broken.at, measure), field: '', sentence: broken.sentence }
      return { measure, action: 'fails', status: 500, faults: [found], cell: undefined }
    }
    const body = parse(measure.text)
    const verdict = judge(measure.text, body, this.#definitions)
    const faults = body instanceof Map ? this.#faults(body) : [fault([], 'a measure is a JSON object')]
    for (const path of duplicateKeys(measure.text))
      faults.push(fault(path, `${path.join('.')} is there twice; leave one out`))
    // What the server refuses for a reason of its own is refused all the same.
    if (faults.length === 0 && verdict.kind !== 'stored') faults.push(fault([], verdict.error))
    const found = faults.map(({ path, sentence }) => ({
      ...fieldPosition(measure, path),
      field: path.join('.'),
      sentence: sentence.replace(/\.$/, ''),
    }))
    const cell = body instanceof Map && faults.length === 0 ? cellOf(body) : undefined
    if (verdict.kind === 'refused') {
      return {
        measure,
        action: verdict.status === 400 ? 'refuses' : 'fails',
        status: verdict.status,
        faults: found,
        cell,
      }
    }
    const isBlocking = verdict.kind === 'stored' && verdict.measure.poison !== undefined
    const action =
      verdict.kind === 'lost' ? 'loses' : isBlocking ? 'blocks' : faults.length > 0 ? 'stores-as-is' : 'stores'
    return { measure, action, status: 201, faults: found, cell }
  }

  #faults(measure: JsonObject): Fault[] {
    const name = measure.get('measureName')
    if (name === undefined) return [fault(['measureName'], 'measureName is missing; it must be a name of the catalog')]
    const definition = typeof name === 'string' ? this.#definitions.get(name) : undefined
    if (definition === undefined) {
      return [fault(['measureName'], 'measureName is not one of the catalog; dacc definitions names them')]
    }
    const keys = faultsOfKeys(measure, definition)
    const isOfKeys = ({ path: [group] }: Fault) => keys.some(({ path }) => path[0] === group)
    return [
      ...strictFaults(measure, definition).filter((fault) => !isOfKeys(fault)),
      ...faultOfDigits(measure),
      ...keys,
      ...this.#faultsOfValues(measure, definition),
      ...(this.#monthsOfRuns ? [] : faultOfMonth(measure, definition)),
    ]
  }

  /** Group values that no run gives: each would be a group of its own. */
  #faultsOfValues(measure: JsonObject, definition: Definition): Fault[] {
    const allowed = this.#allowed.get(definition.name) ?? []
    return GROUPS.flatMap((group, at) => {
      const key = groupKey(definition, group)
      const value = key === undefined ? undefined : asGroup(measure, group)?.get(key)
      const only = allowed[at]
      if (key === undefined || typeof value !== 'string' || only === undefined || only.admits(value)) return []
      return [fault([group, key], `${group}.${key} is a value of its own; it must be ${only.says}`)]
    })
  }
}

/** The flags that say by which catalog to judge. */
export interface JudgeFlags {
  catalog?: string
  config?: string
}

/** Adds those flags to a command. */
export function addJudgeFlags(command: Command): Command {
  return command
    .option('--catalog <file>', 'a catalog as JSON, instead of the built-in one')
    .option('--config <file>', 'the options that the measures were made with, as a JSON object')
}

/** Creates a judge for the built-in catalog or that of a file, and for the options of a configuration. */
export async function createJudge(dacc: Dacc, { catalog: file, config }: JudgeFlags): Promise<Judge> {
  const options = config === undefined ? {} : await readConfig(config, dacc)
  const isOfRuns = options.monthlyStartDate === 'run-date'
  const catalog = file === undefined ? options.catalog : ((await readObject(file)) as unknown as Catalog)
  if (catalog === undefined) return new Judge(dacc.definitions(), dacc.catalog(), isOfRuns)
  try {
    return new Judge(dacc.definitions({ catalog }), dacc.catalog(catalog), isOfRuns)
  } catch (error) {
    if (!isRefusal(error)) throw error
    throw new UsageError(`${file ?? config}: ${error.message.replace(/^(?:options: )?(?:catalog: )?/, '')}`)
  }
}

function fault(path: readonly string[], sentence: string): Fault {
  return { path, sentence }
}

function faultsOfKeys(measure: JsonObject, definition: Definition): Fault[] {
  return GROUPS.flatMap((group): Fault[] => {
    const key = groupKey(definition, group)
    const given = measure.get(group)
    const wanted = key === undefined ? '' : `{"${key}": …}`
    if (given === undefined) return key === undefined ? [] : [fault([group], `${group} is missing; write ${wanted}`)]
    if (key === undefined)
      return [fault([group], `${group} is one too many; ${definition.name} has no such group, leave it out`)]
    if (!(given instanceof Map) || given.size === 0)
      return [fault([group], `${group} is not an object with one key; write ${wanted}`)]
    const [first = ''] = given.keys()
    return first === key ? [] : [fault([group], `${group} has the key ${JSON.stringify(first)}; write ${wanted}`)]
  })
}

/** A value as a run writes it. */
const AS_WRITTEN = /^(?:0|-?[1-9]\d*|-?(?:0|[1-9]\d*)\.\d?[1-9])$/

/** A number that no run writes so. */
function faultOfDigits(measure: JsonObject): Fault[] {
  const value = measure.get('value')
  if (!(value instanceof JsonNumber) || !Number.isFinite(value.value) || AS_WRITTEN.test(value.text)) return []
  return [
    fault(
      ['value'],
      `value is written ${value.text}; it has two decimals at most, no exponent, no needless zero, and no sign before 0`,
    ),
  ]
}

function faultOfMonth(measure: JsonObject, { aggregationPeriod, name }: Definition): Fault[] {
  const startDate = measure.get('startDate')
  if (aggregationPeriod !== 'month' || typeof startDate !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(startDate))
    return []
  return startDate.endsWith('-01')
    ? []
    : [
        fault(
          ['startDate'],
          `startDate is not the first of a month; ${name} is monthly, and carries the day of its run only where a configuration says so (--config)`,
        ),
      ]
}

function asGroup(measure: JsonObject, group: string): JsonObject | undefined {
  const given = measure.get(group)
  return given instanceof Map ? given : undefined
}

function cellOf(measure: JsonObject): string {
  return JSON.stringify(
    ['createdBy', 'measureName', 'startDate', ...GROUPS].map((field) => toPlain(measure.get(field) ?? null)),
  )
}

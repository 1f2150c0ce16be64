// Compares the definitions of a catalog with those of a server.

import { type Definition, GROUPS, groupKey, thresholdOf } from '../../stand-in/dacc/definitions.ts'

/** What a definition differs in; `missing` there, or `unknown` here. */
export type Aspect = 'name' | 'id' | 'keys' | 'threshold' | 'period' | 'created-by' | 'missing' | 'unknown'

export interface Difference {
  /** The measure's name here; of one that is unknown here its name there. */
  readonly measureName: string
  readonly in: Aspect
  readonly here?: string | number | readonly string[]
  readonly there?: string | number | readonly string[]
  /** Why a catalog cannot take over what the server has; absent where it can. */
  readonly notAdopted?: string
}

/** The definition of a catalog and the one of the server that is its own. */
interface Pair {
  readonly here: Definition
  readonly there: Definition
}

export interface Comparison {
  readonly differences: readonly Difference[]
  readonly pairs: readonly Pair[]
}

/** Below this a group would tell of too few homes. */
const LEAST_THRESHOLD = 5

/**
 * Compares by name, then by row: the server can know a measure by another name.
 * Rows of other apps are nothing of ours, unless a row of ours would overwrite them.
 */
export function compare(here: readonly Definition[], there: readonly Definition[]): Comparison {
  const pairs = new Map<Definition, Definition>()
  const taken = new Set<Definition>()
  const pair = (one: Definition, found: Definition | undefined) => {
    if (found === undefined || taken.has(found)) return
    pairs.set(one, found)
    taken.add(found)
  }
  for (const one of here)
    pair(
      one,
      there.find(({ name }) => name === one.name),
    )
  for (const one of here) {
    if (pairs.has(one) || one.id === undefined) continue
    pair(
      one,
      there.find(({ id, createdBy }) => id === one.id && createdBy === one.createdBy),
    )
  }
  const own = new Set(here.map(({ createdBy }) => createdBy))
  return {
    pairs: [...pairs].map(([here, there]) => ({ here, there })),
    differences: [
      ...here.flatMap((one) => {
        const other = pairs.get(one)
        return other === undefined ? missing(one, there) : differencesOf(one, other)
      }),
      ...there
        .filter((one) => !taken.has(one) && own.has(one.createdBy))
        .map(
          (one): Difference => ({
            measureName: one.name,
            in: 'unknown',
            there: one.name,
            notAdopted: 'the catalog has no such indicator',
          }),
        ),
    ],
  }
}

function missing({ name, id }: Definition, there: readonly Definition[]): Difference[] {
  const holder = id === undefined ? undefined : there.find((other) => other.id === id)
  return [
    { measureName: name, in: 'missing', here: name, notAdopted: 'the server has to import it first' },
    ...(id === undefined || holder === undefined
      ? []
      : [
          {
            measureName: name,
            in: 'id' as const,
            here: id,
            there: `${id} is ${holder.name}`,
            notAdopted: 'an import would overwrite that row; give this one a free id',
          },
        ]),
  ]
}

function differencesOf(here: Definition, there: Definition): Difference[] {
  const measureName = here.name
  const unlike = whyKeysStay(keysOf(here), keysOf(there))
  const differences: (Difference | false | '' | undefined)[] = [
    here.name !== there.name && {
      // With other groups the server refuses it under any name.
      measureName,
      in: 'name',
      here: here.name,
      there: there.name,
      ...(unlike !== undefined && { notAdopted: 'its groups differ' }),
    },
    there.createdBy !== undefined
      && here.createdBy !== there.createdBy && {
        measureName,
        in: 'created-by',
        here: here.createdBy ?? '',
        there: there.createdBy,
        notAdopted: 'it is a setting: --created-by, createdBy',
      },
    there.id !== undefined
      && here.id !== there.id && {
        measureName,
        in: 'id',
        ...(here.id !== undefined && { here: here.id }),
        there: there.id,
      },
    keysOf(here).join('\n') !== keysOf(there).join('\n') && {
      measureName,
      in: 'keys',
      here: keysOf(here),
      there: keysOf(there),
      ...(unlike !== undefined && { notAdopted: unlike }),
    },
    thresholdOf(here) !== thresholdOf(there) && {
      measureName,
      in: 'threshold',
      here: thresholdOf(here),
      there: thresholdOf(there),
      ...(thresholdOf(there) < LEAST_THRESHOLD && { notAdopted: `fewer than ${LEAST_THRESHOLD} homes are no crowd` }),
    },
    // Public files leave it out for some.
    there.aggregationPeriod
      && here.aggregationPeriod !== there.aggregationPeriod && {
        measureName,
        in: 'period',
        here: here.aggregationPeriod ?? '',
        there: there.aggregationPeriod,
        notAdopted: 'it is another measure',
      },
  ]
  return differences.filter((difference) => typeof difference === 'object')
}

/** The keys of a definition's groups; a gap among them is a key without a name. */
export function keysOf(definition: Definition): readonly string[] {
  const keys = GROUPS.map((group) => groupKey(definition, group) ?? '')
  return keys.slice(0, keys.findLastIndex((key) => key !== '') + 1)
}

/** Why the keys there cannot be names for the groups here, one to one in their order. */
function whyKeysStay(here: readonly string[], there: readonly string[]): string | undefined {
  if (here.length !== there.length) return `${groups(here)} here, ${groups(there)} there`
  if (there.some((key, at) => key !== here[at] && here.includes(key)))
    return 'a key there is that of another group here'
  if (new Set(there).size < there.length || !there.every(isKey)) return 'the keys there are none that a group can have'
  return undefined
}

function groups({ length }: readonly string[]): string {
  return length === 1 ? '1 group' : `${length} groups`
}

function isKey(key: string): boolean {
  const { length } = new TextEncoder().encode(key)
  return length > 0 && length <= 100 && !/\p{Cc}/u.test(key)
}

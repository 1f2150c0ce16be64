// Changes a catalog so that it has the names, keys, ids and thresholds of a server.

import { thresholdOf } from '../../stand-in/dacc/definitions.ts'
import type { Catalog, Indicator, IndicatorChange } from '../../types/index.d.ts'
import { type Comparison, type Difference, keysOf } from './compare.ts'

/** What is taken over of one definition. */
interface Taken {
  name?: string
  id?: number
  aggregationThreshold?: number
  keys?: Record<string, string>
}

/**
 * The catalog with what it can take over; without one, the built-in catalog,
 * changed and not copied. `builtIn` are the names of the built-in indicators.
 */
export function adopt(
  catalog: Catalog | undefined,
  { pairs, differences }: Comparison,
  builtIn: readonly string[],
): Catalog {
  const taken = new Map<string, Taken>()
  for (const { here, there } of pairs) {
    const isTaken = (aspect: Difference['in']) =>
      differences.some(
        (difference) =>
          difference.measureName === here.name && difference.in === aspect && difference.notAdopted === undefined,
      )
    const others = keysOf(there)
    const of: Taken = {
      ...(isTaken('name') && { name: there.name }),
      ...(isTaken('id') && there.id !== undefined && { id: there.id }),
      ...(isTaken('threshold') && { aggregationThreshold: thresholdOf(there) }),
      ...(isTaken('keys') && {
        keys: Object.fromEntries(
          keysOf(here).flatMap((key, at) => (key === others[at] ? [] : [[key, others[at] ?? key]])),
        ),
      }),
    }
    if (Object.keys(of).length > 0) taken.set(here.name, of)
  }
  const { indicators = [], override = {}, ...rest } = catalog ?? { extends: true }
  const changes: Record<string, IndicatorChange> = { ...override }
  for (const name of rest.extends === true ? builtIn : []) {
    const of = taken.get(override[name]?.name ?? name)
    if (of !== undefined) changes[name] = changedFurther(override[name] ?? {}, of)
  }
  const own = indicators.map((indicator) => {
    const of = taken.get(indicator.name)
    return of === undefined ? indicator : changed(indicator, of)
  })
  return {
    ...rest,
    ...(Object.keys(changes).length > 0 && { override: changes }),
    ...((own.length > 0 || rest.extends !== true) && { indicators: own }),
  }
}

/** A change on top of another: its keys are those that the other gave. */
function changedFurther(change: IndicatorChange, { keys, ...rest }: Taken): IndicatorChange {
  if (keys === undefined) return { ...change, ...rest }
  const further = new Map(Object.entries(keys))
  const before = Object.entries(change.keys ?? {}).map(([from, to]) => {
    const last = further.get(to) ?? to
    further.delete(to)
    return [from, last] as const
  })
  const all = [...before, ...further].filter(([from, to]) => from !== to)
  return { ...change, ...rest, keys: Object.fromEntries(all) }
}

/** An indicator of the catalog's own, changed where it stands. */
function changed(indicator: Indicator, { keys = {}, ...rest }: Taken): Indicator {
  const renamed = (key: string) => keys[key] ?? key
  const { groups, identity, events } = indicator
  return {
    ...indicator,
    ...rest,
    ...(events !== undefined && { events: events.map((selector) => withKeys(selector, renamed)) }),
    ...(groups !== undefined && { groups: groups.map((group) => ({ ...group, key: renamed(group.key) })) }),
    ...(identity !== undefined && { identity: identity.map(renamed) }),
  }
}

/** A selector names the groups for which it has sources of its own. */
function withKeys<Selector extends object>(selector: Selector, renamed: (key: string) => string): Selector {
  if (!('groups' in selector) || typeof selector.groups !== 'object' || selector.groups === null) return selector
  const entries: [string, unknown][] = Object.entries(selector.groups)
  return { ...selector, groups: Object.fromEntries(entries.map(([key, source]) => [renamed(key), source])) }
}

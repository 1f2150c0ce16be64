// Finds the values that a group of a measure may have.

import type { Indicator, IndicatorSource, WholeCatalog } from '../../types/index.d.ts'

/** The part of a group's source that says which values there can be. */
type Source = Pick<IndicatorSource, 'values' | 'pattern' | 'other'>

/** The values that a group may have; undefined if the catalog does not limit them. */
export interface AllowedValues {
  admits: (value: string) => boolean
  /** For a sentence: `one of a, b`. */
  says: string
}

/** The allowed values of each group of each measure of a catalog. */
export function allowedValues({ indicators }: WholeCatalog): Map<string, (AllowedValues | undefined)[]> {
  return new Map(
    indicators.map((indicator) => [
      indicator.name,
      (indicator.groups ?? []).map(({ key, source }) => allowedBy([source, ...ofSelectors(indicator, key)])),
    ]),
  )
}

/** The sources that stand for a group's own in some selectors. */
function ofSelectors({ events = [] }: Indicator, key: string): Source[] {
  return events.flatMap(({ groups }) => groups?.[key] ?? [])
}

function allowedBy(sources: readonly Source[]): AllowedValues | undefined {
  const [own = {}, ...others] = sources
  // A list stands for itself and for every selector's source; a pattern only where it is alone.
  if (own.values !== undefined) {
    const values = [...new Set([...own.values, ...(own.other === undefined ? [] : [own.other])])]
    const isOther = others.some(({ values: other, pattern }) => other !== undefined || pattern !== undefined)
    return isOther ? undefined : { admits: (value) => values.includes(value), says: `one of ${values.join(', ')}` }
  }
  if (own.pattern === undefined || others.length > 0) return undefined
  const pattern = new RegExp(`^(?:${own.pattern})$`)
  const { other } = own
  return {
    admits: (value) => value === other || pattern.test(value),
    says: `text like ${own.pattern}${other === undefined ? '' : `, or ${other}`}`,
  }
}

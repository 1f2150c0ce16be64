// CouchDB's order of JSON values.

/**
 * CouchDB's order of JSON values: null < false < true < numbers < strings < arrays < objects;
 * strings as ICU's root collation orders them. A field that is missing comes before everything.
 */
export function collate(left: unknown, right: unknown): number {
  const rank = rankOf(left) - rankOf(right)
  if (rank !== 0) return Math.sign(rank)
  if (typeof left === 'number') return Math.sign(left - (right as number))
  if (typeof left === 'string') return collateStrings(left, right as string)
  if (Array.isArray(left)) return collateArrays(left, right as unknown[])
  if (typeof left === 'object' && left !== null) return collateObjects(left, right as object)
  return 0
}

const icu = new Intl.Collator('und')

function rankOf(value: unknown): number {
  if (value === undefined) return 0
  if (value === null) return 1
  if (value === false) return 2
  if (value === true) return 3
  if (typeof value === 'number') return 4
  if (typeof value === 'string') return 5
  return Array.isArray(value) ? 6 : 7
}

function collateStrings(left: string, right: string): number {
  if (left === right) return 0
  const shorter = Math.min(left.length, right.length)
  let at = 0
  while (at < shorter && left.charCodeAt(at) === right.charCodeAt(at)) at += 1
  // Where two digits differ after the same beginning (dates, counters), ICU has the order of the
  // code units, and asking it is a hundred times slower.
  if (isDigit(left.charCodeAt(at)) && isDigit(right.charCodeAt(at))) {
    return left.charCodeAt(at) < right.charCodeAt(at) ? -1 : 1
  }
  return Math.sign(icu.compare(left, right))
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39
}

function collateArrays(left: readonly unknown[], right: readonly unknown[]): number {
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const order = collate(left[at], right[at])
    if (order !== 0) return order
  }
  return Math.sign(left.length - right.length)
}

function collateObjects(left: object, right: object): number {
  return collateArrays(Object.entries(left).flat(), Object.entries(right).flat())
}

// What the peers use of packages that only the benchmarks install.

declare module 'luxon' {
  export class DateTime {
    static fromISO(text: string, options: { zone: string }): DateTime
    toISODate(): string
    toMillis(): number
    diff(other: DateTime): { as(unit: 'seconds'): number; toMillis(): number }
  }
}

declare module 'lodash' {
  type Key<T> = (item: T) => string | number
  interface Lodash {
    map<T, R>(list: readonly T[] | undefined, change: (item: T, index: number) => R): R[]
    map<T, R>(entries: Record<string, T>, change: (item: T, key: string) => R): R[]
    filter<T>(list: readonly T[], keep: ((item: T) => boolean) | Partial<T>): T[]
    filter<T>(entries: Record<string, T>, keep: (item: T, key: string) => boolean): T[]
    some<T>(list: readonly T[], like: Partial<T>): boolean
    flatMap<T, R>(list: readonly T[], change: (item: T) => R[]): R[]
    groupBy<T>(list: readonly T[], key: Key<T>): Record<string, T[]>
    countBy<T>(list: readonly T[], key: Key<T>): Record<string, number>
    sortBy<T>(list: readonly T[], keys?: readonly (Key<T> | string)[]): T[]
    keys(entries: object): string[]
    range(end: number): number[]
    meanBy<T>(list: readonly T[], value: (item: T) => number): number
    round(value: number, precision: number): number
  }
  const lodash: Lodash
  export default lodash
}

declare module '@duckdb/node-api' {
  export interface DuckDBConnection {
    runAndReadAll(sql: string): Promise<{ getRowsJson(): unknown[][] }>
  }
  export class DuckDBInstance {
    static create(path: string): Promise<DuckDBInstance>
    connect(): Promise<DuckDBConnection>
  }
}

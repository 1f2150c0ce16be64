// Where a DACC keeps its measures.

import { aggregate, type Groups, type Range } from './aggregation.ts'
import type { Definition } from './definitions.ts'
import type { StoredMeasure } from './measure.ts'

/** The outcome of a measure that the page sent for a home; it may not be sent again. */
export interface Receipt {
  /** A home has one receipt for each cell. */
  readonly cell: string
  readonly payload: string
  readonly status: number
  readonly sentence: string
}

/** Where the DACC keeps its measures, and aggregates them. */
export interface MeasureStore {
  insert(measures: readonly StoredMeasure[]): Promise<void>
  /** The groups of one definition, by startDate. */
  groups(definition: Definition, range: Range): Promise<Groups>
  /** The number of measures. */
  count(): Promise<number>
  /** What the page sent for a home; kept as long as the measures are. */
  receipts(home: string): Promise<readonly Receipt[]>
  keepReceipt(home: string, receipt: Receipt): Promise<void>
  /** Removes the receipts of a home that was replaced. */
  forgetReceipts(home: string): Promise<void>
}

/** Measures in memory, for tests that start hundreds of servers. */
export class MemoryMeasureStore implements MeasureStore {
  readonly #byName = new Map<string, StoredMeasure[]>()
  readonly #receipts = new Map<string, Map<string, Receipt>>()

  async insert(measures: readonly StoredMeasure[]): Promise<void> {
    for (const measure of measures) {
      const ofName = this.#byName.get(measure.measureName)
      if (ofName === undefined) this.#byName.set(measure.measureName, [measure])
      else ofName.push(measure)
    }
  }

  async groups(definition: Definition, range: Range): Promise<Groups> {
    return aggregate(definition, this.#byName.get(definition.name) ?? [], range)
  }

  async count(): Promise<number> {
    return [...this.#byName.values()].reduce((total, { length }) => total + length, 0)
  }

  async receipts(home: string): Promise<readonly Receipt[]> {
    return [...(this.#receipts.get(home)?.values() ?? [])]
  }

  async keepReceipt(home: string, receipt: Receipt): Promise<void> {
    const ofHome = this.#receipts.get(home) ?? new Map<string, Receipt>()
    this.#receipts.set(home, ofHome.set(receipt.cell, receipt))
  }

  async forgetReceipts(home: string): Promise<void> {
    this.#receipts.delete(home)
  }
}

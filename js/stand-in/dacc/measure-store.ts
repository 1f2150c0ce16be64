// Where a DACC keeps its measures.

import { aggregate, type Groups, type Range } from './aggregation.ts'
import type { Definition } from './definitions.ts'
import type { StoredMeasure } from './measure.ts'

/** What became of a measure that was sent from the page, and may not be sent again for that home. */
export interface Receipt {
  /** Of one home and cell there is one. */
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
  /** How many measures there are. */
  count(): Promise<number>
  /** What the page sent for a home: kept beside the measures, since it is true as long as they are there. */
  receipts(home: string): Promise<readonly Receipt[]>
  keepReceipt(home: string, receipt: Receipt): Promise<void>
  /** Another home has taken the place of this one. */
  forgetReceipts(home: string): Promise<void>
}

/** Measures in memory: what tests of the service start hundreds of times. */
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

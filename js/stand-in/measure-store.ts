import { aggregate, type Groups, type Range } from './aggregation.ts';
import type { Definition } from './definitions.ts';
import type { StoredMeasure } from './measure.ts';

/** Where the DACC keeps its measures, and aggregates them. */
export interface MeasureStore {
  insert(measures: readonly StoredMeasure[]): Promise<void>;
  /** The groups of one definition, by startDate. */
  groups(definition: Definition, range: Range): Promise<Groups>;
  /** How many measures there are. */
  count(): Promise<number>;
}

/** Measures in memory: what tests of the service start hundreds of times. */
export class MemoryMeasureStore implements MeasureStore {
  readonly #byName = new Map<string, StoredMeasure[]>();

  async insert(measures: readonly StoredMeasure[]): Promise<void> {
    for (const measure of measures) {
      const ofName = this.#byName.get(measure.measureName);
      if (ofName === undefined) this.#byName.set(measure.measureName, [measure]);
      else ofName.push(measure);
    }
  }

  async groups(definition: Definition, range: Range): Promise<Groups> {
    return aggregate(definition, this.#byName.get(definition.name) ?? [], range);
  }

  async count(): Promise<number> {
    return [...this.#byName.values()].reduce((total, { length }) => total + length, 0);
  }
}

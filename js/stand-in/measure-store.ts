import type { StoredMeasure } from './measure.ts';

/** Where the DACC keeps its measures, in the order of their insertion. */
export interface MeasureStore {
  insert(measure: StoredMeasure): Promise<void>;
  /** All measures, or those of one name. */
  measures(measureName?: string): Promise<readonly StoredMeasure[]>;
}

/** Measures in memory. */
export class MemoryMeasureStore implements MeasureStore {
  readonly #measures: StoredMeasure[] = [];

  async insert(measure: StoredMeasure): Promise<void> {
    this.#measures.push(measure);
  }

  async measures(measureName?: string): Promise<readonly StoredMeasure[]> {
    return this.#measures.filter((measure) => measureName === undefined || measure.measureName === measureName);
  }
}

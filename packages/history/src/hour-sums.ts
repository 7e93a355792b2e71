import { RANKED_METRICS, type RankedMetric } from '@booner/protocol/history-metrics';
import type { HourSummary } from './block-store.ts';
import type { Points } from './points.ts';
import { HOST_SECTION } from './sections.ts';

/** Places of the ranked metrics in a row of samples. */
const PLACES = RANKED_METRICS.map((name) => HOST_SECTION.findIndex(({ metric }) => metric === name));

/** Averages and maxima of the ranked metrics of one host in one hour, while it lasts. */
export class HourSums {
  #samples = 0;
  readonly #sums = new Float64Array(PLACES.length);
  readonly #counts = new Float64Array(PLACES.length);
  readonly #maxima = new Float64Array(PLACES.length).fill(Number.NEGATIVE_INFINITY);

  /** Takes a sample's row of values. */
  addRow(row: Float64Array): void {
    this.#samples++;
    for (const [index, place] of PLACES.entries()) {
      const value = row[place] as number;
      if (!Number.isNaN(value)) this.#add(index, value, 1, value);
    }
  }

  addPoints({ times, counts, series, columns }: Points): void {
    for (let row = 0; row < times.length; row++) this.#samples += counts?.[row] ?? 1;
    for (const [column, { metric, device }] of series.entries()) {
      const index = device === null ? RANKED_METRICS.indexOf(metric as RankedMetric) : -1;
      const values = columns[column];
      if (index === -1 || values === null || values === undefined) continue;
      for (let row = 0; row < times.length; row++) {
        const avg = values.avg[row] as number;
        if (!Number.isNaN(avg)) this.#add(index, avg, values.count?.[row] ?? 1, values.max[row] as number);
      }
    }
  }

  summary(): HourSummary {
    const known = (index: number, value: number): number => (this.#counts[index] === 0 ? Number.NaN : value);
    return {
      samples: this.#samples,
      avg: [...this.#sums].map((sum, index) => known(index, sum / (this.#counts[index] as number))),
      max: [...this.#maxima].map((max, index) => known(index, max)),
    };
  }

  #add(index: number, avg: number, count: number, max: number): void {
    this.#sums[index] = (this.#sums[index] as number) + avg * count;
    this.#counts[index] = (this.#counts[index] as number) + count;
    if (max > (this.#maxima[index] as number)) this.#maxima[index] = max;
  }
}

import type { Series } from '@booner/protocol/history-metrics';
import { type Column, type Points, seriesKey } from './points.ts';

export type RollUpOptions = {
  /** Start of the first point. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Length of a point. */
  readonly stepMs: number;
  readonly wants?: (series: Series) => boolean;
};

type Sums = {
  readonly series: Series;
  readonly sum: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly count: Float64Array;
};

/**
 * Joins samples or points into coarser points with average, minimum, maximum and count. Averages
 * are weighted by the number of samples, so an average of averages is the average of the samples.
 * Points without samples are left out.
 */
export function rollUp(blocks: Iterable<Points>, options: RollUpOptions): Points {
  const { fromMs, toMs, stepMs, wants = () => true } = options;
  const length = Math.max(0, Math.ceil((toMs - fromMs) / stepMs));
  const samples = new Float64Array(length);
  const sums = new Map<string, Sums>();
  let intervalMs = 0;
  for (const points of blocks) {
    intervalMs = Math.max(intervalMs, points.intervalMs);
    const places = placesOf(points.times, options);
    for (let row = 0; row < places.length; row++) {
      const place = places[row] as number;
      if (place !== -1) samples[place] = (samples[place] as number) + (points.counts?.[row] ?? 1);
    }
    for (const [index, series] of points.series.entries()) {
      const column = points.columns[index];
      if (column === null || column === undefined || !wants(series)) continue;
      const key = seriesKey(series);
      const into = sums.get(key) ?? newSums(series, length);
      sums.set(key, into);
      addColumn(into, column, places);
    }
  }
  return pointsOf({ samples, sums: [...sums.values()], intervalMs, options });
}

function newSums(series: Series, length: number): Sums {
  return {
    series,
    sum: new Float64Array(length),
    min: new Float64Array(length).fill(Number.POSITIVE_INFINITY),
    max: new Float64Array(length).fill(Number.NEGATIVE_INFINITY),
    count: new Float64Array(length),
  };
}

/** Returns the point that each row belongs to; -1 outside of the range. */
function placesOf(times: Float64Array, { fromMs, toMs, stepMs }: RollUpOptions): Int32Array {
  const places = new Int32Array(times.length);
  for (let row = 0; row < times.length; row++) {
    const time = times[row] as number;
    places[row] = time < fromMs || time >= toMs ? -1 : Math.floor((time - fromMs) / stepMs);
  }
  return places;
}

function addColumn({ sum, min, max, count }: Sums, column: Column, places: Int32Array): void {
  for (let row = 0; row < places.length; row++) {
    const place = places[row] as number;
    const avg = column.avg[row] as number;
    if (place === -1 || Number.isNaN(avg)) continue;
    const weight = column.count?.[row] ?? 1;
    sum[place] = (sum[place] as number) + avg * weight;
    count[place] = (count[place] as number) + weight;
    if ((column.min[row] as number) < (min[place] as number)) min[place] = column.min[row] as number;
    if ((column.max[row] as number) > (max[place] as number)) max[place] = column.max[row] as number;
  }
}

type Rolled = {
  readonly samples: Float64Array;
  readonly sums: readonly Sums[];
  readonly intervalMs: number;
  readonly options: RollUpOptions;
};

function pointsOf({ samples, sums, intervalMs, options: { fromMs, stepMs } }: Rolled): Points {
  const kept = Uint32Array.from(samples.keys()).filter((place) => (samples[place] as number) > 0);
  const pick = (read: (place: number) => number) => Float64Array.from(kept, read);
  return {
    intervalMs,
    times: pick((place) => fromMs + place * stepMs),
    counts: pick((place) => samples[place] as number),
    series: sums.map(({ series }) => series),
    columns: sums.map(({ sum, min, max, count }) => {
      const known = (values: Float64Array, place: number): number =>
        count[place] === 0 ? Number.NaN : (values[place] as number);
      return {
        avg: pick((place) => known(sum, place) / (count[place] as number)),
        min: pick((place) => known(min, place)),
        max: pick((place) => known(max, place)),
        count: pick((place) => count[place] as number),
      };
    }),
  };
}

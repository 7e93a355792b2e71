import type { Series } from '@booner/protocol/history-metrics';

/** One series of a block, in the unit of its metric. NaN where nothing was measured. */
export type Column = {
  readonly avg: Float64Array;
  /** The same array as `avg` in raw data. */
  readonly min: Float64Array;
  readonly max: Float64Array;
  /** Samples with a value behind each point; `null` in raw data, where it is 0 or 1. */
  readonly count: Float64Array | null;
};

/** Measurements of one host over a stretch of time: samples, or points of a rollup. */
export type Points = {
  /** Longest interval between samples that the host was set to. */
  readonly intervalMs: number;
  /** Unix milliseconds by the hub's clock, ascending: of samples, or the start of each point. */
  readonly times: Float64Array;
  /** Samples behind each point; `null` in raw data, where it is 1. */
  readonly counts: Float64Array | null;
  readonly series: readonly Series[];
  /** In the order of `series`. `null`: not requested. */
  readonly columns: readonly (Column | null)[];
};

/** Identifies a series within a host. Metrics have no spaces. */
export const seriesKey = ({ metric, device }: Series): string =>
  device === null ? metric : `${metric} ${device}`;

/** Returns the rows whose time is wanted. */
export function rowsOf(points: Points, wants: (atMs: number) => boolean): Points {
  const rows = Uint32Array.from(points.times.keys()).filter((row) => wants(points.times[row] as number));
  const pick = (values: Float64Array) => Float64Array.from(rows, (row) => values[row] as number);
  return {
    ...points,
    times: pick(points.times),
    counts: points.counts === null ? null : pick(points.counts),
    columns: points.columns.map((column) =>
      column === null
        ? null
        : {
            avg: pick(column.avg),
            min: pick(column.min),
            max: pick(column.max),
            count: column.count === null ? null : pick(column.count),
          },
    ),
  };
}

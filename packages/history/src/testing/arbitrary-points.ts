import { HISTORY_METRICS, type Series } from '@booner/protocol/history-metrics';
import fc from 'fast-check';
import type { Column, Points } from '../points.ts';

export const BLOCK_START_MS = 1_800_000_000_000;

export const SERIES: readonly Series[] = [
  { metric: 'cpuUsageRatio', device: null },
  { metric: 'memoryUsedBytes', device: null },
  { metric: 'load1Minute', device: null },
  { metric: 'fileSystemUsedBytes', device: '/' },
  { metric: 'fileSystemUsedBytes', device: '/srv/data' },
  { metric: 'processesTotal', device: null },
];

/** Values as they occur: unknown, the same as before, or anything up to an exabyte. */
const arbitraryValue = ({ metric }: Series): fc.Arbitrary<number> => {
  const { unit } = HISTORY_METRICS[metric];
  const most = unit === 'ratio' ? 1 : unit === 'bytes' ? 2 ** 60 : 1e9;
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant(Number.NaN) },
    { weight: 2, arbitrary: fc.constant(most / 2) },
    { weight: 3, arbitrary: fc.double({ min: 0, max: most, noNaN: true }) },
  );
};

/** Samples of a minute: times, and any pattern of unknown values. */
export const arbitraryMinute: fc.Arbitrary<Points> = fc
  .array(fc.integer({ min: 1, max: 59_999 }), { minLength: 1, maxLength: 25 })
  .chain((offsets) => {
    const times = [...new Set(offsets)].sort((a, b) => a - b).map((offset) => BLOCK_START_MS + offset);
    const columns = SERIES.map((series) =>
      fc
        .array(arbitraryValue(series), { minLength: times.length, maxLength: times.length })
        .map((values): Column => {
          const avg = Float64Array.from(values);
          return { avg, min: avg, max: avg, count: null };
        }),
    );
    return fc.tuple(...columns).map((made) => ({
      intervalMs: 3000,
      times: Float64Array.from(times),
      counts: null,
      series: SERIES,
      columns: made,
    }));
  });

import { type Sample, type SeriesHistory, seriesHistorySchema } from '@booner/protocol';
import type { HistoryMetric } from '@booner/protocol/history-metrics';
import type { History } from '../history-port.ts';
import { sampleOf } from './samples.ts';

export const HOST = '10.0.0.2';
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** Unix time by which a history runs. Tests move it. */
export type Clock = { nowMs: number };

/** A history that is empty where its tests write. */
export type ReadingBed = AsyncDisposable & {
  readonly history: Pick<History, 'append' | 'query' | 'rank'>;
  /** Resolves when everything that was appended can be read. */
  settle(): Promise<void>;
};

type Range = { readonly fromMs: number; readonly toMs: number };

const decoder = new TextDecoder();

/** Returns shorthands that write to a bed, and read from it. */
export function useBed(bed: ReadingBed, clock: Clock) {
  const append = (sample: Sample, { host = HOST, intervalMs = 3000 } = {}) => {
    bed.history.append({ host, atMs: clock.nowMs, intervalMs, measurements: sample });
  };
  return {
    append,
    /**
     * Appends a sample of each host each interval until a time; the clock is then at that time.
     * @param measure returns a sample, or its CPU use
     */
    async run(
      toMs: number,
      measure: (atMs: number, host: string) => number | Sample,
      { hosts = [HOST], stepMs = 3000 } = {},
    ) {
      for (; clock.nowMs < toMs; clock.nowMs += stepMs) {
        for (const host of hosts) {
          const measured = measure(clock.nowMs, host);
          append(typeof measured === 'number' ? sampleOf(measured) : measured, { host, intervalMs: stepMs });
        }
        if (clock.nowMs % HOUR_MS === 0) await bed.settle();
      }
    },
    async query(
      fromMs: number,
      toMs: number,
      { points = 500, metrics = ['cpuUsageRatio'] as readonly HistoryMetric[], host = HOST } = {},
    ): Promise<SeriesHistory> {
      await bed.settle();
      const bytes = await bed.history.query({ host, shownAs: null, fromMs, toMs, points, metrics });
      return seriesHistorySchema.parse(JSON.parse(decoder.decode(bytes)));
    },
    /** Returns hosts by a metric, the highest average first. */
    async rank(range: Range, metric: 'cpuUsageRatio' | 'swapUsedBytes' = 'cpuUsageRatio') {
      await bed.settle();
      return (await bed.history.rank({ metric, ...range })).toSorted((a, b) => b.avg - a.avg);
    },
  };
}

/** Returns the series of a metric of the host itself. */
export const seriesOf = (answer: SeriesHistory, metric: HistoryMetric) =>
  answer.series.find((one) => one.metric === metric && one.device === null);

export const cpuOf = (answer: SeriesHistory) => seriesOf(answer, 'cpuUsageRatio');

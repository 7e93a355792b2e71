import type { Annotation } from '@booner/protocol';
import {
  HISTORY_METRICS,
  type HistoryTier,
  type MetricUnit,
  type Series,
} from '@booner/protocol/history-metrics';
import type { Wants } from './decode-blocks.ts';
import type { HistoryEngine } from './history-engine.ts';
import { HistoryError } from './history-error.ts';
import { samplesWithin } from './merge-samples.ts';
import { type Points, seriesKey } from './points.ts';
import { rollUp } from './roll-up.ts';
import { RAW, TIERS, type Tier } from './tiers.ts';

export type HistoryQuery = {
  readonly host: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Highest number of points, 1 to 2000. */
  readonly points: number;
  /** Resolution to read and to answer in, whatever `points` is. Default: the one that fits. */
  readonly tier?: HistoryTier | undefined;
  readonly wants?: Wants;
};

type SeriesPoints = Series & {
  readonly avg: (number | null)[];
  readonly min: (number | null)[];
  readonly max: (number | null)[];
};

/** A `SeriesHistory` of the protocol without its host. */
export type HistoryAnswer = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Resolution that was read. */
  readonly tier: HistoryTier | 'store';
  /** Length of a point; `null` for samples as they were received. */
  readonly stepMs: number | null;
  readonly timesMs: number[];
  readonly series: SeriesPoints[];
  readonly annotations: readonly Annotation[];
};

/** A host is silent when nothing was received for this many intervals or points. */
const SILENT_STEPS = 2.5;

/** Decimals in answers: one more than is stored, since averages of stored values have more. */
const DECIMALS: { readonly [Unit in MetricUnit]: number } = {
  ratio: 4,
  bytes: 0,
  bytesPerSecond: 0,
  perSecond: 2,
  celsius: 2,
  watts: 2,
  load: 3,
  count: 1,
};

/** Bound on the values of an answer, of which each has an average, a minimum and a maximum. */
const MAX_VALUES = 300_000;

/**
 * Reads a range of a host in at most the points that were asked for.
 * @throws HistoryError `too_large` if these have too many values
 */
export function queryHistory(
  engine: HistoryEngine,
  { host, fromMs, toMs, points, tier: wantedTier, wants = () => true }: HistoryQuery,
  nowMs: number,
): HistoryAnswer {
  const named = TIERS.find(({ name }) => name === wantedTier);
  const wantedMs = named === undefined ? (toMs - fromMs) / points : 0;
  const tier = named ?? chooseTier(engine, wantedMs, fromMs);
  const pointMs = Math.max(1, Math.ceil(wantedMs / tier.stepMs)) * tier.stepMs;
  const firstMs = Math.floor(fromMs / pointMs) * pointMs; // the first point is whole
  const found = engine.collect(host, tier, { fromMs: firstMs, toMs }, wants);
  const intervalMs = found.reduce((most, one) => Math.max(most, one.intervalMs), 0);
  const isSampled = tier === RAW && wantedMs <= intervalMs;
  const stepMs = isSampled ? null : pointMs;
  const rows = stepMs === null ? countRows(found) : Math.ceil((toMs - firstMs) / stepMs);
  boundAnswer(rows * countSeries(found));
  const result =
    stepMs === null
      ? samplesWithin(found, fromMs, toMs)
      : rollUp(found, { fromMs: firstMs, toMs, stepMs, wants });
  return {
    ...answerOf(result, { fromMs, toMs, tier: tier.name, stepMs, nowMs }),
    annotations: engine.annotations(host, { fromMs, toMs }),
  };
}

/**
 * Bounds the values of an answer, which is as many as it has points, times series.
 * @throws HistoryError `too_large`
 */
export function boundAnswer(values: number): void {
  if (values <= MAX_VALUES) return;
  throw new HistoryError(
    'too_large',
    `the answer would have ${values} values, more than ${MAX_VALUES}: ask for fewer metrics or points`,
  );
}

const countRows = (found: readonly Points[]): number =>
  found.reduce((sum, { times }) => sum + times.length, 0);

/** Counts the series that were requested, over all blocks. */
function countSeries(found: readonly Points[]): number {
  const keys = new Set<string>();
  for (const { series, columns } of found) {
    for (const [index, one] of series.entries()) if (columns[index]) keys.add(seriesKey(one));
  }
  return keys.size;
}

/**
 * Returns the coarsest tier that is fine enough. If its data begins after `fromMs`, because older
 * blocks were deleted, returns the next tier that has older data.
 */
function chooseTier(engine: Pick<HistoryEngine, 'oldestMs'>, wantedMs: number, fromMs: number): Tier {
  let chosen = TIERS.findLast(({ stepMs }) => stepMs <= wantedMs) ?? RAW;
  for (const tier of TIERS.slice(chosen.index + 1)) {
    const oldestMs = engine.oldestMs(chosen);
    if (oldestMs === null || oldestMs <= fromMs) return chosen;
    const coarserMs = engine.oldestMs(tier);
    // A block may begin before its data does.
    if (coarserMs !== null && coarserMs + tier.blockMs <= oldestMs) chosen = tier;
  }
  return chosen;
}

/** What was asked for, and how it was answered. */
export type Answered = Pick<HistoryAnswer, 'fromMs' | 'toMs' | 'tier' | 'stepMs'> & {
  readonly nowMs: number;
};

/** Turns points into columns of plain numbers, with a row of `null` where a silence begins. */
export function answerOf(
  points: Points,
  { nowMs, ...answered }: Answered,
): Omit<HistoryAnswer, 'annotations'> {
  const { stepMs, toMs } = answered;
  const { times, series, columns } = points;
  const lengthMs = Math.max(stepMs ?? 0, points.intervalMs);
  const endMs = Math.min(toMs, nowMs);
  /** Row of each time; -1 for a silence. */
  const rows: number[] = [];
  const timesMs: number[] = [];
  for (let row = 0; row < times.length; row++) {
    const atMs = times[row] as number;
    rows.push(row);
    timesMs.push(atMs);
    const nextMs = times[row + 1] ?? endMs;
    if (nextMs - atMs <= SILENT_STEPS * lengthMs) continue;
    rows.push(-1);
    timesMs.push(atMs + lengthMs);
  }
  return {
    ...answered,
    timesMs,
    series: series.flatMap((one, index) => {
      const column = columns[index];
      if (column === null || column === undefined) return [];
      const scale = 10 ** DECIMALS[HISTORY_METRICS[one.metric].unit];
      const numbers = (values: Float64Array) =>
        rows.map((row) => {
          const value = row === -1 ? Number.NaN : (values[row] as number);
          return Number.isNaN(value) ? null : Math.round(value * scale) / scale;
        });
      const avg = numbers(column.avg);
      if (avg.every((value) => value === null)) return [];
      if (column.min === column.avg) return [{ ...one, avg, min: avg, max: avg }];
      return [{ ...one, avg, min: numbers(column.min), max: numbers(column.max) }];
    }),
  };
}

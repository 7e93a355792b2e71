import {
  answerOf,
  boundAnswer,
  type HistoryRequest,
  type Points,
  type RankedHost,
  type RankRequest,
} from '@booner/history';
import type { HistoryMetric } from '@booner/protocol/history-metrics';
import type { Secret } from '@booner/service';
import { boundedText } from './bounded-text.ts';
import { STORED_METRICS, type StoredMetric } from './prometheus-names.ts';
import { type Aggregate, overTime } from './prometheus-queries.ts';

/** The shortest point that is asked for: longer than most intervals. */
const MIN_STEP_MS = 10_000;
/** Points that end later than this long ago are asked for together with some in the future. */
const RECENT_MS = 60_000;
const DEADLINE_MS = 30_000;
const MAX_ANSWER_BYTES = 16 * 2 ** 20;
/** Queries of one request at a time. */
const CONCURRENCY = 6;

const AGGREGATES = ['avg', 'min', 'max'] as const satisfies readonly Aggregate[];

export type PrometheusReaderOptions = {
  /** Base URL of the Prometheus HTTP API, without `/api/v1`. */
  readonly url: URL;
  /** Value of the header `Authorization`; `null`: none. */
  readonly authorization: Secret | null;
  readonly nowMs: () => number;
};

/** A store that could not be asked, or refused to answer. */
export class StoreError extends Error {
  readonly code = 'store_unavailable';
  readonly failureKind = 'expected';
  override readonly name = 'StoreError';
}

export type PrometheusReader = {
  /**
   * Reads a range of a host. Rejects with StoreError, or HistoryError `too_large`.
   * @returns a `SeriesHistory` as JSON
   */
  query(request: HistoryRequest): Promise<Uint8Array<ArrayBuffer>>;
  /** Rejects with StoreError. */
  rank(request: RankRequest): Promise<readonly RankedHost[]>;
};

/**
 * Reads ranges and rankings over the Prometheus HTTP API
 * (https://prometheus.io/docs/prometheus/latest/querying/api/) from the store that remote write
 * sends to.
 */
export function createPrometheusReader(options: PrometheusReaderOptions): PrometheusReader {
  const ask = <T>(path: string, parameters: Readonly<Record<string, string>>) =>
    askStore<T>(options, path, parameters);

  /** @param onSeries called for each series that is found; may throw */
  async function readMetric(
    metric: HistoryMetric,
    host: string,
    { grid, onSeries }: { readonly grid: Grid; readonly onSeries: () => void },
  ): Promise<FoundSeries[]> {
    const stored = STORED_METRICS[metric];
    const found = new Map<string, FoundSeries>();
    const window = {
      labels: { instance: host },
      by: stored.device ?? [],
      rangeMs: grid.stepMs,
      count: grid.length,
    };
    for (const aggregate of AGGREGATES) {
      const { result } = await ask<Matrix>('query_range', {
        query: overTime(aggregate, stored, window),
        start: seconds(grid.startMs + grid.stepMs), // a point is what came before its time
        end: seconds(grid.askedEndMs),
        step: seconds(grid.stepMs),
      });
      for (const { metric: labels, values } of result) {
        const device = deviceOf(stored, labels);
        const known = found.get(device ?? '');
        if (known === undefined) onSeries();
        const series = known ?? newSeries(metric, device, grid.length);
        found.set(device ?? '', series);
        for (const [atSeconds, text] of values) {
          const place = Math.round((atSeconds * 1000 - grid.startMs) / grid.stepMs) - 1;
          if (place >= 0 && place < grid.length) series[aggregate][place] = Number(text);
        }
      }
    }
    return [...found.values()];
  }

  return {
    async query({ host, shownAs, fromMs, toMs, points, metrics }) {
      const stepMs = Math.ceil(Math.max(MIN_STEP_MS, (toMs - fromMs) / points) / MIN_STEP_MS) * MIN_STEP_MS;
      const nowMs = options.nowMs();
      const grid = gridOf({ fromMs, toMs, stepMs }, nowMs);
      let found = 0;
      const onSeries = () => boundAnswer(++found * grid.length);
      const series = await inTurns(metrics, (metric) => readMetric(metric, host, { grid, onSeries }));
      const answered = { fromMs, toMs, stepMs, nowMs, tier: 'store' } as const;
      const answer = answerOf(pointsOf(series.flat(), grid), answered);
      return new TextEncoder().encode(JSON.stringify({ host: shownAs, ...answer, annotations: [] }));
    },

    async rank({ metric, fromMs, toMs }) {
      const window = { labels: {}, by: ['instance'], rangeMs: toMs - fromMs, count: 1 };
      const at = (aggregate: 'avg' | 'max' | 'count') =>
        ask<Vector>('query', {
          query: overTime(aggregate, STORED_METRICS[metric], window),
          time: seconds(toMs),
          nocache: '1', // VictoriaMetrics answers as of another time otherwise, if this one is now
        });
      const [averages, maxima, counts] = [await at('avg'), await at('max'), await at('count')].map(
        ({ result }) =>
          new Map(result.map(({ metric: { instance = '' }, value }) => [instance, Number(value[1])])),
      );
      return [...(averages ?? [])].map(([host, avg]) => ({
        host,
        avg,
        max: maxima?.get(host) ?? avg,
        samples: counts?.get(host) ?? 1,
      }));
    },
  };
}

/** The points of an answer. */
type Grid = {
  readonly startMs: number;
  readonly stepMs: number;
  readonly length: number;
  /** End of the last point that is asked for: one after those of the answer if these are recent. */
  readonly askedEndMs: number;
};
type Labels = Readonly<Record<string, string>>;
type Matrix = {
  readonly result: readonly { readonly metric: Labels; readonly values: [number, string][] }[];
};
type Vector = { readonly result: readonly { readonly metric: Labels; readonly value: [number, string] }[] };
type FoundSeries = { readonly metric: HistoryMetric; readonly device: string | null } & {
  readonly [Name in (typeof AGGREGATES)[number]]: Float64Array;
};

type AskedGrid = Pick<HistoryRequest, 'fromMs' | 'toMs'> & Pick<Grid, 'stepMs'>;

/**
 * Returns the points of a range. VictoriaMetrics takes those of the last 30 s for incomplete and
 * repeats the value before them, unless the last one that is asked for is more than a step ahead of
 * its clock: `adjustLastPoints` in
 * https://github.com/VictoriaMetrics/VictoriaMetrics/blob/master/app/vmselect/prometheus/prometheus.go
 */
function gridOf({ fromMs, toMs, stepMs }: AskedGrid, nowMs: number): Grid {
  const startMs = Math.floor(fromMs / stepMs) * stepMs;
  const length = Math.ceil((toMs - startMs) / stepMs);
  const endMs = startMs + length * stepMs;
  const isRecent = endMs > nowMs - RECENT_MS;
  const aheadMs = isRecent ? Math.max(0, nowMs + 3 * stepMs - endMs) : 0;
  return { startMs, stepMs, length, askedEndMs: endMs + Math.ceil(aheadMs / stepMs) * stepMs };
}

function newSeries(metric: HistoryMetric, device: string | null, length: number): FoundSeries {
  const unknown = () => new Float64Array(length).fill(Number.NaN);
  return { metric, device, avg: unknown(), min: unknown(), max: unknown() };
}

/** Returns the points at which any series has a value. */
function pointsOf(series: readonly FoundSeries[], { startMs, stepMs, length }: Grid): Points {
  const rows = [...Array(length).keys()].filter((row) => series.some(({ avg }) => !Number.isNaN(avg[row])));
  const pick = (values: Float64Array) => Float64Array.from(rows, (row) => values[row] as number);
  return {
    intervalMs: stepMs,
    times: Float64Array.from(rows, (row) => startMs + row * stepMs),
    counts: null,
    series: series.map(({ metric, device }) => ({ metric, device })),
    columns: series.map(({ avg, min, max }) => ({
      avg: pick(avg),
      min: pick(min),
      max: pick(max),
      count: null,
    })),
  };
}

const deviceOf = ({ device }: StoredMetric, labels: Labels): string | null =>
  device === undefined ? null : device.map((label) => labels[label] ?? '').join(' ');

const seconds = (ms: number): string => String(ms / 1000);

async function inTurns<T, R>(list: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < list.length; start += CONCURRENCY)
    results.push(...(await Promise.all(list.slice(start, start + CONCURRENCY).map(run))));
  return results;
}

async function askStore<T>(
  { url, authorization }: PrometheusReaderOptions,
  path: string,
  parameters: Readonly<Record<string, string>>,
): Promise<T> {
  try {
    const response = await fetch(`${url.href.replace(/\/$/, '')}/api/v1/${path}`, {
      method: 'POST', // queries may be too long for a URL
      body: new URLSearchParams(parameters),
      headers: authorization === null ? {} : { authorization: authorization.reveal() },
      redirect: 'error',
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const answer = JSON.parse(await boundedText(response, MAX_ANSWER_BYTES)) as {
      status?: string;
      error?: string;
      data?: T;
    };
    if (answer.status === 'success' && answer.data !== undefined) return answer.data;
    throw new StoreError(`the store answered ${response.status}: ${String(answer.error).slice(0, 300)}`);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new StoreError(`the store cannot be asked: ${(error as Error).message}`, { cause: error });
  }
}

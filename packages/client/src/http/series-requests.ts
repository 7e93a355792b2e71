import type { ComparedHistory, HistoryRanking, SeriesHistory } from '@booner/protocol';
import type { HistoryMetric, MetricGroup, RankedMetric } from '@booner/protocol/history-metrics';
import type { Rest } from './rest.ts';
import { badAnswer, type RequestOptions } from './task-requests.ts';

/** A year of a busy hub is read from its disk. */
const TIMEOUT_MS = 30_000;
const DEFAULT_POINTS = 500;

/**
 * A span of the history: back from now, such as `24h`, `7d` or `1y`, or from one time to another in
 * Unix milliseconds by the hub's clock.
 */
export type SeriesSpan =
  | { readonly range: string }
  | { readonly fromMs: number; readonly toMs?: number | undefined };

export type SeriesQuery = {
  readonly span: SeriesSpan;
  /** Metrics, or groups of them. Default: all metrics of the host, without those of each device. */
  readonly metrics?: readonly (HistoryMetric | MetricGroup)[] | undefined;
  /** Highest number of points, 1 to 2000. Default: 500. */
  readonly points?: number | undefined;
};

export type RankingQuery = {
  readonly metric: RankedMetric | MetricGroup;
  readonly span: SeriesSpan;
  /** Default: `avg`. */
  readonly by?: HistoryRanking['by'] | undefined;
  /** Number of targets. Default: 20. */
  readonly top?: number | undefined;
  /** Targets to rank, such as `role=db`. The empty selector ranks none. Default: all. */
  readonly selector?: string | undefined;
};

/** Whether the hub records the history, and if not, why and since when. */
export type HistoryRecording =
  | { readonly state: 'recording' }
  | { readonly state: 'stopped'; readonly reason: string; readonly sinceMs: number };

/**
 * Each rejects with `BoonerError`, or with the signal's reason. A hub without a history answers
 * 409.
 */
export type SeriesRequests = {
  /**
   * Reads average, minimum and maximum of the metrics of a host.
   * @param host `null`: the main server
   */
  readSeries(host: string | null, query: SeriesQuery, options?: RequestOptions): Promise<SeriesHistory>;
  /**
   * Reads the same of up to 100 targets, with fewer points for many. Unknown ones are omitted from
   * the answer.
   */
  compareSeries(
    hosts: readonly string[],
    query: SeriesQuery & { readonly metrics: readonly (HistoryMetric | MetricGroup)[] },
    options?: RequestOptions,
  ): Promise<ComparedHistory>;
  /** Reads which targets had the highest values of a metric over a range of whole hours. */
  rankTargets(query: RankingQuery, options?: RequestOptions): Promise<HistoryRanking>;
  /** Reads whether the history is recorded. */
  readRecording(options?: RequestOptions): Promise<HistoryRecording>;
};

export function createSeriesRequests(rest: Rest): SeriesRequests {
  const get = async <T>(
    path: string,
    query: Query,
    isAnswer: (answer: T) => boolean,
    signal?: AbortSignal,
  ) => {
    const answer = (await rest({ path, query, signal, timeoutMs: TIMEOUT_MS })) as T | null;
    if (answer === null || !isAnswer(answer)) throw badAnswer();
    return answer;
  };
  return {
    readSeries(host, query, { signal } = {}) {
      const path = host === null ? 'system/history' : `targets/${encodeURIComponent(host)}/history`;
      return get<SeriesHistory>(path, textOf(query), ({ timesMs }) => Array.isArray(timesMs), signal);
    },
    compareSeries(hosts, query, { signal } = {}) {
      const asked = { hosts: hosts.join(), ...textOf(query) };
      return get<ComparedHistory>('history', asked, ({ targets }) => Array.isArray(targets), signal);
    },
    rankTargets({ metric, span, by, top, selector }, { signal } = {}) {
      const asked = { metric, ...spanQuery(span), by, top, selector };
      return get<HistoryRanking>('history', asked, ({ targets }) => Array.isArray(targets), signal);
    },
    async readRecording({ signal } = {}) {
      type Stats = { readonly recording: HistoryRecording };
      const isStats = ({ recording }: Stats) => typeof recording?.state === 'string';
      return (await get<Stats>('history/stats', {}, isStats, signal)).recording;
    },
  };
}

type Query = Readonly<Record<string, string | number | undefined>>;

/** Without `points`, a short range would be answered in the form for live charts. */
const textOf = ({ span, metrics, points = DEFAULT_POINTS }: SeriesQuery): Query => ({
  ...spanQuery(span),
  metrics: metrics?.join(),
  points,
});

/** Parameters of a span. */
export const spanQuery = (span: SeriesSpan): Query =>
  'range' in span ? { range: span.range } : { from: Math.round(span.fromMs), to: roundOf(span.toMs) };

const roundOf = (ms: number | undefined): number | undefined => (ms === undefined ? ms : Math.round(ms));

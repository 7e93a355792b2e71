import type { HistoryStats } from '@booner/protocol';
import type { HistoryMetric, MetricGroup } from '@booner/protocol/history-metrics';
import type { Download, Rest } from './rest.ts';
import { type SeriesSpan, spanQuery } from './series-requests.ts';
import { badAnswer, type RequestOptions } from './task-requests.ts';

export type ExportQuery = {
  /** `null`: the main server. */
  readonly host: string | null;
  readonly span: SeriesSpan;
  /** Default: all metrics of the host, without those of each device. */
  readonly metrics?: readonly (HistoryMetric | MetricGroup)[] | undefined;
  /** Default: `csv`. */
  readonly format?: 'csv' | 'json' | undefined;
};

/**
 * Each rejects with `BoonerError`, or with the signal's reason. A hub without a history answers
 * 409.
 */
export type HistoryFiles = {
  /** Reads whether the history is recorded, and what it takes. */
  readHistoryStats(options?: RequestOptions): Promise<HistoryStats>;
  /** Exports a range of a host, of any length, at the finest resolution that reaches back. */
  exportHistory(query: ExportQuery, options?: RequestOptions): Promise<ReadableStream<Uint8Array>>;
  /** Downloads a consistent copy of the history, an SQLite database. Admins only. */
  backUpHistory(options?: RequestOptions): Promise<ReadableStream<Uint8Array>>;
};

export const createHistoryFiles = (rest: Rest, download: Download): HistoryFiles => ({
  async readHistoryStats({ signal } = {}) {
    const answer = (await rest({ path: 'history/stats', signal })) as HistoryStats | null;
    if (typeof answer?.recording?.state !== 'string') throw badAnswer();
    return answer;
  },
  exportHistory({ host, span, metrics, format }, { signal } = {}) {
    const query = { host: host ?? undefined, ...spanQuery(span), metrics: metrics?.join(), format };
    return download({ path: 'history/export', query, accept: 'text/csv, application/json', signal });
  },
  backUpHistory({ signal } = {}) {
    return download({ path: 'history/backup', accept: 'application/vnd.sqlite3', signal });
  },
});

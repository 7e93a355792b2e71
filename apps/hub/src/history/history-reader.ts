import { type History, HistoryError } from '@booner/history';
import { MAIN_SERVER } from '../fleet/main-server.ts';
import { type PrometheusReader, StoreError } from './prometheus-reader.ts';

export type HistoryReader = Pick<History, 'query' | 'rank'>;

export type HistoryReaderDeps = {
  readonly local: Pick<History, 'query' | 'rank' | 'reach'> | null;
  readonly remote: PrometheusReader | null;
  /** Notified of the outcome of each request to the remote store. */
  readonly failures: { failed(error: StoreError): void; worked(): void };
};

/**
 * Reads what the local history reaches back to from there, and older ranges from a Prometheus
 * store. If that cannot be asked, what is local is better than nothing.
 * @returns `null` if there is neither
 */
export function createHistoryReader({ local, remote, failures }: HistoryReaderDeps): HistoryReader | null {
  if (remote === null) return local;
  const store = remote;

  async function read<T>(
    fromMs: number,
    host: string | null,
    run: (source: HistoryReader) => Promise<T>,
  ): Promise<T> {
    const reachMs = host === MAIN_SERVER ? 0 : ((await local?.reach(host)) ?? null);
    if (local !== null && reachMs !== null && reachMs <= fromMs) return run(local);
    try {
      const found = await run(store);
      failures.worked();
      return found;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      failures.failed(error);
      if (local === null) throw new HistoryError('closed', error.message, { cause: error });
      return run(local);
    }
  }

  return {
    query: (request) => read(request.fromMs, request.host, (source) => source.query(request)),
    rank: (request) => read(request.fromMs, null, (source) => source.rank(request)),
  };
}

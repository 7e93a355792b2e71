import { type History, HistoryError } from '@booner/history';
import type { HistoryStats } from '@booner/protocol';
import { createFailureLog, type Logger, runLoop } from '@booner/service';
import type { Metric } from '../feature/metric.ts';

/** Scrapes read a value of at most this age, so that they never wait for the store. */
const REFRESH_INTERVAL_MS = 10_000;

export type StoreWatch = {
  readonly metrics: readonly Metric[];
  /** Sentences about what keeps the history from being recorded. */
  warnings(): readonly string[];
  /** Reads the statistics regularly, until the signal aborts. */
  run(options: { readonly signal: AbortSignal }): Promise<void>;
};

/** Watches a history for metrics and warnings. */
export function watchStore(store: Pick<History, 'stats'>, log: Logger): StoreWatch {
  let stats: HistoryStats | null = null;
  let hasFailed = false;
  const isRecording = () => !hasFailed && stats?.recording.state !== 'stopped';
  const failures = createFailureLog(log, {
    failing: 'the state of the history cannot be read',
    recovered: 'the state of the history can be read again',
  });
  const refresh = async () => {
    try {
      stats = await store.stats();
      hasFailed = false;
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      hasFailed ||= error.code !== 'busy'; // the history has logged anything else
    }
  };
  const shown = (type: 'gauge' | 'counter', name: string, help: string) => ({
    type,
    name: `booner_hub_history_${name}`,
    help,
  });
  return {
    metrics: [
      {
        ...shown('gauge', 'recording', '1 while the history is recorded, 0 while it cannot be'),
        read: () => (stats === null && !hasFailed ? null : isRecording() ? 1 : 0),
      },
      { ...shown('gauge', 'bytes', 'Bytes that the history uses'), read: () => stats?.usedBytes ?? null },
      {
        ...shown('gauge', 'free_disk_bytes', 'Bytes that are free on the file system of the history'),
        read: () => stats?.freeDiskBytes ?? null,
      },
      {
        ...shown('gauge', 'last_stored_timestamp_seconds', 'Unix time when minutes were last stored'),
        read: () => (stats?.lastStoredMs == null ? null : stats.lastStoredMs / 1000),
      },
      {
        ...shown('counter', 'dropped_samples_total', 'Samples that the history lost'),
        read: () => stats?.droppedSamples ?? null,
      },
      {
        ...shown('counter', 'dropped_blocks_total', 'Minutes of hosts that the history lost, as blocks'),
        read: () => stats?.droppedMinutes ?? null,
      },
    ],
    warnings: () =>
      isRecording() ? [] : ['the history is not recorded: `booner history stats` shows the reason'],
    run: (options) => runLoop({ run: refresh, intervalMs: REFRESH_INTERVAL_MS, failures }, options),
  };
}

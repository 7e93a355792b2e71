import { type History, startHistory } from '@booner/history';
import type { Logger } from '@booner/service';
import type { HubConfig } from '../config/config.ts';
import { Gaps } from './gaps.ts';
import { RecentHistory } from './recent-history.ts';
import { Recorder } from './recorder.ts';

export type HistoryRecorder = AsyncDisposable & {
  readonly recent: RecentHistory;
  /** `null`: only the last minutes are kept. */
  readonly store: History | null;
  readonly gaps: Gaps;
  readonly recorder: Recorder;
};

/** Opens the histories for writing: the fleet and the tasks report to the recorder. */
export function openRecorder({
  config: { history },
  log,
}: {
  readonly config: Pick<HubConfig, 'history'>;
  readonly log: Logger;
}): HistoryRecorder {
  const { directory, retention, maxBytes, minFreeBytes } = history;
  const nowMs = Date.now;
  const recent = new RecentHistory({ nowWallMs: nowMs });
  const gaps = new Gaps();
  const store =
    directory === null ? null : startHistory({ directory, retention, maxBytes, minFreeBytes, log });
  return {
    recent,
    store,
    gaps,
    recorder: new Recorder({ store, recent, gaps, nowMs }),
    [Symbol.asyncDispose]: async () => store?.[Symbol.asyncDispose](),
  };
}

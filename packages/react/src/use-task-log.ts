import type { BoonerClient, LogOptions, TaskLog } from '@booner/client';
import { useCallback } from 'react';
import { useStore } from './use-store.ts';

const NOTHING_YET: TaskLog = {
  lines: [],
  droppedLines: 0,
  lastLine: 0,
  isLoaded: false,
  isEnded: false,
  error: null,
};

/**
 * The output of one task as it comes, at most 100,000 lines.
 * @param options `afterLine`: 0 for all that is kept; absent: the last 500 first. All components that watch one log at a time see what
 *   the first of them asked for
 */
export function useTaskLog(id: string, { afterLine }: LogOptions = {}): TaskLog {
  return useStore(
    useCallback((client: BoonerClient) => client.taskLog(id, { afterLine }), [id, afterLine]),
    NOTHING_YET,
  );
}

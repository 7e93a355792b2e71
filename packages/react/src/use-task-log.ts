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
 * Returns the output of one task as it arrives, at most 100,000 lines.
 * @param options `afterLine`: 0 for everything kept; default: start with the last 500 lines. All
 * components that watch one log see what the first of them requested
 */
export function useTaskLog(id: string, { afterLine }: LogOptions = {}): TaskLog {
  return useStore(
    useCallback((client: BoonerClient) => client.taskLog(id, { afterLine }), [id, afterLine]),
    NOTHING_YET,
  );
}

import type { LogLine } from '@booner/protocol';
import type { Store } from '../store/store.ts';
import type { TaskLog } from './log-buffer.ts';

/** Consecutive lines of a log. */
export type LogPart = {
  readonly lines: readonly LogLine[];
  /** Lines dropped before and between these, or at the end of the log if there are none. */
  readonly droppedLines: number;
};

/**
 * Yields the lines of a log as they arrive, until the task has ended. A slow reader gets larger
 * parts. Lines that do not fit into the store meanwhile count as dropped. Rejects with the
 * `BoonerError` that ends the log, or with the signal's reason.
 */
export async function* followLog(
  store: Store<TaskLog>,
  {
    afterLine = 0,
    signal,
  }: { readonly afterLine?: number | undefined; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<LogPart, void, undefined> {
  let wake = () => {};
  const unsubscribe = store.subscribe(() => wake());
  const onAbort = () => wake();
  signal?.addEventListener('abort', onAbort);
  let position = afterLine;
  try {
    for (;;) {
      signal?.throwIfAborted();
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const log = store.getSnapshot();
      const lines = linesAfter(log.lines, position);
      if (log.lastLine > position) {
        const before = position;
        position = log.lastLine;
        yield { lines, droppedLines: log.lastLine - before - lines.length };
        continue; // time has passed
      }
      if (log.error !== null) throw log.error;
      if (log.isEnded) return;
      await changed;
    }
  } finally {
    unsubscribe();
    signal?.removeEventListener('abort', onAbort);
  }
}

function linesAfter(lines: readonly LogLine[], position: number): readonly LogLine[] {
  const first = lines.findLastIndex(({ line }) => line <= position) + 1;
  return first === 0 ? lines : lines.slice(first);
}

import type { LogLine } from '@booner/protocol';
import type { Rest } from './rest.ts';
import { badAnswer, type RequestOptions } from './task-requests.ts';

export type ReadLogOptions = RequestOptions & {
  /** Number of the last line that the caller has. Default: start at the first. */
  readonly afterLine?: number | undefined;
  /** 1 to 5000. Default: 1000. */
  readonly limit?: number | undefined;
};

/** Consecutive lines of a log. Empty: there are no more yet. */
export type LogLines = {
  readonly lines: readonly LogLine[];
  /** Lines since `afterLine` that are no longer stored. */
  readonly droppedLines: number;
  /** `afterLine` of the next request. */
  readonly nextAfterLine: number;
};

export type LogRequests = {
  /** Reads the output of a task so far. Rejects with `BoonerError`, or with the signal's reason. */
  readLog(id: string, options?: ReadLogOptions): Promise<LogLines>;
};

export function createLogRequests(rest: Rest): LogRequests {
  return {
    async readLog(id, { afterLine, limit, signal } = {}) {
      const path = `tasks/${encodeURIComponent(id)}/log`;
      const answer = await rest({ path, query: { after_line: afterLine, limit }, signal });
      const { lines, dropped_lines, next_after_line } = (answer ?? {}) as Record<string, unknown>;
      if (!Array.isArray(lines) || typeof next_after_line !== 'number') throw badAnswer();
      return { lines, droppedLines: Number(dropped_lines), nextAfterLine: next_after_line };
    },
  };
}

import type { LogLine } from '@booner/protocol';
import type { Rest } from './rest.ts';
import { badAnswer, type RequestOptions } from './task-requests.ts';

export type ReadLogOptions = RequestOptions & {
  /** Number of the last line that one has; absent: from the first. */
  readonly afterLine?: number | undefined;
  /** 1 to 5000; absent: 1000. */
  readonly limit?: number | undefined;
};

/** Some lines of a log in order. None: there are no more so far. */
export type LogLines = {
  readonly lines: readonly LogLine[];
  /** Lines since `afterLine` that are kept nowhere. */
  readonly droppedLines: number;
  /** `afterLine` of the lines after these. */
  readonly nextAfterLine: number;
};

export type LogRequests = {
  /** The output of a task as far as it is there. Rejects with `BoonerError`, or with the signal's reason. */
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

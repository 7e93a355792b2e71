import type { LogLine, TaskStatus } from '@booner/protocol';
import { hasEnded } from '@booner/protocol/has-ended';
import type { Rest } from '../http/rest.ts';
import { badAnswer, type TaskRequests } from '../http/task-requests.ts';
import type { LogBuffer } from './log-buffer.ts';

/** Most lines that a hub returns. */
const PAGE_LINES = 5000;
/** Lines of a log that the stream starts with by default. */
const TAIL_LINES = 500;

type LogAnswer = { readonly lines: readonly LogLine[]; readonly dropped_lines: number };

export type LogPages = {
  readonly rest: Rest;
  readonly requests: Pick<TaskRequests, 'readTask'>;
};

/** Reads the lines over REST that a buffer is missing. Rejects with `BoonerError`. */
export async function readNewLines(
  { rest, requests }: LogPages,
  id: string,
  buffer: LogBuffer,
  signal: AbortSignal,
): Promise<void> {
  // Output is stored before the end is reported, so a read after the end is complete.
  const task = await requests.readTask(id, { signal });
  const status: TaskStatus = task.status;
  let afterLine = buffer.lastLine ?? Math.max(0, task.logLines - TAIL_LINES);
  for (;;) {
    const query = { after_line: afterLine, limit: PAGE_LINES };
    const answer = (await rest({ path: `tasks/${encodeURIComponent(id)}/log`, query, signal })) as LogAnswer;
    if (!Array.isArray(answer?.lines)) throw badAnswer();
    signal.throwIfAborted();
    buffer.take(answer.lines, answer.dropped_lines);
    if (answer.lines.length < PAGE_LINES) break;
    afterLine = answer.lines.at(-1)?.line ?? afterLine;
  }
  if (!hasEnded(status)) return;
  // dropped at the end, where no later line shows it
  buffer.take([], Math.max(0, task.logLines - (buffer.lastLine ?? 0)));
  buffer.end();
}

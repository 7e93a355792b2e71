import type { LogPage } from '@booner/bus';
import type { Cursor, HostId, TaskId } from '@booner/protocol';
import type { WireBytes } from '../ws/broadcast-frame.ts';
import type { ClientSocket } from '../ws/client-socket.ts';
import { encodeMessage } from './task-messages.ts';

/** One client that follows one log. */
export type Follow = {
  readonly client: ClientSocket;
  readonly taskId: TaskId;
  /** Host of the task; `null` until the task was read. */
  host: HostId | null;
  /** Number of the last line that the client has; `null` if it wants the tail. */
  afterLine: number | null;
  after: Cursor | undefined;
  /** True once the client got an answer, even an empty one. */
  isAnswered: boolean;
  isReading: boolean;
};

/**
 * Writes a page to followers of its log, which MUST have drained. A follower that is past
 * `readAfterLine`, the line that the page was read after, gets only the lines that are new to it.
 */
export function deliver(follows: Iterable<Follow>, page: LogPage, readAfterLine: number): void {
  const encoded = new Map<number, WireBytes>();
  for (const follow of follows) {
    const afterLine = follow.afterLine ?? 0;
    const isAsRead = afterLine === readAfterLine;
    const lines = isAsRead ? page.lines : page.lines.filter(({ line }) => line > afterLine);
    const [first] = lines;
    if (first === undefined && follow.isAnswered) continue;
    const droppedLines = isAsRead || first === undefined ? page.droppedLines : first.line - afterLine - 1;
    const message =
      encoded.get(afterLine) ??
      encodeMessage({ type: 'log', taskId: follow.taskId, lines: [...lines], droppedLines, end: false });
    encoded.set(afterLine, message);
    follow.client.write(message);
    follow.isAnswered = true;
    follow.afterLine = lines.at(-1)?.line ?? afterLine;
    follow.after = page.cursor;
  }
}

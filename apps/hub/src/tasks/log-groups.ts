import type { TaskBus } from '@booner/bus';
import { type Cursor, compareCursors, hasEnded, type Task, type TaskId } from '@booner/protocol';
import { deliver, type Follow } from './log-delivery.ts';
import type { TaskBoard } from './task-board.ts';

/** Lines per read of one log. */
const PAGE_LINES = 500;
/**
 * A log that grew by this many lines is read again at once, because a bus also bounds what it reads
 * of many logs together.
 */
const BUSY_LINES = 50;

/** Followers of one log at one position. */
type Group = { afterLine: number; after: Cursor; readonly members: Set<Follow> };

export type LogGroupsDeps = {
  readonly bus: Pick<TaskBus, 'read' | 'readLogs'>;
  readonly board: TaskBoard;
  /** Takes a member that has not drained and was removed from its group. */
  readonly onSlow: (follow: Follow) => void;
  /** Takes a member that has the whole log of an ended task. MUST remove it. */
  readonly onEnd: (follow: Follow, task: Task | null) => void;
};

/** Followers that are up to date. One read serves all of them, whatever their logs. */
export class LogGroups {
  readonly #deps: LogGroupsDeps;
  readonly #groups = new Map<TaskId, Group>();

  constructor(deps: LogGroupsDeps) {
    this.#deps = deps;
  }

  /** Number of members of all groups. */
  get size(): number {
    let size = 0;
    for (const { members } of this.#groups.values()) size += members.size;
    return size;
  }

  /** Adds a follower that has read up to `after`. @returns false if the group is further */
  join(follow: Follow, after: Cursor): boolean {
    const group = this.#groups.get(follow.taskId);
    if (group === undefined) {
      const afterLine = follow.afterLine ?? 0;
      this.#groups.set(follow.taskId, { afterLine, after, members: new Set([follow]) });
      return true;
    }
    if (compareCursors(after, group.after) < 0) return false;
    group.members.add(follow);
    return true;
  }

  leave(follow: Follow): void {
    const group = this.#groups.get(follow.taskId);
    group?.members.delete(follow);
    if (group?.members.size === 0) this.#groups.delete(follow.taskId);
  }

  /** Reads and delivers what is new. @returns whether another read may find more */
  async read(): Promise<boolean> {
    if (this.#groups.size === 0) return false;
    const { bus, board } = this.#deps;
    const groups = [...this.#groups];
    // Output is appended before the end is reported: a read after the end was known is complete.
    const ended = groups.filter(([id]) => hasEnded(board.get(id)?.status ?? 'failed')).map(([id]) => id);
    const pages = await bus.readLogs(
      new Map(groups.map(([id, { afterLine, after }]) => [id, { afterLine, after }])),
      PAGE_LINES,
    );
    let isMore = false;
    for (const [id, group] of groups) {
      const page = pages.get(id);
      if (page === undefined || this.#groups.get(id) !== group) continue;
      this.#dropSlow(group);
      deliver(group.members, page, group.afterLine);
      group.afterLine = page.lines.at(-1)?.line ?? group.afterLine;
      group.after = page.cursor;
      isMore ||= page.lines.length >= BUSY_LINES;
    }
    for (const id of ended) {
      if (pages.has(id)) isMore = true;
      else await this.#end(id);
    }
    return isMore;
  }

  #dropSlow(group: Group): void {
    for (const follow of [...group.members]) {
      if (follow.client.hasDrained) continue;
      follow.after = group.after;
      this.leave(follow);
      this.#deps.onSlow(follow);
    }
  }

  async #end(taskId: TaskId): Promise<void> {
    const { bus, board, onEnd } = this.#deps;
    const task = board.get(taskId) ?? (await bus.read(taskId));
    for (const follow of [...(this.#groups.get(taskId)?.members ?? [])]) onEnd(follow, task);
  }
}

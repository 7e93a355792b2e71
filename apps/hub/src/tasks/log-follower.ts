import type { LogPage, TaskBus } from '@booner/bus';
import { type Cursor, compareCursors, hasEnded, type Task, type TaskId } from '@booner/protocol';
import { createFailureLog, type Logger, runLoop } from '@booner/service';
import type { WireBytes } from '../ws/broadcast-frame.ts';
import type { ClientSocket } from '../ws/client-socket.ts';
import type { TaskBoard } from './task-board.ts';
import { encodeMessage } from './task-messages.ts';

const POLL_INTERVAL_MS = 200;
/** Lines that one who follows gets of what was there before. */
const TAIL_LINES = 500;
/** Lines of one read. */
const PAGE_LINES = 500;
/** A log that grew by so much is read again at once: a bus bounds what it reads of many logs together by entries, too. */
const BUSY_LINES = 50;
/** A client watches what a person can: more is no use but a load. */
const MAX_FOLLOWED = 20;

export type LogFollowerDeps = {
  readonly bus: Pick<TaskBus, 'whenConnected' | 'read' | 'readLogTail' | 'readLog' | 'readLogs'>;
  readonly board: TaskBoard;
  readonly log: Logger;
  /** Writes to a client that may not have drained. */
  readonly push: (client: ClientSocket, message: WireBytes) => void;
};

/** One client that follows one log. */
type Follow = {
  readonly client: ClientSocket;
  readonly taskId: TaskId;
  /** Number of the last line that it has; `null`: it wants the tail. */
  afterLine: number | null;
  after: Cursor | undefined;
  isAnswered: boolean;
  isReading: boolean;
};

/** Those who follow one log at one position, and are served by one read. */
type Group = { afterLine: number; after: Cursor; readonly members: Set<Follow> };

/**
 * Logs that clients follow. Who begins, or did not drain in time, reads alone until it is where the others are; these are polled in one
 * round trip for all logs. Nothing is written to a client that has not drained: its position waits, and what the log has lost until then
 * is told as dropped.
 */
export class LogFollower {
  readonly #deps: LogFollowerDeps;
  readonly #follows = new Map<ClientSocket, Map<TaskId, Follow>>();
  readonly #alone = new Set<Follow>();
  readonly #groups = new Map<TaskId, Group>();

  constructor(deps: LogFollowerDeps) {
    this.#deps = deps;
  }

  /** How many logs are followed, counted once for each client. */
  get size(): number {
    let size = this.#alone.size;
    for (const { members } of this.#groups.values()) size += members.size;
    return size;
  }

  /** Sends the tail, or what came after a line, and then what comes. Followed already: begins anew. */
  follow(client: ClientSocket, taskId: TaskId, afterLine: number | null): void {
    this.unfollow(client, taskId);
    const followed = this.#follows.get(client) ?? new Map<TaskId, Follow>();
    if (followed.size >= MAX_FOLLOWED) {
      this.#refuse(client, `${taskId} is not followed: ${MAX_FOLLOWED} tasks are, unfollow one`);
      return;
    }
    const follow = { client, taskId, afterLine, after: undefined, isAnswered: false, isReading: false };
    this.#follows.set(client, followed.set(taskId, follow));
    this.#alone.add(follow);
    this.#readAlone(follow).catch((error) => this.#onError(error));
  }

  unfollow(client: ClientSocket, taskId: TaskId): void {
    const followed = this.#follows.get(client);
    const follow = followed?.get(taskId);
    if (followed === undefined || follow === undefined) return;
    followed.delete(taskId);
    if (followed.size === 0) this.#follows.delete(client);
    this.#alone.delete(follow);
    this.#leaveGroup(follow);
  }

  remove(client: ClientSocket): void {
    for (const taskId of [...(this.#follows.get(client)?.keys() ?? [])]) this.unfollow(client, taskId);
  }

  /** Reads what comes, as long as anybody follows, until the signal aborts. */
  run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const poll = async () => {
      if (this.#follows.size === 0) return;
      const reads = await Promise.allSettled([...this.#alone].map((follow) => this.#readAlone(follow)));
      for (const read of reads) if (read.status === 'rejected') this.#onError(read.reason);
      while ((await this.#readTogether()) && !signal.aborted);
    };
    const failures = createFailureLog(this.#deps.log, {
      failing: 'logs of tasks cannot be read for the clients that follow them',
      recovered: 'logs of tasks are read again',
    });
    return runLoop(
      { run: poll, intervalMs: POLL_INTERVAL_MS, ready: this.#deps.bus.whenConnected, failures },
      { signal },
    );
  }

  /** Reads for one client until it is where the others are. What fails is tried again by the next poll. */
  async #readAlone(follow: Follow): Promise<void> {
    if (follow.isReading) return;
    follow.isReading = true;
    try {
      while (this.#isAlone(follow) && follow.client.hasDrained && (await this.#readPageAlone(follow)));
    } finally {
      follow.isReading = false;
    }
  }

  /** @returns whether there is more to read now */
  async #readPageAlone(follow: Follow): Promise<boolean> {
    const { bus, board } = this.#deps;
    const { client, taskId, afterLine, after } = follow;
    const task = board.get(taskId) ?? (await bus.read(taskId));
    if (!this.#isAlone(follow)) return false;
    if (task === null) {
      this.unfollow(client, taskId);
      this.#refuse(client, `there is no task ${taskId}`);
      return false;
    }
    const page =
      afterLine === null
        ? await bus.readLogTail(taskId, TAIL_LINES)
        : await bus.readLog(taskId, { afterLine, ...(after && { after }) }, PAGE_LINES);
    if (!this.#isAlone(follow) || !client.hasDrained) return false;
    deliver([follow], page, afterLine ?? 0);
    if (page.lines.length >= PAGE_LINES) return true;
    if (hasEnded(task.status)) {
      this.#end(follow, task);
      return false;
    }
    return !this.#joinGroup(follow, page.cursor);
  }

  /** @returns whether another read may find more */
  async #readTogether(): Promise<boolean> {
    if (this.#groups.size === 0) return false;
    const { bus, board } = this.#deps;
    const groups = [...this.#groups];
    // Output is appended before the end is reported: what is read after the end was known is all.
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
      else await this.#endGroup(id);
    }
    return isMore;
  }

  /** @returns whether it did: not when the others are further */
  #joinGroup(follow: Follow, after: Cursor): boolean {
    const group = this.#groups.get(follow.taskId);
    if (group !== undefined && compareCursors(after, group.after) < 0) return false;
    this.#alone.delete(follow);
    if (group !== undefined) group.members.add(follow);
    else {
      const afterLine = follow.afterLine ?? 0;
      this.#groups.set(follow.taskId, { afterLine, after, members: new Set([follow]) });
    }
    return true;
  }

  #leaveGroup(follow: Follow): void {
    const group = this.#groups.get(follow.taskId);
    group?.members.delete(follow);
    if (group?.members.size === 0) this.#groups.delete(follow.taskId);
  }

  /** Those that have not drained read alone, from here on. */
  #dropSlow(group: Group): void {
    for (const follow of [...group.members]) {
      if (follow.client.hasDrained) continue;
      follow.after = group.after;
      this.#leaveGroup(follow);
      this.#alone.add(follow);
    }
  }

  async #endGroup(taskId: TaskId): Promise<void> {
    const { bus, board } = this.#deps;
    const task = board.get(taskId) ?? (await bus.read(taskId));
    for (const follow of [...(this.#groups.get(taskId)?.members ?? [])]) this.#end(follow, task);
  }

  #end(follow: Follow, task: Task | null): void {
    const { client, taskId, afterLine } = follow;
    this.unfollow(client, taskId);
    const droppedLines = Math.max(0, (task?.logLines ?? 0) - (afterLine ?? 0));
    this.#deps.push(client, encodeMessage({ type: 'log', taskId, lines: [], droppedLines, end: true }));
  }

  #refuse(client: ClientSocket, detail: string): void {
    this.#deps.push(client, encodeMessage({ type: 'error', detail }));
  }

  #isAlone(follow: Follow): boolean {
    return this.#alone.has(follow);
  }

  #onError(error: unknown): void {
    this.#deps.log.debug({ err: error }, 'logs that are followed could not be read; it is tried again');
  }
}

/** Writes a page to those who follow; who is further than the line that it was read for gets what is new to it. */
function deliver(follows: Iterable<Follow>, page: LogPage, readAfterLine: number): void {
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

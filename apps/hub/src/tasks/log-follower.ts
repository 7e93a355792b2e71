import type { TaskBus } from '@booner/bus';
import { hasEnded, type Task, type TaskId } from '@booner/protocol';
import { createFailureLog, type Logger, runLoop } from '@booner/service';
import type { WireBytes } from '../ws/broadcast-frame.ts';
import type { ClientSocket } from '../ws/client-socket.ts';
import { deliver, type Follow } from './log-delivery.ts';
import { LogGroups } from './log-groups.ts';
import type { TaskBoard } from './task-board.ts';
import { encodeMessage } from './task-messages.ts';

const POLL_INTERVAL_MS = 200;
/** Lines that a new follower gets of what was there before. */
const TAIL_LINES = 500;
/** Lines per read of one log. */
const PAGE_LINES = 500;
/** A person watches no more logs at a time. */
const MAX_FOLLOWED = 20;

export type LogFollowerDeps = {
  readonly bus: Pick<TaskBus, 'whenConnected' | 'read' | 'readLogTail' | 'readLog' | 'readLogs'>;
  readonly board: TaskBoard;
  readonly log: Logger;
  /** Writes to a client that may not have drained. */
  readonly push: (client: ClientSocket, message: WireBytes) => void;
};

/**
 * Logs that clients follow. A new or lagging follower reads on its own until it has caught up. The
 * rest share one batched read per poll. Nothing is written to a client that has not drained: its
 * position waits, and lines that the log has lost by then are reported as dropped.
 */
export class LogFollower {
  readonly #deps: LogFollowerDeps;
  readonly #follows = new Map<ClientSocket, Map<TaskId, Follow>>();
  readonly #alone = new Set<Follow>();
  readonly #groups: LogGroups;

  constructor(deps: LogFollowerDeps) {
    this.#deps = deps;
    this.#groups = new LogGroups({
      ...deps,
      onSlow: (follow) => this.#alone.add(follow),
      onEnd: (follow, task) => this.#end(follow, task),
    });
  }

  /** Number of followed logs, counted once per client. */
  get size(): number {
    return this.#alone.size + this.#groups.size;
  }

  /**
   * Sends the tail, or everything after a line, and then new lines. Starts over if the client
   * follows the log already.
   */
  follow(client: ClientSocket, taskId: TaskId, afterLine: number | null): void {
    this.unfollow(client, taskId);
    const followed = this.#follows.get(client) ?? new Map<TaskId, Follow>();
    if (followed.size >= MAX_FOLLOWED) {
      this.#refuse(
        client,
        `you follow ${MAX_FOLLOWED} logs already: unfollow one before you follow ${taskId}`,
      );
      return;
    }
    const started = { after: undefined, host: null, isAnswered: false, isReading: false };
    const follow: Follow = { client, taskId, afterLine, ...started };
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
    this.#groups.leave(follow);
  }

  remove(client: ClientSocket): void {
    for (const taskId of [...(this.#follows.get(client)?.keys() ?? [])]) this.unfollow(client, taskId);
  }

  /** Ends what clients with a read scope may not follow any more. */
  applyReadScopes(): void {
    for (const [{ readable }, followed] of [...this.#follows]) {
      if (readable.key === null) continue;
      for (const follow of [...followed.values()]) {
        if (follow.host !== null && !readable.has(follow.host)) this.#forget(follow);
      }
    }
  }

  /** Sends new lines until the signal aborts. */
  run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const poll = async () => {
      if (this.#follows.size === 0) return;
      const reads = await Promise.allSettled([...this.#alone].map((follow) => this.#readAlone(follow)));
      for (const read of reads) if (read.status === 'rejected') this.#onError(read.reason);
      while ((await this.#groups.read()) && !signal.aborted);
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

  /** Reads for one follower until it has caught up. A failed read is retried by the next poll. */
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
    if (task === null || !client.readable.has(task.host)) {
      this.#forget(follow);
      return false;
    }
    follow.host = task.host;
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
    if (!this.#groups.join(follow, page.cursor)) return true;
    this.#alone.delete(follow);
    return false;
  }

  #forget({ client, taskId }: Follow): void {
    this.unfollow(client, taskId);
    this.#refuse(client, `unknown task ${taskId}`);
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
    this.#deps.log.debug({ err: error }, 'followed logs could not be read; retrying');
  }
}

import type { TaskLogMessage } from '@booner/protocol';
import { BoonerError } from '../http/booner-error.ts';
import type { WritableStore } from '../store/store.ts';
import type { Clock } from '../time/clock.ts';
import { createPaced, type Paced } from '../time/paced.ts';
import { LogBuffer, type TaskLog } from './log-buffer.ts';
import { type LogPages, readNewLines } from './log-pages.ts';

/** Shortest time between two updates of a log's view. */
const PAUSE_MS = 50;
/** Logs that a hub follows per client. */
const MAX_FEEDS = 20;

type Feed = { readonly buffer: LogBuffer; readonly paced: Paced };
type Send = (message: object) => void;

/** The followed logs, filled by messages of the task stream or by REST. */
export class LogFeeds {
  readonly #pages: LogPages;
  readonly #clock: Clock;
  readonly #feeds = new Map<string, Feed>();
  #send: Send | null = null;

  constructor(pages: LogPages, clock: Clock) {
    this.#pages = pages;
    this.#clock = clock;
  }

  /**
   * Follows a log.
   * @param afterLine number of the line after which to start; `null`: start with the tail
   * @returns a function that stops following
   */
  start(id: string, store: WritableStore<TaskLog>, afterLine: number | null): () => void {
    const buffer = new LogBuffer(afterLine);
    const paced = createPaced(() => store.set(buffer.snapshot()), PAUSE_MS, this.#clock);
    if ([...this.#feeds.values()].filter((feed) => !feed.buffer.isOver).length >= MAX_FEEDS) {
      buffer.fail(new BoonerError('busy', `already following ${MAX_FEEDS} logs, the maximum`));
      paced.request();
      return () => paced.cancel();
    }
    const feed = { buffer, paced };
    this.#feeds.set(id, feed);
    paced.request();
    this.#follow(id, feed);
    return () => {
      if (this.#feeds.get(id) === feed) this.#feeds.delete(id);
      paced.cancel();
      if (!buffer.isOver) this.#send?.({ type: 'unfollow', taskId: id });
    };
  }

  /** A WebSocket has opened or is gone. Followed logs continue where they were. */
  connect(send: Send | null): void {
    this.#send = send;
    for (const [id, feed] of this.#feeds) this.#follow(id, feed);
  }

  receive({ taskId, lines, droppedLines, end }: TaskLogMessage): void {
    const feed = this.#feeds.get(taskId);
    if (feed === undefined) return;
    feed.buffer.take(lines, droppedLines);
    if (end) feed.buffer.end();
    feed.paced.request();
  }

  /**
   * Handles a request that the hub refused. If it was about a log, REST shows whether the task
   * exists.
   */
  async check(detail: string): Promise<void> {
    for (const [id, { buffer, paced }] of [...this.#feeds]) {
      if (!detail.includes(id)) continue;
      try {
        await this.#pages.requests.readTask(id);
        buffer.fail(new BoonerError('failed', detail));
      } catch (error) {
        buffer.fail(
          error instanceof BoonerError ? error : new BoonerError('failed', detail, { cause: error }),
        );
      }
      paced.request();
    }
  }

  /**
   * Reads new lines over REST. Rejects with `BoonerError` if the connection failed, rather than a
   * log.
   */
  async poll(signal: AbortSignal): Promise<void> {
    for (const [id, { buffer, paced }] of [...this.#feeds]) {
      if (buffer.isOver) continue;
      try {
        await readNewLines(this.#pages, id, buffer, signal);
      } catch (error) {
        if (!(error instanceof BoonerError && error.code === 'not_found')) throw error;
        buffer.fail(error);
      }
      paced.request();
    }
  }

  #follow(id: string, { buffer }: Feed): void {
    if (buffer.isOver) return;
    const { lastLine } = buffer;
    this.#send?.({ type: 'follow', taskId: id, ...(lastLine === null ? {} : { afterLine: lastLine }) });
  }
}

import type { TaskLogMessage } from '@booner/protocol';
import { BoonerError } from '../http/booner-error.ts';
import type { WritableStore } from '../store/store.ts';
import type { Clock } from '../time/clock.ts';
import { createPaced, type Paced } from '../time/paced.ts';
import { LogBuffer, type TaskLog } from './log-buffer.ts';
import { type LogPages, readNewLines } from './log-pages.ts';

/** A view of a log is drawn at most this often. */
const PAUSE_MS = 50;
/** A hub follows no more for one client. */
const MAX_FEEDS = 20;

type Feed = { readonly buffer: LogBuffer; readonly paced: Paced };
type Send = (message: object) => void;

/** The logs that are followed, by the messages of the task stream or by REST. */
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
   * @param afterLine the line after which to begin; `null`: with the tail
   * @returns what ends it
   */
  start(id: string, store: WritableStore<TaskLog>, afterLine: number | null): () => void {
    const buffer = new LogBuffer(afterLine);
    const paced = createPaced(() => store.set(buffer.snapshot()), PAUSE_MS, this.#clock);
    if ([...this.#feeds.values()].filter((feed) => !feed.buffer.isOver).length >= MAX_FEEDS) {
      buffer.fail(new BoonerError('busy', `${MAX_FEEDS} logs are followed already, which is the most`));
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

  /** A WebSocket is open, or none is any more: what is followed goes on where it was. */
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

  /** The hub said that it could not do something: if that was about a log, REST knows whether the task exists. */
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

  /** Reads by REST what is new. Rejects with `BoonerError` when that is the connection's fault, and no log's. */
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

import type { AlertEvent } from '@booner/bus';
import { type Cursor, compareCursors, START_CURSOR } from '@booner/protocol';
import type { MissedRead } from '../ws/subscriptions.ts';

/** Changes of alerts that are kept, some kilobytes each. */
const MAX_CHANGES = 5000;
/** Events per write to the client that missed them. */
const PAGE_EVENTS = 200;
/** Time for a position that another hub has sent to arrive here. After that it never was. */
const AHEAD_MS = 5000;

/** The last events, for clients that missed them. */
export class AlertTail {
  #events: AlertEvent[] = [];
  #changes = 0;
  /** Position before the first event. */
  #start: Cursor = START_CURSOR;
  #end: Cursor = START_CURSOR;
  /** Called at each change of the end. */
  readonly #waiting = new Set<() => void>();

  push(events: readonly AlertEvent[]): void {
    for (const event of events) {
      this.#events.push(event);
      this.#changes += sizeOf(event);
      this.#end = event.cursor;
    }
    let dropped = 0;
    while (this.#changes > MAX_CHANGES) {
      const event = this.#events[dropped++]!;
      this.#changes -= sizeOf(event);
      this.#start = event.cursor;
    }
    if (dropped > 0) this.#events = this.#events.slice(dropped);
    this.#wake();
  }

  /** Forgets everything: what follows comes after a position. */
  reset(cursor: Cursor): void {
    this.#events = [];
    this.#changes = 0;
    this.#start = this.#end = cursor;
    this.#wake();
  }

  /** Reads a page after a position. Waits some seconds for one that only other hubs know. */
  async read(after: Cursor): Promise<MissedRead<AlertEvent>> {
    if (compareCursors(this.#end, after) < 0) await this.#reach(after);
    if (compareCursors(after, this.#start) < 0 || compareCursors(this.#end, after) < 0) {
      return { type: 'trimmed', end: this.#end };
    }
    const first = this.#events.findIndex(({ cursor }) => compareCursors(after, cursor) < 0);
    return { type: 'page', events: first < 0 ? [] : this.#events.slice(first, first + PAGE_EVENTS) };
  }

  async #reach(position: Cursor): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (compareCursors(position, this.#end) <= 0) resolve();
    };
    const timer = setTimeout(resolve, AHEAD_MS).unref();
    this.#waiting.add(look);
    await promise;
    this.#waiting.delete(look);
    clearTimeout(timer);
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}

const sizeOf = (event: AlertEvent): number => (event.type === 'alerts' ? event.changes.length : 1);

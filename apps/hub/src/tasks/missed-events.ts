import type { TaskBus } from '@booner/bus';
import { type Cursor, compareCursors, type TaskEvent } from '@booner/protocol';

/** Events per read, and per write to the client that missed them. */
const PAGE_EVENTS = 200;

export type MissedRead =
  | { readonly type: 'page'; readonly events: readonly TaskEvent[] }
  /** The position is no longer in the stream, which now ends at `end`. */
  | { readonly type: 'trimmed'; readonly end: Cursor };

export type MissedPage = {
  readonly missed: readonly TaskEvent[];
  /** Position of the client once it has received them. */
  readonly cursor: Cursor;
  /** True if the client knows events that this hub has not flushed yet. */
  readonly isAhead: boolean;
};

type EventReader = Pick<TaskBus, 'readEvents' | 'readLastCursor'>;

/**
 * Reads what clients missed, one page at a time for all of them: a crowd that reconnects at once
 * costs the memory of one page.
 */
export class MissedEvents {
  readonly #bus: EventReader;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(bus: EventReader) {
    this.#bus = bus;
  }

  /** Reads the page after a position. Rejects with `BusError`. */
  read(after: Cursor): Promise<MissedRead> {
    const page = this.#reading.then(() => this.#readNow(after));
    this.#reading = page.then(
      () => {},
      () => {}, // the caller of this read handles it
    );
    return page;
  }

  async #readNow(after: Cursor): Promise<MissedRead> {
    const events = await this.#bus.readEvents(after, PAGE_EVENTS);
    if (events !== 'trimmed') return { type: 'page', events };
    return { type: 'trimmed', end: await this.#bus.readLastCursor() };
  }
}

/**
 * Cuts a page at the position up to which events were flushed; later events are flushed to
 * everyone.
 * @param position of the last flushed event: a client there has missed nothing
 */
export function upTo(position: Cursor, page: readonly TaskEvent[], after: Cursor): MissedPage {
  const missed = page.filter(({ cursor }) => compareCursors(cursor, position) <= 0);
  return {
    missed,
    cursor: missed.at(-1)?.cursor ?? after,
    isAhead: compareCursors(after, position) > 0,
  };
}

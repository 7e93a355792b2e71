import type { TaskBus } from '@booner/bus';
import { type Cursor, compareCursors, type TaskEvent } from '@booner/protocol';

/** Events of one read, and of one write to the client that missed them. */
const PAGE_EVENTS = 200;

export type MissedRead =
  | { readonly type: 'page'; readonly events: readonly TaskEvent[] }
  /** The position is not in the stream, which ends at `end` now. */
  | { readonly type: 'trimmed'; readonly end: Cursor };

export type MissedPage = {
  readonly missed: readonly TaskEvent[];
  /** Where the client is when it has got them. */
  readonly cursor: Cursor;
  /** The client knows events that this hub has not sent to anybody yet. */
  readonly isAhead: boolean;
};

type EventReader = Pick<TaskBus, 'readEvents' | 'readLastCursor'>;

/** Reads what clients missed, one page at a time for all of them: a crowd that comes back together costs the memory of one page. */
export class MissedEvents {
  readonly #bus: EventReader;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(bus: EventReader) {
    this.#bus = bus;
  }

  /** The page after a position. Rejects with `BusError`. */
  read(after: Cursor): Promise<MissedRead> {
    const page = this.#reading.then(() => this.#readNow(after));
    this.#reading = page.then(
      () => {},
      () => {}, // whoever asked for this page is told
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
 * What of a page comes before the events that everybody will get.
 * @param position of the last event that everybody got: who is there has missed nothing
 */
export function upTo(position: Cursor, page: readonly TaskEvent[], after: Cursor): MissedPage {
  const missed = page.filter(({ cursor }) => compareCursors(cursor, position) <= 0);
  return {
    missed,
    cursor: missed.at(-1)?.cursor ?? after,
    isAhead: compareCursors(after, position) > 0,
  };
}

import type { TaskBus } from '@booner/bus';
import type { Cursor, TaskEvent } from '@booner/protocol';
import type { MissedRead } from '../ws/subscriptions.ts';

/** Events per read, and per write to the client that missed them. */
const PAGE_EVENTS = 200;

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
  read(after: Cursor): Promise<MissedRead<TaskEvent>> {
    const page = this.#reading.then(() => this.#readNow(after));
    this.#reading = page.then(
      () => {},
      () => {}, // the caller of this read handles it
    );
    return page;
  }

  async #readNow(after: Cursor): Promise<MissedRead<TaskEvent>> {
    const events = await this.#bus.readEvents(after, PAGE_EVENTS);
    if (events !== 'trimmed') return { type: 'page', events };
    return { type: 'trimmed', end: await this.#bus.readLastCursor() };
  }
}

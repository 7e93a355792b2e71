import type { Cursor } from '@booner/protocol';
import { compareCursors } from '@booner/protocol/cursor';

/**
 * Position of a client in a stream of events with cursors. A WebSocket continues from it, and REST
 * answers move it too, so that what is shown does not go back whichever of them answers.
 */
export class StreamPosition {
  #cursor: Cursor | null = null;
  /**
   * Position that the hub at the WebSocket has for this client. Differs from `cursor` after a REST
   * answer.
   */
  #hubCursor: Cursor | null = null;

  /** `null`: nothing is known yet. */
  get cursor(): Cursor | null {
    return this.#cursor;
  }

  /** Returns the cursor to request from a hub. `null`: a snapshot, although a cursor is known. */
  request({ snapshot = false } = {}): Cursor | null {
    this.#hubCursor = snapshot ? null : this.#cursor;
    return this.#hubCursor;
  }

  /** Returns true if more than this is known. */
  isBehind(position: Cursor): boolean {
    return this.#cursor !== null && compareCursors(position, this.#cursor) < 0;
  }

  /** Returns true if a snapshot of the hub at the WebSocket shows less than what is known. */
  isOld(position: Cursor): boolean {
    // A hub that knows this position and shows an earlier one is right: the shared data was
    // replaced.
    return this.#hubCursor !== this.#cursor && this.isBehind(position);
  }

  /** Moves on, never back. */
  moveTo(position: Cursor): void {
    if (!this.isBehind(position)) this.#cursor = position;
  }

  /** Moves to the position of data that replaced everything known, even if that is back. */
  replace(position: Cursor): void {
    this.#cursor = position;
  }

  /** Takes the position that the hub at the WebSocket has reached. */
  follow(position: Cursor): void {
    this.#hubCursor = position;
    this.moveTo(position);
  }
}

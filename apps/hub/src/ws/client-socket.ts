import { CLOSE_CODES, type TaskServerMessage } from '@booner/protocol';
import type { WebSocket } from 'ws';
import {
  encodeFrame,
  joinFrames,
  queueFrame,
  type WireBytes,
  whenDrained,
  writtenBytesOf,
} from './broadcast-frame.ts';
import { closeOrCut } from './close-or-cut.ts';

/** A client further behind than this is closed: it comes back and resumes. */
const MAX_BEHIND_BYTES = 2 ** 20;

/**
 * The socket of a client of version 2. What is pushed to it is bounded in bytes; what it asked for may be large, but is only written
 * once it has drained, so that there is one answer at a time at most.
 */
export class TaskClient {
  readonly socket: WebSocket;
  /** Where, in the bytes of the connection, its last answer ends: up to there it is not behind, it is being served. */
  #answeredUntilBytes = 0;

  constructor(socket: WebSocket) {
    this.socket = socket;
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  get hasDrained(): boolean {
    return this.isOpen && this.socket.bufferedAmount === 0;
  }

  /** Calls back when it has drained, at once if it has; never for a connection that is gone. */
  whenDrained(callBack: () => void): void {
    if (this.hasDrained) callBack();
    else if (this.isOpen) whenDrained(this.socket, () => this.isOpen && this.whenDrained(callBack));
  }

  /** Writes what the client asked for. It MUST have drained. */
  answer(...messages: readonly WireBytes[]): void {
    queueFrame(this.socket, joinFrames(messages));
    this.#answeredUntilBytes = writtenBytesOf(this.socket);
  }

  /** Writes what comes by itself. Closes a client that is too far behind; it gets no more then. */
  push(bytes: WireBytes): 'written' | 'closed as too slow' | 'gone' {
    if (!this.isOpen) return 'gone';
    const { bufferedAmount } = this.socket;
    const behindBytes = Math.min(bufferedAmount, writtenBytesOf(this.socket) - this.#answeredUntilBytes);
    if (behindBytes > MAX_BEHIND_BYTES) {
      const reason = `more than ${MAX_BEHIND_BYTES} bytes behind: come back and resume`;
      void closeOrCut(this.socket, CLOSE_CODES.tooSlow, reason);
      return 'closed as too slow';
    }
    queueFrame(this.socket, bytes);
    return 'written';
  }
}

export const encodeMessage = (message: TaskServerMessage): WireBytes => encodeFrame(JSON.stringify(message));

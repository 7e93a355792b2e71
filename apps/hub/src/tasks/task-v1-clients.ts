import type { Logger } from '@booner/service';
import type { WebSocket } from 'ws';
import { type EncodedFrame, encodeFrame, whenDrained, writeFrame } from '../ws/broadcast-frame.ts';
import { fanOut } from '../ws/fan-out.ts';
import { PacedFlush } from '../ws/paced-flush.ts';
import type { TaskBoard } from './task-board.ts';

/** At most 20 maps a second. */
const MIN_INTERVAL_MS = 50;

/**
 * Clients of version 1: each gets the whole map of tasks at connect and at each change. A change after a quiet time goes out at
 * once, a burst of them as few maps. For a client that has not drained nothing queues: it gets the newest map when it has.
 */
export class TaskMapClients {
  readonly #board: TaskBoard;
  readonly #clients = new Set<WebSocket>();
  /** Clients that were left out and wait to drain. */
  readonly #behind = new Set<WebSocket>();
  readonly #pacer: PacedFlush;
  #map: { readonly revision: number; readonly frame: EncodedFrame } | null = null;
  #written = 0;
  #skipped = 0;

  constructor({ board, log }: { readonly board: TaskBoard; readonly log: Logger }) {
    this.#board = board;
    const onError = (error: unknown) => log.error({ err: error }, 'the map of tasks could not be broadcast');
    this.#pacer = new PacedFlush(() => this.#flush(), { minIntervalMs: MIN_INTERVAL_MS, onError });
  }

  get size(): number {
    return this.#clients.size;
  }

  get counts(): { mapsWritten: number; mapsSkipped: number } {
    return { mapsWritten: this.#written, mapsSkipped: this.#skipped };
  }

  /** The map goes out at once; as long as the board is not loaded, there is none that would be true. */
  add(socket: WebSocket): void {
    this.#clients.add(socket);
    if (this.#board.isLoaded) this.#write(socket);
  }

  remove(socket: WebSocket): void {
    this.#clients.delete(socket);
    this.#behind.delete(socket);
  }

  /** To be called after each change of the board. */
  announce(): void {
    if (this.#clients.size > 0 && this.#map?.revision !== this.#board.version1Revision) this.#pacer.request();
  }

  async #flush(): Promise<void> {
    const onSkipped = (socket: WebSocket) => this.#awaitDrain(socket);
    const { written, skipped } = await fanOut([...this.#clients], this.#frame(), { onSkipped });
    this.#written += written;
    this.#skipped += skipped;
  }

  #write(socket: WebSocket): void {
    if (writeFrame(socket, this.#frame()) === 'written') this.#written++;
    else this.#awaitDrain(socket);
  }

  #awaitDrain(socket: WebSocket): void {
    if (this.#behind.has(socket) || socket.readyState !== socket.OPEN) return;
    this.#behind.add(socket);
    whenDrained(socket, () => {
      if (this.#behind.delete(socket)) this.#write(socket);
    });
  }

  #frame(): EncodedFrame {
    const revision = this.#board.version1Revision;
    if (this.#map?.revision !== revision)
      this.#map = { revision, frame: encodeFrame(this.#board.version1Text()) };
    return this.#map.frame;
  }
}

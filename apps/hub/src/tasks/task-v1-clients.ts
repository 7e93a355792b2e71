import type { Logger } from '@booner/service';
import { type EncodedFrame, encodeFrame } from '../ws/broadcast-frame.ts';
import type { ClientSocket } from '../ws/client-socket.ts';
import { fanOut } from '../ws/fan-out.ts';
import { createPacedFlush } from '../ws/paced-flush.ts';
import type { StreamClients } from '../ws/stream-endpoint.ts';
import type { TaskBoard } from './task-board.ts';

/** At most 20 maps a second. */
const MIN_INTERVAL_MS = 50;

/**
 * Version 1 clients: each gets the whole map of tasks on connect and at each change. A change after
 * a quiet time goes out at once, a burst as few maps. Nothing queues for a client that has not
 * drained: it gets the newest map once it has.
 */
export class TaskV1Clients implements StreamClients {
  readonly #board: TaskBoard;
  readonly #clients = new Set<ClientSocket>();
  /** Clients that were left out and wait to drain. */
  readonly #behind = new Set<ClientSocket>();
  readonly #pacer: ReturnType<typeof createPacedFlush>;
  readonly #counts = { written: 0, skipped: 0 };
  #map: { readonly revision: number; readonly frame: EncodedFrame } | null = null;

  constructor({ board, log }: { readonly board: TaskBoard; readonly log: Logger }) {
    this.#board = board;
    const onError = (error: unknown) => log.error({ err: error }, 'the map of tasks could not be broadcast');
    this.#pacer = createPacedFlush(() => this.#flush(), { minIntervalMs: MIN_INTERVAL_MS, onError });
  }

  get size(): number {
    return this.#clients.size;
  }

  get counts(): Readonly<{ written: number; skipped: number }> {
    return this.#counts;
  }

  /** Sends the map at once, or after the board was loaded: before, no map would be true. */
  add(client: ClientSocket): void {
    this.#clients.add(client);
    if (this.#board.isLoaded) this.#write(client);
  }

  remove(client: ClientSocket): void {
    this.#clients.delete(client);
    this.#behind.delete(client);
  }

  /** MUST be called after each change of the board. */
  announce(): void {
    if (this.#clients.size > 0 && this.#map?.revision !== this.#board.version1Revision) this.#pacer.request();
  }

  async #flush(): Promise<void> {
    const onSkipped = (client: ClientSocket) => this.#writeOnceDrained(client);
    const { written, skipped } = await fanOut([...this.#clients], this.#frame(), { onSkipped });
    this.#counts.written += written;
    this.#counts.skipped += skipped;
  }

  #write(client: ClientSocket): void {
    if (client.write(this.#frame()) === 'written') this.#counts.written++;
    else this.#writeOnceDrained(client);
  }

  #writeOnceDrained(client: ClientSocket): void {
    if (this.#behind.has(client) || !client.isOpen) return;
    this.#behind.add(client);
    client.whenDrained(() => {
      if (this.#behind.delete(client)) this.#write(client);
    });
  }

  #frame(): EncodedFrame {
    const revision = this.#board.version1Revision;
    if (this.#map?.revision !== revision)
      this.#map = { revision, frame: encodeFrame(this.#board.version1Text()) };
    return this.#map.frame;
  }
}

import type { EncodedFrame } from '../ws/broadcast-frame.ts';
import type { ClientSocket } from '../ws/client-socket.ts';
import { fanOut } from '../ws/fan-out.ts';
import type { StreamClients } from '../ws/stream-endpoint.ts';
import { Turns } from '../ws/turns.ts';
import { encodeVersion1, type StatusSource } from './status-messages.ts';

/**
 * Version 1 clients: each gets the whole status on connect and at every broadcast, and nothing
 * before the first one. A client that has not drained misses a broadcast.
 */
export class StatusV1Clients implements StreamClients {
  readonly #source: StatusSource;
  readonly #clients = new Set<ClientSocket>();
  readonly #counts = { written: 0, skipped: 0 };
  #last: EncodedFrame | null = null;

  constructor(source: StatusSource) {
    this.#source = source;
  }

  get size(): number {
    return this.#clients.size;
  }

  get counts(): Readonly<{ written: number; skipped: number }> {
    return this.#counts;
  }

  /** Returns the last broadcast, or before the first one what it would be. */
  async last(): Promise<EncodedFrame> {
    this.#last ??= await encodeVersion1(this.#source, new Turns());
    return this.#last;
  }

  add(client: ClientSocket): void {
    this.#clients.add(client);
    if (this.#last !== null) client.write(this.#last);
  }

  remove(client: ClientSocket): void {
    this.#clients.delete(client);
  }

  /** Sends the current status to every client. */
  async broadcast(): Promise<void> {
    const turns = new Turns();
    this.#last = await encodeVersion1(this.#source, turns);
    const { written, skipped } = await fanOut([...this.#clients], this.#last, { turns });
    this.#counts.written += written;
    this.#counts.skipped += skipped;
  }
}

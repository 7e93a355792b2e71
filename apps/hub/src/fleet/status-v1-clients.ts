import { type EncodedFrame, encodeFrame } from '../ws/broadcast-frame.ts';
import type { ClientSocket } from '../ws/client-socket.ts';
import { fanOut } from '../ws/fan-out.ts';
import type { StreamClients } from '../ws/stream-endpoint.ts';
import { type StatusSource, version1Text } from './status-messages.ts';

/**
 * Version 1 clients: each gets the whole status on connect and at every broadcast, and nothing
 * before the fleet was loaded. A client that has not drained misses a broadcast.
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

  /** JSON of the last broadcast. */
  get lastText(): string {
    return this.#lastFrame().text;
  }

  add(client: ClientSocket): void {
    this.#clients.add(client);
    if (this.#source.fleet.isLoaded) client.write(this.#lastFrame());
  }

  remove(client: ClientSocket): void {
    this.#clients.delete(client);
  }

  /** Encodes the current status. @returns a function that writes it to every client */
  encode(): () => Promise<void> {
    const frame = encodeFrame(version1Text(this.#source));
    this.#last = frame;
    return async () => {
      const { written, skipped } = await fanOut([...this.#clients], frame);
      this.#counts.written += written;
      this.#counts.skipped += skipped;
    };
  }

  #lastFrame(): EncodedFrame {
    this.#last ??= encodeFrame(version1Text(this.#source));
    return this.#last;
  }
}

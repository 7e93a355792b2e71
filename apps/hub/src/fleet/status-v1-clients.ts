import type { EncodedFrame } from '../ws/broadcast-frame.ts';
import type { ClientSocket } from '../ws/client-socket.ts';
import { fanOut } from '../ws/fan-out.ts';
import { EVERYTHING, type Readable } from '../ws/readable.ts';
import type { StreamClients } from '../ws/stream-endpoint.ts';
import { Turns } from '../ws/turns.ts';
import { encodeVersion1, type StatusSource } from './status-messages.ts';

/** A broadcast, and the {@link Fleet.rosterRevision} that it was encoded at. */
type Broadcast = { readonly frame: EncodedFrame; readonly rosterRevision: number };

/**
 * Version 1 clients: each gets the whole status on connect and at every broadcast, and nothing
 * before the first one. Clients with the same read scope share frames. A client that has not
 * drained misses a broadcast.
 */
export class StatusV1Clients implements StreamClients {
  readonly #source: StatusSource;
  readonly #clients = new Set<ClientSocket>();
  readonly #counts = { written: 0, skipped: 0 };
  /** The last broadcast by {@link Readable.key}. */
  #last: ReadonlyMap<string | null, Broadcast> = new Map();

  constructor(source: StatusSource) {
    this.#source = source;
  }

  get size(): number {
    return this.#clients.size;
  }

  get counts(): Readonly<{ written: number; skipped: number }> {
    return this.#counts;
  }

  /** Returns the last broadcast, or what it would be if there was none. */
  async last(readable: Readable): Promise<EncodedFrame> {
    return this.#current(readable) ?? (await encodeVersion1(this.#source, readable, new Turns()));
  }

  add(client: ClientSocket): void {
    this.#clients.add(client);
    const frame = this.#current(client.readable);
    if (frame !== null) client.write(frame);
    else if (this.#last.size > 0) void this.#greet(client);
  }

  remove(client: ClientSocket): void {
    this.#clients.delete(client);
  }

  /** Sends the current status to every client. */
  async broadcast(): Promise<void> {
    const turns = new Turns();
    const groups = Map.groupBy(this.#clients, ({ readable }) => readable.key);
    const last = new Map<string | null, Broadcast>();
    if (!groups.has(null)) groups.set(null, []); // for those that come next
    for (const [key, clients] of groups) {
      const { rosterRevision } = this.#source.fleet;
      const frame = await encodeVersion1(this.#source, clients[0]?.readable ?? EVERYTHING, turns);
      last.set(key, { frame, rosterRevision });
      this.#last = new Map([...this.#last, ...last]);
      const { written, skipped } = await fanOut(clients, frame, { turns });
      this.#counts.written += written;
      this.#counts.skipped += skipped;
    }
    this.#last = last;
  }

  /** Returns the last broadcast; `null` if there was none, or it may show what is hidden now. */
  #current({ key }: Readable): EncodedFrame | null {
    const last = this.#last.get(key);
    if (last === undefined) return null;
    return key === null || last.rosterRevision === this.#source.fleet.rosterRevision ? last.frame : null;
  }

  /** Writes to the first client of a read scope, unless a broadcast comes first. */
  async #greet(client: ClientSocket): Promise<void> {
    const { rosterRevision } = this.#source.fleet;
    const last = this.#last;
    const frame = await encodeVersion1(this.#source, client.readable, new Turns());
    const isCurrent = this.#last === last && this.#source.fleet.rosterRevision === rosterRevision;
    if (isCurrent && this.#clients.has(client)) client.write(frame);
  }
}

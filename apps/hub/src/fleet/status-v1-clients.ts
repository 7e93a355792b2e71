import type { EncodedFrame } from '../ws/broadcast-frame.ts';
import type { ClientSocket } from '../ws/client-socket.ts';
import { fanOut } from '../ws/fan-out.ts';
import { EVERYTHING, type Readable } from '../ws/readable.ts';
import type { StreamClients } from '../ws/stream-endpoint.ts';
import { Turns } from '../ws/turns.ts';
import { encodeVersion1, type StatusSource } from './status-messages.ts';

/** Clients with the same read scope, which share frames. */
type Group = {
  readonly readable: Readable;
  readonly clients: Set<ClientSocket>;
  /** The last broadcast, and the {@link Fleet.rosterRevision} that it was encoded at. */
  last: { readonly frame: EncodedFrame; readonly rosterRevision: number } | null;
};

const groupFor = (readable: Readable): Group => ({ readable, clients: new Set(), last: null });

/**
 * Version 1 clients: each gets the whole status on connect and at every broadcast, and nothing
 * before the first one. A client that has not drained misses a broadcast.
 */
export class StatusV1Clients implements StreamClients {
  readonly #source: StatusSource;
  readonly #everything = groupFor(EVERYTHING);
  /** By {@link Readable.key}. The group that reads everything stays, for those that come next. */
  readonly #groups = new Map([[EVERYTHING.key, this.#everything]]);
  readonly #counts = { written: 0, skipped: 0 };

  constructor(source: StatusSource) {
    this.#source = source;
  }

  get size(): number {
    return this.#groups.values().reduce((sum, { clients }) => sum + clients.size, 0);
  }

  get counts(): Readonly<{ written: number; skipped: number }> {
    return this.#counts;
  }

  /** Returns the last broadcast, or what it would be if there was none. */
  async last(readable: Readable): Promise<EncodedFrame> {
    const group = this.#groups.get(readable.key);
    const frame = group === undefined ? null : this.#current(group);
    return frame ?? (await encodeVersion1(this.#source, readable, new Turns()));
  }

  add(client: ClientSocket): void {
    const { readable } = client;
    const group = this.#groups.get(readable.key) ?? groupFor(readable);
    this.#groups.set(readable.key, group);
    group.clients.add(client);
    const frame = this.#current(group);
    if (frame !== null) client.write(frame);
    else if (this.#everything.last !== null) void this.#greet(client, group);
  }

  remove(client: ClientSocket): void {
    const { key } = client.readable;
    const group = this.#groups.get(key);
    group?.clients.delete(client);
    if (group?.clients.size === 0 && group !== this.#everything) this.#groups.delete(key);
  }

  /** Sends the current status to every client, those that connect meanwhile included. */
  async broadcast(): Promise<void> {
    const turns = new Turns();
    for (const group of this.#groups.values()) {
      const { rosterRevision } = this.#source.fleet;
      const frame = await encodeVersion1(this.#source, group.readable, turns);
      group.last = { frame, rosterRevision };
      const { written, skipped } = await fanOut([...group.clients], frame, { turns });
      this.#counts.written += written;
      this.#counts.skipped += skipped;
    }
  }

  /** Returns the last broadcast; `null` if there was none, or it may show what is hidden now. */
  #current({ readable, last }: Group): EncodedFrame | null {
    if (last === null) return null;
    const isCurrent = readable.key === null || last.rosterRevision === this.#source.fleet.rosterRevision;
    return isCurrent ? last.frame : null;
  }

  /** Writes to the first client of a read scope, unless a broadcast comes first. */
  async #greet(client: ClientSocket, group: Group): Promise<void> {
    const { rosterRevision } = this.#source.fleet;
    const { last } = group;
    const frame = await encodeVersion1(this.#source, group.readable, new Turns());
    const isCurrent = group.last === last && this.#source.fleet.rosterRevision === rosterRevision;
    if (isCurrent && group.clients.has(client)) client.write(frame);
  }
}

import type { Logger } from '@booner/service';
import { type EncodedFrame, encodeFrame } from '../ws/broadcast-frame.ts';
import type { ClientSocket } from '../ws/client-socket.ts';
import { fanOut } from '../ws/fan-out.ts';
import { createPacedFlush } from '../ws/paced-flush.ts';
import type { Readable } from '../ws/readable.ts';
import type { StreamClients } from '../ws/stream-endpoint.ts';
import type { TaskBoard } from './task-board.ts';

/** At most 20 maps a second. */
const MIN_INTERVAL_MS = 50;

export type TaskV1ClientsDeps = {
  readonly board: TaskBoard;
  /** Returns a number that changes with what read scopes cover. */
  readonly rosterRevision: () => number;
  readonly log: Logger;
};

/** Clients with the same read scope, which share maps. */
type Group = {
  readonly readable: Readable;
  readonly clients: Set<ClientSocket>;
  /** The newest map. */
  map: { readonly revision: string; readonly frame: EncodedFrame } | null;
  /** Revision of the map that all clients got, or will once they have drained. */
  sentRevision: string | null;
};

/**
 * Version 1 clients: each gets the whole map of tasks on connect and at each change. A change after
 * a quiet time goes out at once, a burst as few maps. Nothing queues for a client that has not
 * drained: it gets the newest map once it has.
 */
export class TaskV1Clients implements StreamClients {
  readonly #board: TaskBoard;
  readonly #rosterRevision: () => number;
  /** By {@link Readable.key}. */
  readonly #groups = new Map<string | null, Group>();
  /** Clients that were left out and wait to drain. */
  readonly #behind = new Set<ClientSocket>();
  readonly #pacer: ReturnType<typeof createPacedFlush>;
  readonly #counts = { written: 0, skipped: 0 };

  constructor({ board, rosterRevision, log }: TaskV1ClientsDeps) {
    this.#board = board;
    this.#rosterRevision = rosterRevision;
    const onError = (error: unknown) => log.error({ err: error }, 'the map of tasks could not be broadcast');
    this.#pacer = createPacedFlush(() => this.#flush(), { minIntervalMs: MIN_INTERVAL_MS, onError });
  }

  get size(): number {
    return this.#groups.values().reduce((sum, { clients }) => sum + clients.size, 0);
  }

  get counts(): Readonly<{ written: number; skipped: number }> {
    return this.#counts;
  }

  /** Sends the map at once, or after the board was loaded: before, no map would be true. */
  add(client: ClientSocket): void {
    const { readable } = client;
    const known = this.#groups.get(readable.key);
    const group: Group = known ?? { readable, clients: new Set(), map: null, sentRevision: null };
    this.#groups.set(readable.key, group);
    group.clients.add(client);
    if (!this.#board.isLoaded) return;
    if (known === undefined) group.sentRevision = this.#revisionOf(group);
    this.#write(client, group);
  }

  remove(client: ClientSocket): void {
    this.#behind.delete(client);
    const { key } = client.readable;
    const group = this.#groups.get(key);
    group?.clients.delete(client);
    if (group?.clients.size === 0) this.#groups.delete(key);
  }

  /** MUST be called after each change of the board, and of what read scopes cover. */
  announce(): void {
    const isStale = (group: Group) => group.sentRevision !== this.#revisionOf(group);
    if (this.#board.isLoaded && this.#groups.values().some(isStale)) this.#pacer.request();
  }

  async #flush(): Promise<void> {
    for (const group of [...this.#groups.values()]) {
      const revision = this.#revisionOf(group);
      if (group.sentRevision === revision) continue;
      group.sentRevision = revision;
      const onSkipped = (client: ClientSocket) => this.#writeOnceDrained(client, group);
      const { written, skipped } = await fanOut([...group.clients], this.#frameOf(group), { onSkipped });
      this.#counts.written += written;
      this.#counts.skipped += skipped;
    }
  }

  #write(client: ClientSocket, group: Group): void {
    if (client.write(this.#frameOf(group)) === 'written') this.#counts.written++;
    else this.#writeOnceDrained(client, group);
  }

  #writeOnceDrained(client: ClientSocket, group: Group): void {
    if (this.#behind.has(client) || !client.isOpen) return;
    this.#behind.add(client);
    client.whenDrained(() => {
      if (this.#behind.delete(client)) this.#write(client, group);
    });
  }

  #frameOf(group: Group): EncodedFrame {
    const revision = this.#revisionOf(group);
    if (group.map?.revision !== revision)
      group.map = { revision, frame: encodeFrame(this.#board.version1Text(group.readable)) };
    return group.map.frame;
  }

  #revisionOf({ readable }: Group): string {
    const { version1Revision } = this.#board;
    return readable.key === null ? `${version1Revision}` : `${version1Revision} ${this.#rosterRevision()}`;
  }
}

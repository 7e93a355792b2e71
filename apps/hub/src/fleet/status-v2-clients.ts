import {
  type StatusClientMessage,
  type StatusServerMessage,
  statusClientMessageSchema,
} from '@booner/protocol';
import { type EncodedFrame, encodeFrame } from '../ws/broadcast-frame.ts';
import { parseClientMessage } from '../ws/client-message.ts';
import type { ClientSocket } from '../ws/client-socket.ts';
import { fanOut, inTurns } from '../ws/fan-out.ts';
import type { StreamClients } from '../ws/stream-endpoint.ts';
import { snapshotOf, subscribedHosts, type View, Views } from '../ws/views.ts';
import type { FleetChanges } from './fleet-changes.ts';
import {
  patchText,
  type StatusScope,
  type StatusSource,
  snapshotText,
  WHOLE_FLEET,
} from './status-messages.ts';

/** A sequence that no frame has. */
const NONE = 0;

type Membership = {
  readonly view: View<StatusScope>;
  /** Sequence of the last frame sent; {@link NONE} when the client missed one. */
  sequence: number;
};

/**
 * Version 2 clients: each gets a snapshot on connect and when it subscribes, then a patch at every
 * broadcast. One that has not drained misses patches and gets a snapshot after a later broadcast,
 * so its picture is whole again. Before the fleet was loaded, clients get `waiting`.
 */
export class StatusV2Clients implements StreamClients {
  readonly #source: StatusSource;
  readonly #memberships = new Map<ClientSocket, Membership>();
  readonly #views = new Views<StatusScope>();
  readonly #counts = { written: 0, skipped: 0 };
  #sequence = 1;

  constructor(source: StatusSource) {
    this.#source = source;
  }

  get size(): number {
    return this.#memberships.size;
  }

  get counts(): Readonly<{ written: number; skipped: number }> {
    return this.#counts;
  }

  /** JSON of the `snapshot` that a new client would get now. */
  snapshotText(): string {
    return snapshotText(this.#source, WHOLE_FLEET, this.#sequence);
  }

  add(client: ClientSocket): void {
    this.#subscribe(client, WHOLE_FLEET);
  }

  /** Takes a message. An invalid one is answered with an `error`; the socket stays open. */
  receive(client: ClientSocket, text: string): void {
    const parsed = parseClientMessage(statusClientMessageSchema, text);
    if ('issue' in parsed) this.refuse(client, parsed.issue);
    else this.#handle(client, parsed.message);
  }

  refuse(client: ClientSocket, detail: string): void {
    client.push(encodeMessage({ type: 'error', detail }));
  }

  remove(client: ClientSocket): void {
    const membership = this.#memberships.get(client);
    if (membership === undefined) return;
    this.#views.leave(client, membership.view);
    this.#memberships.delete(client);
  }

  /**
   * Encodes a patch for each view.
   * @returns a function that writes them, and snapshots where needed
   */
  encode(changes: FleetChanges): () => Promise<void> {
    const sequence = ++this.#sequence;
    this.#views.dropSnapshots();
    const behind = [...this.#memberships].flatMap(([client, membership]) =>
      membership.sequence === sequence - 1 ? [] : client,
    );
    const patches = Array.from(this.#views, (view) => {
      return { view, frame: encodeFrame(patchText(this.#source, view.scope, changes, sequence)) };
    });
    return async () => {
      for (const { view, frame } of patches) await this.#write(this.#takePatch(view, sequence), frame);
      await inTurns(behind, (client) => this.#sendSnapshot(client));
    };
  }

  /** Writes to every client that the fleet is not loaded yet. */
  sendWaiting(): Promise<void> {
    return this.#write([...this.#memberships.keys()], this.#waitingFrame());
  }

  async #write(clients: Iterable<ClientSocket>, frame: EncodedFrame): Promise<void> {
    const onSkipped = (client: ClientSocket) => {
      const membership = this.#memberships.get(client);
      if (membership !== undefined) membership.sequence = NONE;
    };
    const { written, skipped } = await fanOut(clients, frame, { onSkipped });
    this.#counts.written += written;
    this.#counts.skipped += skipped;
  }

  /**
   * Yields the clients of a view that have the previous broadcast, one by one during the fan-out.
   */
  *#takePatch(view: View<StatusScope>, sequence: number): Iterable<ClientSocket> {
    for (const client of [...view.clients]) {
      const membership = this.#memberships.get(client);
      if (membership?.view !== view || membership.sequence !== sequence - 1) continue;
      membership.sequence = sequence;
      yield client;
    }
  }

  #handle(client: ClientSocket, message: StatusClientMessage): void {
    switch (message.type) {
      case 'subscribe':
        this.#subscribe(client, { hosts: subscribedHosts(message.hosts), detail: message.detail });
        break;
      case 'ping':
        client.push(encodeMessage({ type: 'pong' }));
        break;
      default:
        message satisfies never;
    }
  }

  #subscribe(client: ClientSocket, scope: StatusScope): void {
    this.remove(client);
    this.#memberships.set(client, { view: this.#views.join(client, scope), sequence: NONE });
    this.#sendSnapshot(client);
  }

  /** Sends a snapshot to a client that is not up to date and has drained. */
  #sendSnapshot(client: ClientSocket): void {
    const membership = this.#memberships.get(client);
    if (membership === undefined || membership.sequence === this.#sequence || !client.hasDrained) return;
    if (!this.#source.fleet.isLoaded) {
      client.write(this.#waitingFrame());
      return;
    }
    const { view } = membership;
    const snapshot = snapshotOf(view, () => snapshotText(this.#source, view.scope, this.#sequence));
    if (client.write(snapshot) === 'written') membership.sequence = this.#sequence;
  }

  #waitingFrame(): EncodedFrame {
    return encodeMessage({ type: 'waiting', reason: this.#source.waitingFor() });
  }
}

const encodeMessage = (message: StatusServerMessage): EncodedFrame => encodeFrame(JSON.stringify(message));

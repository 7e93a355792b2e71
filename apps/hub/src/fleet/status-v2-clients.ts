import {
  type HostId,
  type StatusClientMessage,
  type StatusServerMessage,
  statusClientMessageSchema,
} from '@booner/protocol';
import { type EncodedFrame, encodeFrame } from '../ws/broadcast-frame.ts';
import { parseClientMessage } from '../ws/client-message.ts';
import type { ClientSocket } from '../ws/client-socket.ts';
import { fanOut } from '../ws/fan-out.ts';
import { createPacedFlush } from '../ws/paced-flush.ts';
import type { Readable } from '../ws/readable.ts';
import type { StreamClients } from '../ws/stream-endpoint.ts';
import { Turns } from '../ws/turns.ts';
import { subscribedHosts, TOO_MANY_FILTERS, type View, Views } from '../ws/views.ts';
import type { FleetChanges } from './fleet-changes.ts';
import {
  changesInScope,
  encodePatch,
  encodeSnapshot,
  entriesInScope,
  type StatusScope,
  type StatusSource,
  wholeFleet,
} from './status-messages.ts';

/** The sequence of a client that missed a frame, or has none yet. */
const NONE = Number.NEGATIVE_INFINITY;

type Membership = {
  /** The scope that the client asked for. */
  readonly wanted: StatusScope;
  /** The part of it that exists. */
  readonly view: View<StatusScope>;
  /** Sequence of the last frame sent. */
  sequence: number;
};

/**
 * Version 2 clients: each gets a snapshot on connect and when it subscribes, then a patch at every
 * broadcast. One that has not drained misses patches and gets a snapshot after a later broadcast,
 * so its picture is whole again. Before the fleet was loaded, clients get `waiting`.
 *
 * Frames are encoded view by view, right before they are written, and only for clients that will
 * take them: no more than one is in memory for clients that keep up.
 */
export class StatusV2Clients implements StreamClients {
  readonly #source: StatusSource;
  readonly #memberships = new Map<ClientSocket, Membership>();
  readonly #views = new Views<StatusScope>();
  /** Clients that named hosts which do not exist. */
  readonly #incomplete = new Set<ClientSocket>();
  /** Hosts that clients of views with a read scope may have. */
  readonly #shown = new WeakMap<View<StatusScope>, Shown>();
  readonly #snapshots: ReturnType<typeof createPacedFlush>;
  readonly #counts = { written: 0, skipped: 0 };
  #sequence = 1;
  #rosterRevision = 0;

  constructor(source: StatusSource) {
    this.#source = source;
    const onError = (error: unknown) => source.log.error({ err: error }, 'snapshots could not be sent');
    this.#snapshots = createPacedFlush(() => this.#sendSnapshots(), { minIntervalMs: 0, onError });
  }

  get size(): number {
    return this.#memberships.size;
  }

  get counts(): Readonly<{ written: number; skipped: number }> {
    return this.#counts;
  }

  /** Encodes the `snapshot` that a new client would get now. */
  snapshot(readable: Readable): Promise<EncodedFrame> {
    return encodeSnapshot(this.#source, wholeFleet(readable), this.#sequence, new Turns());
  }

  add(client: ClientSocket): void {
    this.#subscribe(client, wholeFleet(client.readable));
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
    this.#incomplete.delete(client);
  }

  /**
   * Starts a broadcast: clients that subscribe from now on have its changes in their snapshot.
   * @returns a function that sends each view its patch, and snapshots where needed
   */
  begin(changes: FleetChanges): () => Promise<void> {
    const sequence = ++this.#sequence;
    this.#includeNewHosts();
    return async () => {
      const turns = new Turns();
      const isDue = (membership: Membership) => membership.sequence === sequence - 1;
      for (const view of [...this.#views]) {
        const clients = this.#clientsOf(view, isDue);
        if (clients.length === 0) continue;
        const ofView = this.#changesOf(view, changes);
        const patch = await encodePatch(this.#source, view.scope, ofView, sequence, turns);
        const { written, skipped } = await this.#send(view, clients, patch, { sequence, isDue, turns });
        this.#counts.written += written;
        this.#counts.skipped += skipped;
      }
      this.#snapshots.request();
    };
  }

  /** Writes to every client that the fleet is not loaded yet. */
  async sendWaiting(): Promise<void> {
    const { written, skipped } = await fanOut([...this.#memberships.keys()], this.#waitingFrame());
    this.#counts.written += written;
    this.#counts.skipped += skipped;
  }

  #handle(client: ClientSocket, message: StatusClientMessage): void {
    switch (message.type) {
      case 'subscribe':
        this.#subscribe(client, {
          hosts: subscribedHosts(message.hosts),
          detail: message.detail,
          readable: client.readable,
        });
        break;
      case 'ping':
        client.push(encodeMessage({ type: 'pong' }));
        break;
      default:
        message satisfies never;
    }
  }

  #subscribe(client: ClientSocket, wanted: StatusScope): void {
    const scope = this.#existingPart(wanted);
    const view = this.#views.move(client, this.#memberships.get(client)?.view ?? null, scope);
    this.#incomplete.delete(client);
    if (view === null) {
      this.refuse(client, TOO_MANY_FILTERS);
      return;
    }
    this.#memberships.set(client, { wanted, view, sequence: NONE });
    if (scope.hosts?.size !== wanted.hosts?.size) this.#incomplete.add(client);
    if (this.#source.fleet.isLoaded) this.#snapshots.request();
    else client.write(this.#waitingFrame());
  }

  /**
   * Leaves out hosts that do not exist, so that invented names make no views of their own. Hosts
   * that may not be read count as such.
   */
  #existingPart(scope: StatusScope): StatusScope {
    if (scope.hosts === null) return scope;
    return { ...scope, hosts: new Set([...scope.hosts].filter((host) => this.#exists(scope, host))) };
  }

  #exists({ readable }: StatusScope, host: HostId): boolean {
    return this.#source.fleet.get(host) !== null && readable.has(host);
  }

  /**
   * Returns the changes that a view shows. In one with a read scope, hosts also come and go with
   * their labels, and a host that went is not named unless it was shown.
   */
  #changesOf(view: View<StatusScope>, changes: FleetChanges): FleetChanges {
    const { fleet } = this.#source;
    if (view.scope.readable.key === null) return changesInScope(fleet, view.scope, changes);
    const { hosts: before, rosterRevision } = this.#shown.get(view) ?? NOTHING_SHOWN;
    if (rosterRevision === fleet.rosterRevision) {
      const changed = [...changes.changed].filter(({ host }) => before.has(host));
      return { changed: new Set(changed), removed: new Set() };
    }
    const entries = entriesInScope(fleet, view.scope);
    const now = new Set(entries.map(({ host }) => host));
    this.#shown.set(view, { hosts: now, rosterRevision: fleet.rosterRevision });
    return {
      changed: new Set(entries.filter((entry) => changes.changed.has(entry) || !before.has(entry.host))),
      removed: before.difference(now),
    };
  }

  /** Subscribes clients anew that named a host before it existed for them. */
  #includeNewHosts(): void {
    const { rosterRevision } = this.#source.fleet;
    if (rosterRevision === this.#rosterRevision) return;
    this.#rosterRevision = rosterRevision;
    for (const client of [...this.#incomplete]) {
      const { wanted, view } = this.#memberships.get(client)!;
      const isNew = (host: HostId) => this.#exists(wanted, host) && !view.scope.hosts?.has(host);
      if ([...(wanted.hosts ?? [])].some(isNew)) this.#subscribe(client, wanted);
    }
  }

  /** Sends snapshots to the clients that are behind and have drained. */
  async #sendSnapshots(): Promise<void> {
    this.#includeNewHosts();
    const turns = new Turns();
    const isBehind = (membership: Membership) => membership.sequence < this.#sequence - 1;
    const behind = new Set<View<StatusScope>>();
    for (const [client, membership] of this.#memberships) {
      if (isBehind(membership) && client.hasDrained) behind.add(membership.view);
    }
    for (const view of behind) {
      // A patch that comes meanwhile goes to others; the one after it goes to these clients, too.
      const sequence = this.#sequence;
      this.#noteShown(view);
      const snapshot = await encodeSnapshot(this.#source, view.scope, sequence, turns);
      const clients = this.#clientsOf(view, isBehind).filter(({ hasDrained }) => hasDrained);
      await this.#send(view, clients, snapshot, { sequence, isDue: isBehind, turns });
    }
  }

  /** Adds what a snapshot shows, so that a later patch can take it back. */
  #noteShown(view: View<StatusScope>): void {
    const { fleet } = this.#source;
    const { hosts: before, rosterRevision } = this.#shown.get(view) ?? NOTHING_SHOWN;
    if (view.scope.readable.key === null || rosterRevision === fleet.rosterRevision) return;
    const hosts = entriesInScope(fleet, view.scope).map(({ host }) => host);
    this.#shown.set(view, { hosts: new Set([...before, ...hosts]), rosterRevision: null });
  }

  #clientsOf(view: View<StatusScope>, isDue: (membership: Membership) => boolean): ClientSocket[] {
    return [...view.clients].filter((client) => isDue(this.#memberships.get(client)!));
  }

  #send(
    view: View<StatusScope>,
    clients: readonly ClientSocket[],
    frame: EncodedFrame,
    { sequence, isDue, turns }: SendOptions,
  ): Promise<{ written: number; skipped: number }> {
    return fanOut(clients, frame, {
      turns,
      isDue: (client) => {
        const membership = this.#memberships.get(client);
        if (membership?.view !== view || !isDue(membership)) return false;
        membership.sequence = sequence;
        return true;
      },
      onSkipped: (client) => {
        const membership = this.#memberships.get(client);
        if (membership !== undefined) membership.sequence = NONE;
      },
    });
  }

  #waitingFrame(): EncodedFrame {
    return encodeMessage({ type: 'waiting', reason: this.#source.waitingFor() });
  }
}

/**
 * Hosts that a view has shown, and the {@link Fleet.rosterRevision} at which they were all that it
 * should; `null`: at none.
 */
type Shown = { readonly hosts: ReadonlySet<HostId>; readonly rosterRevision: number | null };

const NOTHING_SHOWN: Shown = { hosts: new Set(), rosterRevision: null };

type SendOptions = {
  /** Number of the broadcast that the frame is at least as new as. */
  readonly sequence: number;
  readonly isDue: (membership: Membership) => boolean;
  readonly turns: Turns;
};

const encodeMessage = (message: StatusServerMessage): EncodedFrame => encodeFrame(JSON.stringify(message));

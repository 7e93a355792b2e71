import {
  type AlertServerMessage,
  type BusState,
  type Cursor,
  compareCursors,
  type HostId,
  START_CURSOR,
  type TaskServerMessage,
} from '@booner/protocol';
import type { Logger } from '@booner/service';
import { type EncodedFrame, encodeFrame, encodeList, joinFrames, type WireBytes } from './broadcast-frame.ts';
import type { ClientSocket } from './client-socket.ts';
import { fanOut } from './fan-out.ts';
import { createPacedFlush } from './paced-flush.ts';
import { Turns } from './turns.ts';
import { type HostScope, isInScope, TOO_MANY_FILTERS, type View, Views } from './views.ts';

/** Messages that all streams with subscriptions have in common. */
type CommonMessage = Extract<
  TaskServerMessage | AlertServerMessage,
  { type: 'waiting' | 'resumed' | 'bus' | 'error' }
>;

const encodeMessage = (message: CommonMessage): EncodedFrame => encodeFrame(JSON.stringify(message));

type Positioned = { readonly cursor: Cursor };

/** Events as the clients of a scope get them. */
type ScopedEvents = {
  /** A message for each event that is in scope. */
  readonly frames: readonly WireBytes[];
  /** Hosts of the events. */
  readonly hosts: readonly HostId[];
};

export type MissedRead<Event extends Positioned> =
  | { readonly type: 'page'; readonly events: readonly Event[] }
  /** The position is no longer in the stream, which now ends at `end`. */
  | { readonly type: 'trimmed'; readonly end: Cursor };

/** The events of a stream, and the board that they change. */
export type EventFeed<Event extends Positioned> = {
  readonly board: {
    /** True once the bus was read. */
    readonly isLoaded: boolean;
    /** Position of the board, and so of a snapshot of it. */
    readonly cursor: Cursor;
  };
  /** Field of a snapshot that lists the items of the board. */
  readonly listName: string;
  /** Returns the items of the board in scope, each as JSON. */
  itemTexts(scope: HostScope): readonly string[];
  /** Returns the hosts that have items. */
  hosts(): Iterable<HostId>;
  /** Encodes events, once for all scopes. @returns a function that selects those in a scope */
  encode(events: readonly Event[]): (scope: HostScope) => ScopedEvents;
  /** Returns false while events cannot be read. */
  isConnected(): boolean;
  /** Reads a page of the events after a position. A rejection is logged: they cannot be read. */
  readMissed(after: Cursor): Promise<MissedRead<Event>>;
};

export type SubscriptionsDeps<Event extends Positioned> = {
  readonly feed: EventFeed<Event>;
  /** Returns the reason why a client waits, as a sentence. */
  readonly waitingFor: () => string;
  readonly log: Logger;
};

/**
 * The events of some hosts from a position on; without a position (`null`) from the current state.
 */
export type Subscription = Pick<HostScope, 'hosts'> & { readonly cursor: Cursor | null };

/**
 * Replaced by each new subscription, so that an answer to the old one is dropped when it is ready.
 */
type Membership = {
  readonly view: View<HostScope>;
  /** Number of the last flush before its answer; infinite while it waits for that. */
  enteredAfter: number;
  /** Position of a waiting client; `null` if it needs a snapshot. */
  cursor: Cursor | null;
  /** An older snapshot than this position would take the client back in time. */
  notBefore: Cursor;
  isResumed: boolean;
};

/** A snapshot of a view as of a position, and the clients that it is for. */
type Snapshot = {
  readonly cursor: Cursor;
  readonly items: readonly string[];
  readonly members: Map<ClientSocket, Membership>;
};

/** For a client without a position. */
const FROM_NOW = { cursor: null, notBefore: START_CURSOR, isResumed: false };

/**
 * The subscriptions of version 2 clients. Events and snapshots go out in flushes, several events in
 * one write when they come close together. A client enters at the position of a flush, so it misses
 * no event and sees none twice. No client goes back in time: one that knows more than this hub
 * waits until the hub has caught up. Bytes are made view by view, right before they are written.
 */
export class Subscriptions<Event extends Positioned> {
  readonly #deps: SubscriptionsDeps<Event>;
  readonly #pacer: ReturnType<typeof createPacedFlush>;
  readonly #views = new Views<HostScope>();
  readonly #memberships = new Map<ClientSocket, Membership>();
  /** Clients that cannot be answered before the board moves on. */
  #waiting = new Set<ClientSocket>();
  /** Hosts whose items clients of views with a read scope have. */
  readonly #shown = new WeakMap<View<HostScope>, Set<HostId>>();
  /** Clients that the next flush sends a snapshot to. */
  #wantSnapshot = new Set<ClientSocket>();
  /** Events that the board has applied and that are not flushed yet. */
  #pending: Event[] = [];
  /** Position of the last flushed event. */
  #position: Cursor = START_CURSOR;
  /** State of the bus that was last sent to clients. */
  #bus: BusState = 'connecting';
  readonly #counts = { flushes: 0, eventsWritten: 0, resumed: 0, snapshots: 0, closedTooSlow: 0 };

  constructor(deps: SubscriptionsDeps<Event>) {
    this.#deps = deps;
    const onError = (error: unknown) => deps.log.error({ err: error }, 'events could not be broadcast');
    this.#pacer = createPacedFlush(() => this.#flush(), { minIntervalMs: 0, onError });
  }

  get size(): number {
    return this.#memberships.size;
  }

  get counts() {
    return this.#counts;
  }

  /**
   * Answers with `resumed` and the missed events, or with a snapshot; then events follow. Sends
   * `waiting` first if neither is possible yet. Replaces an earlier subscription of the client.
   */
  subscribe(client: ClientSocket, { hosts, cursor }: Subscription): void {
    const known = this.#memberships.get(client);
    const view = this.#views.move(client, known?.view ?? null, { hosts, readable: client.readable });
    if (view === null) {
      this.push(client, encodeMessage({ type: 'error', detail: TOO_MANY_FILTERS }));
      if (known === undefined) this.subscribe(client, { hosts: null, cursor });
      return;
    }
    this.#enter(client, view, { ...FROM_NOW, cursor });
    if (this.#waiting.has(client)) this.#sendWaiting(client);
  }

  remove(client: ClientSocket): void {
    const membership = this.#memberships.get(client);
    if (membership !== undefined) this.#views.leave(client, membership.view);
    this.#memberships.delete(client);
    this.#waiting.delete(client);
    this.#wantSnapshot.delete(client);
  }

  /** Takes events. MUST be called in the turn in which the board applied them. */
  publish(events: readonly Event[]): void {
    this.#pending.push(...events);
    this.#pacer.request();
  }

  /**
   * Starts over after the board was loaded from the bus: clients get a snapshot, because their
   * position was replaced. Waiting clients are served if possible.
   */
  reset(): void {
    this.#pending = [];
    this.#position = this.#deps.feed.board.cursor;
    this.#bus = 'connected';
    for (const client of [...this.#memberships.keys()]) this.#startOver(client);
  }

  /**
   * Takes the state of the bus: `connected` whenever the board is as new as the bus, also
   * repeatedly. Each time waiting clients are served if possible.
   */
  setBus(bus: BusState): void {
    if (bus !== this.#bus) {
      this.#bus = bus;
      void this.#sendBus(bus);
    }
    if (bus === 'connected') this.#serveWaiting();
  }

  /** Sends a snapshot to clients whose read scope covers other hosts than they have. */
  applyReadScopes(): void {
    const hosts = [...this.#deps.feed.hosts()];
    for (const view of [...this.#views]) {
      if (view.scope.readable.key === null) continue;
      const shown = this.#shown.get(view);
      if (hosts.every((host) => shown?.has(host) === isInScope(view.scope, host))) continue;
      for (const client of [...view.clients]) this.#startOver(client);
    }
  }

  /** Writes to a client that may not have drained. @returns whether it was written */
  push(client: ClientSocket, bytes: WireBytes): boolean {
    const outcome = client.push(bytes);
    if (outcome === 'closed as too slow') this.#counts.closedTooSlow++;
    return outcome === 'written';
  }

  #enter(
    client: ClientSocket,
    view: View<HostScope>,
    { cursor, notBefore, isResumed }: Pick<Membership, 'cursor' | 'notBefore' | 'isResumed'>,
  ): void {
    this.#waiting.delete(client);
    this.#wantSnapshot.delete(client);
    const enteredAfter = Number.POSITIVE_INFINITY;
    this.#memberships.set(client, { view, enteredAfter, cursor, notBefore, isResumed });
    this.#serve(client);
  }

  /** Answers a client with a snapshot again, or still for the first time if it waits. */
  #startOver(client: ClientSocket): void {
    const membership = this.#memberships.get(client)!;
    const isWaiting = membership.enteredAfter === Number.POSITIVE_INFINITY;
    this.#enter(client, membership.view, isWaiting ? membership : FROM_NOW);
  }

  /**
   * Returns the position that a client can resume at. One with a read scope gets a snapshot: its
   * scope may have covered other hosts at its position.
   */
  #resumable(membership: Membership): Cursor | null {
    const { cursor, view, notBefore } = membership;
    if (cursor === null || view.scope.readable.key === null) return cursor;
    membership.cursor = null;
    if (compareCursors(notBefore, cursor) < 0) membership.notBefore = cursor;
    return null;
  }

  async #flush(): Promise<void> {
    const events = this.#pending;
    this.#pending = [];
    this.#position = events.at(-1)?.cursor ?? this.#position;
    if (events.length > 0) this.#counts.flushes++;
    const flush = this.#counts.flushes;
    this.#serveWaiting();
    const snapshots = this.#takeSnapshots();
    const turns = new Turns();
    for (const { view, hosts, bytes, eventCount } of this.#batches(events)) {
      const shown = this.#shown.get(view);
      for (const host of hosts) shown?.add(host);
      for (const client of [...view.clients]) {
        if (turns.isOver) await turns.next();
        const membership = this.#memberships.get(client);
        // Skips a client whose answer contains these events.
        if (membership?.view !== view || membership.enteredAfter >= flush) continue;
        if (this.push(client, bytes)) this.#counts.eventsWritten += eventCount;
      }
    }
    for (const snapshot of snapshots) await this.#sendSnapshot(snapshot, turns);
  }

  /** Notes what the clients that want a snapshot see now: they enter at this position. */
  #takeSnapshots(): Iterable<Snapshot> {
    const { board } = this.#deps.feed;
    const wanting = this.#wantSnapshot;
    this.#wantSnapshot = new Set();
    const snapshots = new Map<View<HostScope>, Snapshot>();
    for (const client of wanting) {
      const membership = this.#memberships.get(client)!;
      if (compareCursors(board.cursor, membership.notBefore) < 0) {
        this.#waiting.add(client);
        continue;
      }
      const { view } = membership;
      const snapshot = snapshots.get(view) ?? this.#newSnapshot(view);
      snapshots.set(view, snapshot);
      snapshot.members.set(client, membership);
      membership.enteredAfter = this.#counts.flushes;
    }
    return snapshots.values();
  }

  #newSnapshot(view: View<HostScope>): Snapshot {
    const { feed } = this.#deps;
    if (view.scope.readable.key !== null) {
      const hosts = [...feed.hosts()].filter((host) => isInScope(view.scope, host));
      this.#shown.set(view, new Set(hosts));
    }
    return { cursor: feed.board.cursor, items: feed.itemTexts(view.scope), members: new Map() };
  }

  async #sendSnapshot({ cursor, items, members }: Snapshot, turns: Turns): Promise<void> {
    const bus = this.#bus;
    const before = `{"type":"snapshot","cursor":"${cursor}","bus":"${bus}","${this.#deps.feed.listName}":[`;
    const frame = await encodeList({ before, items, after: ']}' }, turns);
    const { written } = await fanOut([...members.keys()], frame, {
      turns,
      isDue: (client) => this.#memberships.get(client) === members.get(client),
      onSkipped: (client) => {
        members.get(client)!.enteredAfter = Number.POSITIVE_INFINITY;
        members.delete(client);
        this.#serve(client);
      },
    });
    this.#counts.snapshots += written;
    if (bus === this.#bus) return;
    const change = encodeMessage({ type: 'bus', bus: this.#bus }); // it was sent before the snapshot
    for (const client of members.keys()) this.push(client, change);
  }

  async #sendBus(bus: BusState): Promise<void> {
    const bytes = encodeMessage({ type: 'bus', bus });
    const turns = new Turns();
    for (const client of [...this.#memberships.keys()]) {
      if (turns.isOver) await turns.next();
      const membership = this.#memberships.get(client);
      if (membership === undefined) continue;
      if (membership.enteredAfter !== Number.POSITIVE_INFINITY) this.push(client, bytes);
      else if (bus !== 'connected') this.#sendWaiting(client);
    }
  }

  #sendWaiting(client: ClientSocket): void {
    if (this.#deps.feed.board.isLoaded && this.#bus === 'connected') return; // its answer is on the way
    this.push(client, encodeMessage({ type: 'waiting', reason: this.#deps.waitingFor() }));
  }

  #serveWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const client of waiting) this.#serve(client);
  }

  /** Answers a waiting client as far as possible now. What it waits for calls this again. */
  #serve(client: ClientSocket): void {
    const membership = this.#memberships.get(client);
    if (membership === undefined || membership.enteredAfter <= this.#counts.flushes) return;
    const { board } = this.#deps.feed;
    const cursor = this.#resumable(membership);
    if (!board.isLoaded)
      this.#waiting.add(client); // the reset that follows serves everyone
    else if (!client.hasDrained) {
      client.whenDrained(() => this.#memberships.get(client) === membership && this.#serve(client));
    } else if (cursor === this.#position) {
      this.#resume(client, membership, cursor, []);
      membership.enteredAfter = this.#counts.flushes;
    } else if (cursor === null) {
      this.#wantSnapshot.add(client);
      this.#pacer.request();
    } else if (this.#deps.feed.isConnected()) {
      void this.#catchUp(client, membership, cursor);
    } else this.#serveWithoutMissed(client, membership, cursor);
  }

  /** Sends a client the next page of what it missed. */
  async #catchUp(client: ClientSocket, membership: Membership, after: Cursor): Promise<void> {
    const boardCursor = this.#deps.feed.board.cursor;
    const read = await this.#readMissed(after);
    if (this.#memberships.get(client) !== membership) return;
    switch (read.type) {
      case 'page':
        if (client.hasDrained && this.#sendMissed(client, membership, after, read.events) === 'ahead') {
          this.#waiting.add(client); // this hub will soon flush what the client knows from another
          return;
        }
        break;
      case 'trimmed':
        // A stream that ends before the board's position was replaced: the board is reloaded soon.
        if (compareCursors(read.end, boardCursor) < 0) return void this.#waiting.add(client);
        membership.cursor = null;
        membership.notBefore = compareCursors(after, read.end) < 0 ? after : read.end;
        break;
      case 'failed':
        return this.#serveWithoutMissed(client, membership, after);
      default:
        read satisfies never;
    }
    this.#serve(client);
  }

  /** Sends a snapshot in place of unreadable events, unless the client knows more than this hub. */
  #serveWithoutMissed(client: ClientSocket, membership: Membership, cursor: Cursor): void {
    if (compareCursors(this.#deps.feed.board.cursor, cursor) < 0) {
      this.#waiting.add(client);
      return;
    }
    membership.cursor = null;
    membership.notBefore = cursor;
    this.#serve(client);
  }

  async #readMissed(after: Cursor): Promise<MissedRead<Event> | { readonly type: 'failed' }> {
    try {
      return await this.#deps.feed.readMissed(after);
    } catch (error) {
      this.#deps.log.debug({ err: error }, 'missed events could not be read');
      return { type: 'failed' };
    }
  }

  #sendMissed(client: ClientSocket, membership: Membership, after: Cursor, page: readonly Event[]) {
    const { missed, cursor, isAhead } = upTo(this.#position, page, after);
    this.#resume(client, membership, after, missed);
    membership.cursor = cursor;
    return isAhead ? 'ahead' : 'behind';
  }

  #resume(client: ClientSocket, membership: Membership, from: Cursor, missed: readonly Event[]): void {
    const { frames } = this.#deps.feed.encode(missed)(membership.view.scope);
    const messages = [...frames];
    if (!membership.isResumed) {
      messages.unshift(encodeMessage({ type: 'resumed', cursor: from, bus: this.#bus }));
      this.#counts.resumed++;
    }
    membership.isResumed = true;
    if (messages.length > 0) client.write(joinFrames(messages));
    this.#counts.eventsWritten += frames.length;
  }

  /**
   * Joins the bytes of events once per view that has any of them in scope. The bytes of a view are
   * made when it is next, so that those of all views are never in memory at once.
   */
  *#batches(events: readonly Event[]): Iterable<EventBatch> {
    if (this.#views.size === 0 || events.length === 0) return;
    const select = this.#deps.feed.encode(events);
    for (const view of [...this.#views]) {
      const { frames, hosts } = select(view.scope);
      if (frames.length > 0) yield { view, hosts, bytes: joinFrames(frames), eventCount: frames.length };
    }
  }
}

/** Events as one view gets them. */
type EventBatch = Pick<ScopedEvents, 'hosts'> & {
  readonly view: View<HostScope>;
  readonly bytes: WireBytes;
  readonly eventCount: number;
};

type MissedPage<Event> = {
  readonly missed: readonly Event[];
  /** Position of the client once it has received them. */
  readonly cursor: Cursor;
  /** True if the client knows events that this hub has not flushed yet. */
  readonly isAhead: boolean;
};

/**
 * Cuts a page at the position up to which events were flushed; later events are flushed to
 * everyone.
 * @param position of the last flushed event: a client there has missed nothing
 */
function upTo<Event extends Positioned>(
  position: Cursor,
  page: readonly Event[],
  after: Cursor,
): MissedPage<Event> {
  const missed = page.filter(({ cursor }) => compareCursors(cursor, position) <= 0);
  return {
    missed,
    cursor: missed.at(-1)?.cursor ?? after,
    isAhead: compareCursors(after, position) > 0,
  };
}

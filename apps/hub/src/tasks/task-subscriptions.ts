import type { TaskBus } from '@booner/bus';
import { type BusState, type Cursor, compareCursors, START_CURSOR, type TaskEvent } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { joinFrames, type WireBytes } from '../ws/broadcast-frame.ts';
import type { ClientSocket } from '../ws/client-socket.ts';
import { inTurns } from '../ws/fan-out.ts';
import { createPacedFlush } from '../ws/paced-flush.ts';
import { type HostScope, isInScope, snapshotOf, type View, Views } from '../ws/views.ts';
import { MissedEvents, type MissedRead, upTo } from './missed-events.ts';
import type { TaskBoard } from './task-board.ts';
import { encodeBatches, encodeMessage, snapshotText } from './task-messages.ts';

export type TaskSubscriptionsDeps = {
  readonly bus: Pick<TaskBus, 'connection' | 'readEvents' | 'readLastCursor'>;
  readonly board: TaskBoard;
  /** Returns the reason why a client waits, as a sentence. */
  readonly waitingFor: () => string;
  readonly log: Logger;
};

/** The tasks of some hosts from a position on; without a position (`null`) from the current state. */
export type TaskSubscription = HostScope & { readonly cursor: Cursor | null };

/** A new subscription makes a new one: an answer to the old one that is still under way finds that nobody wants it. */
type Membership = {
  readonly view: View<HostScope>;
  /** Number of the last flush before it was answered; infinite as long as it waits for that. */
  enteredAfter: number;
  /** While it waits, the position that it is at; `null` when it is to get a snapshot. */
  cursor: Cursor | null;
  /** A snapshot from before this position would take the client back in time. */
  notBefore: Cursor;
  isResumed: boolean;
};

/** The wish of a client that has no position. */
const FROM_NOW = { cursor: null, notBefore: START_CURSOR, isResumed: false };

/**
 * Clients of version 2. Events are written to all of a view in flushes: several in one write when they come close together. A client
 * enters between two flushes, at their position exactly, so that it misses none and sees none twice. A client never goes back in time:
 * one that knows more than this hub waits until the hub has caught up.
 */
export class TaskSubscriptions {
  readonly #deps: TaskSubscriptionsDeps;
  readonly #missed: MissedEvents;
  readonly #pacer: ReturnType<typeof createPacedFlush>;
  readonly #views = new Views<HostScope>();
  readonly #memberships = new Map<ClientSocket, Membership>();
  /** Those that cannot be answered before the board has moved on. */
  #waiting = new Set<ClientSocket>();
  /** What the board has applied and the clients have not got. */
  #pending: TaskEvent[] = [];
  /** Of the last event that was flushed. */
  #position: Cursor = START_CURSOR;
  /** State of the bus as clients were told last. */
  #bus: BusState = 'connecting';
  readonly #counts = { flushes: 0, eventsWritten: 0, resumed: 0, snapshots: 0, closedTooSlow: 0 };

  constructor(deps: TaskSubscriptionsDeps) {
    this.#deps = deps;
    this.#missed = new MissedEvents(deps.bus);
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
   * Answers with `resumed` and what was missed, or with a snapshot; then come the events. Before that `waiting`, when neither can be
   * had now. Also for a client that has subscribed before.
   */
  subscribe(client: ClientSocket, { hosts, cursor }: TaskSubscription): void {
    this.#enter(client, { hosts }, { ...FROM_NOW, cursor });
    if (this.#waiting.has(client)) this.#tellToWait(client);
  }

  remove(client: ClientSocket): void {
    const membership = this.#memberships.get(client);
    if (membership !== undefined) this.#views.leave(client, membership.view);
    this.#memberships.delete(client);
    this.#waiting.delete(client);
  }

  /** Takes events in the turn in which the board applied them. */
  publish(events: readonly TaskEvent[]): void {
    this.#views.dropSnapshots();
    this.#pending.push(...events);
    this.#pacer.request();
  }

  /** The board was loaded from the bus: clients whose position it replaced get a snapshot, those that wait are looked at again. */
  reset(): void {
    this.#views.dropSnapshots();
    this.#pending = [];
    this.#position = this.#deps.board.cursor;
    this.#bus = 'connected';
    for (const [client, membership] of [...this.#memberships]) {
      const isWaiting = membership.enteredAfter === Number.POSITIVE_INFINITY;
      this.#enter(client, membership.view.scope, isWaiting ? membership : FROM_NOW);
    }
  }

  /**
   * Takes whether the board is as new as the bus. `connected` may be said again whenever the bus was read, and has those who wait
   * looked at again.
   */
  setBus(bus: BusState): void {
    if (bus !== this.#bus) {
      this.#bus = bus;
      this.#views.dropSnapshots();
      void this.#tellBus(bus);
    }
    if (bus === 'connected') this.#serveWaiting();
  }

  /** Writes to one client something that comes by itself. */
  push(client: ClientSocket, bytes: WireBytes): boolean {
    const outcome = client.push(bytes);
    if (outcome === 'closed as too slow') this.#counts.closedTooSlow++;
    return outcome === 'written';
  }

  #enter(
    client: ClientSocket,
    scope: HostScope,
    { cursor, notBefore, isResumed }: Pick<Membership, 'cursor' | 'notBefore' | 'isResumed'>,
  ): void {
    this.remove(client);
    const view = this.#views.join(client, scope);
    const enteredAfter = Number.POSITIVE_INFINITY;
    this.#memberships.set(client, { view, enteredAfter, cursor, notBefore, isResumed });
    this.#serve(client);
  }

  async #flush(): Promise<void> {
    const events = this.#pending;
    const last = events.at(-1);
    if (last === undefined) return; // a reset was faster
    this.#pending = [];
    this.#position = last.cursor;
    const flush = ++this.#counts.flushes;
    const batches = encodeBatches(this.#views, events);
    this.#serveWaiting();
    for (const { view, clients, bytes, eventCount } of batches) {
      await inTurns(clients, (client) => {
        const membership = this.#memberships.get(client);
        if (membership?.view !== view || membership.enteredAfter >= flush) return; // its answer contains them
        if (this.push(client, bytes)) this.#counts.eventsWritten += eventCount;
      });
    }
  }

  async #tellBus(bus: BusState): Promise<void> {
    const bytes = encodeMessage({ type: 'bus', bus });
    await inTurns([...this.#memberships.keys()], (client) => {
      const membership = this.#memberships.get(client);
      if (membership === undefined) return;
      if (membership.enteredAfter !== Number.POSITIVE_INFINITY) this.push(client, bytes);
      else if (bus !== 'connected') this.#tellToWait(client);
    });
  }

  #tellToWait(client: ClientSocket): void {
    if (this.#deps.board.isLoaded && this.#bus === 'connected') return; // its answer is on the way
    this.push(client, encodeMessage({ type: 'waiting', reason: this.#deps.waitingFor() }));
  }

  #serveWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const client of waiting) this.#serve(client);
  }

  /** Answers a client that waits, as far as that can be done now; what it waits for calls this again. */
  #serve(client: ClientSocket): void {
    const membership = this.#memberships.get(client);
    if (membership === undefined || membership.enteredAfter <= this.#counts.flushes) return;
    const { board } = this.#deps;
    const { cursor } = membership;
    if (!board.isLoaded)
      this.#waiting.add(client); // the reset that follows serves everybody
    else if (!client.hasDrained) {
      client.whenDrained(() => this.#memberships.get(client) === membership && this.#serve(client));
    } else if (cursor === this.#position) {
      this.#resume(client, membership, cursor, []);
      membership.enteredAfter = this.#counts.flushes;
    } else if (cursor === null) this.#snapshot(client, membership);
    else if (this.#deps.bus.connection().state === 'connected') {
      void this.#catchUp(client, membership, cursor);
    } else this.#doWithoutMissed(client, membership, cursor);
  }

  #snapshot(client: ClientSocket, membership: Membership): void {
    const { board } = this.#deps;
    if (this.#pending.length > 0 || compareCursors(board.cursor, membership.notBefore) < 0) {
      this.#waiting.add(client);
      return;
    }
    const { view } = membership;
    client.write(snapshotOf(view, () => snapshotText(board, this.#bus, view.scope)));
    this.#counts.snapshots++;
    membership.enteredAfter = this.#counts.flushes;
  }

  /** Brings a client on by a page of what it missed. */
  async #catchUp(client: ClientSocket, membership: Membership, after: Cursor): Promise<void> {
    const boardCursor = this.#deps.board.cursor;
    const read = await this.#readMissed(after);
    if (this.#memberships.get(client) !== membership) return;
    switch (read.type) {
      case 'page':
        if (client.hasDrained && this.#goOn(client, membership, after, read.events) === 'ahead') {
          this.#waiting.add(client); // what it knows from another hub, this one hears and flushes soon
          return;
        }
        break;
      case 'trimmed':
        // A bus that ends before the board was replaced: the board is loaded anew as soon as its follower notices.
        if (compareCursors(read.end, boardCursor) < 0) return void this.#waiting.add(client);
        membership.cursor = null;
        membership.notBefore = compareCursors(after, read.end) < 0 ? after : read.end;
        break;
      case 'failed':
        return this.#doWithoutMissed(client, membership, after);
      default:
        read satisfies never;
    }
    this.#serve(client);
  }

  /** A client whose missed events cannot be read gets a snapshot, unless it knows more than this hub: then it waits. */
  #doWithoutMissed(client: ClientSocket, membership: Membership, cursor: Cursor): void {
    if (compareCursors(this.#deps.board.cursor, cursor) < 0) {
      this.#waiting.add(client);
      return;
    }
    membership.cursor = null;
    membership.notBefore = cursor;
    this.#serve(client);
  }

  async #readMissed(after: Cursor): Promise<MissedRead | { readonly type: 'failed' }> {
    try {
      return await this.#missed.read(after);
    } catch (error) {
      this.#deps.log.debug({ err: error }, 'missed events could not be read');
      return { type: 'failed' };
    }
  }

  #goOn(client: ClientSocket, membership: Membership, after: Cursor, page: readonly TaskEvent[]) {
    const { missed, cursor, isAhead } = upTo(this.#position, page, after);
    this.#resume(client, membership, after, missed);
    membership.cursor = cursor;
    return isAhead ? 'ahead' : 'on its way';
  }

  #resume(client: ClientSocket, membership: Membership, from: Cursor, missed: readonly TaskEvent[]): void {
    const inScope = missed.filter(({ task }) => isInScope(membership.view.scope, task.host));
    const messages = inScope.map(encodeMessage);
    if (!membership.isResumed) {
      messages.unshift(encodeMessage({ type: 'resumed', cursor: from, bus: this.#bus }));
      this.#counts.resumed++;
    }
    membership.isResumed = true;
    if (messages.length > 0) client.write(joinFrames(messages));
    this.#counts.eventsWritten += inScope.length;
  }
}

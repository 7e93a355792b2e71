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

/**
 * The tasks of some hosts from a position on; without a position (`null`) from the current state.
 */
export type TaskSubscription = HostScope & { readonly cursor: Cursor | null };

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

/** For a client without a position. */
const FROM_NOW = { cursor: null, notBefore: START_CURSOR, isResumed: false };

/**
 * The subscriptions of version 2 clients. Events go out in flushes, several in one write when they
 * come close together. A client enters between two flushes, exactly at their position, so it misses
 * no event and sees none twice. No client goes back in time: one that knows more than this hub
 * waits until the hub has caught up.
 */
export class TaskSubscriptions {
  readonly #deps: TaskSubscriptionsDeps;
  readonly #missed: MissedEvents;
  readonly #pacer: ReturnType<typeof createPacedFlush>;
  readonly #views = new Views<HostScope>();
  readonly #memberships = new Map<ClientSocket, Membership>();
  /** Clients that cannot be answered before the board moves on. */
  #waiting = new Set<ClientSocket>();
  /** Events that the board has applied and that are not flushed yet. */
  #pending: TaskEvent[] = [];
  /** Position of the last flushed event. */
  #position: Cursor = START_CURSOR;
  /** State of the bus that was last sent to clients. */
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
   * Answers with `resumed` and the missed events, or with a snapshot; then events follow. Sends
   * `waiting` first if neither is possible yet. Replaces an earlier subscription of the client.
   */
  subscribe(client: ClientSocket, { hosts, cursor }: TaskSubscription): void {
    this.#enter(client, { hosts }, { ...FROM_NOW, cursor });
    if (this.#waiting.has(client)) this.#sendWaiting(client);
  }

  remove(client: ClientSocket): void {
    const membership = this.#memberships.get(client);
    if (membership !== undefined) this.#views.leave(client, membership.view);
    this.#memberships.delete(client);
    this.#waiting.delete(client);
  }

  /** Takes events. MUST be called in the turn in which the board applied them. */
  publish(events: readonly TaskEvent[]): void {
    this.#views.dropSnapshots();
    this.#pending.push(...events);
    this.#pacer.request();
  }

  /**
   * Starts over after the board was loaded from the bus: clients get a snapshot, because their
   * position was replaced. Waiting clients are served if possible.
   */
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
   * Takes the state of the bus: `connected` whenever the board is as new as the bus, also
   * repeatedly. Each time waiting clients are served if possible.
   */
  setBus(bus: BusState): void {
    if (bus !== this.#bus) {
      this.#bus = bus;
      this.#views.dropSnapshots();
      void this.#sendBus(bus);
    }
    if (bus === 'connected') this.#serveWaiting();
  }

  /** Writes to a client that may not have drained. @returns whether it was written */
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
    if (last === undefined) return; // a reset came first
    this.#pending = [];
    this.#position = last.cursor;
    const flush = ++this.#counts.flushes;
    const batches = encodeBatches(this.#views, events);
    this.#serveWaiting();
    for (const { view, clients, bytes, eventCount } of batches) {
      await inTurns(clients, (client) => {
        const membership = this.#memberships.get(client);
        // Skips a client whose answer contains these events.
        if (membership?.view !== view || membership.enteredAfter >= flush) return;
        if (this.push(client, bytes)) this.#counts.eventsWritten += eventCount;
      });
    }
  }

  async #sendBus(bus: BusState): Promise<void> {
    const bytes = encodeMessage({ type: 'bus', bus });
    await inTurns([...this.#memberships.keys()], (client) => {
      const membership = this.#memberships.get(client);
      if (membership === undefined) return;
      if (membership.enteredAfter !== Number.POSITIVE_INFINITY) this.push(client, bytes);
      else if (bus !== 'connected') this.#sendWaiting(client);
    });
  }

  #sendWaiting(client: ClientSocket): void {
    if (this.#deps.board.isLoaded && this.#bus === 'connected') return; // its answer is on the way
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
    const { board } = this.#deps;
    const { cursor } = membership;
    if (!board.isLoaded)
      this.#waiting.add(client); // the reset that follows serves everyone
    else if (!client.hasDrained) {
      client.whenDrained(() => this.#memberships.get(client) === membership && this.#serve(client));
    } else if (cursor === this.#position) {
      this.#resume(client, membership, cursor, []);
      membership.enteredAfter = this.#counts.flushes;
    } else if (cursor === null) this.#snapshot(client, membership);
    else if (this.#deps.bus.connection().state === 'connected') {
      void this.#catchUp(client, membership, cursor);
    } else this.#serveWithoutMissed(client, membership, cursor);
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

  /** Sends a client the next page of what it missed. */
  async #catchUp(client: ClientSocket, membership: Membership, after: Cursor): Promise<void> {
    const boardCursor = this.#deps.board.cursor;
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

  #sendMissed(client: ClientSocket, membership: Membership, after: Cursor, page: readonly TaskEvent[]) {
    const { missed, cursor, isAhead } = upTo(this.#position, page, after);
    this.#resume(client, membership, after, missed);
    membership.cursor = cursor;
    return isAhead ? 'ahead' : 'behind';
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

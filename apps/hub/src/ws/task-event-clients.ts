import type { TaskBus } from '@booner/bus';
import { type Cursor, type HostId, START_CURSOR, type TaskEvent } from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { TaskBoard } from '../state/task-board.ts';
import { inTurns } from './fan-out.ts';
import { MissedEvents, upTo } from './missed-events.ts';
import { PacedFlush } from './paced-flush.ts';
import { encodeMessage, type TaskClient } from './task-client.ts';
import { sees, snapshotOf, type TaskView, TaskViews } from './task-views.ts';

export type TaskEventClientsDeps = {
  readonly bus: Pick<TaskBus, 'connection' | 'readEvents'>;
  readonly board: TaskBoard;
  readonly log: Logger;
};

/** What a client asks for: the tasks of some hosts (`null`: all), from a position on (`null`: from what is there now). */
export type TaskSubscription = { readonly hosts: readonly HostId[] | null; readonly cursor: Cursor | null };

/** A new subscription makes a new one: an answer to the old one that is still under way finds that nobody wants it. */
type Membership = {
  readonly view: TaskView;
  /** Number of the last flush before it was answered; infinite as long as it waits for that. */
  enteredAfter: number;
  /** While it waits, the position that it is at; `null` when it is to get a snapshot. */
  cursor: Cursor | null;
  isResumed: boolean;
};

/**
 * Clients of version 2. Events are written to all of a view in flushes: several in one write when they come close together. A client
 * enters between two flushes, at their position exactly, so that it misses none and sees none twice.
 */
export class TaskEventClients {
  readonly #deps: TaskEventClientsDeps;
  readonly #missed: MissedEvents;
  readonly #pacer: PacedFlush;
  readonly #views = new TaskViews();
  readonly #memberships = new Map<TaskClient, Membership>();
  /** Those to be answered after the next flush. */
  #awaitingFlush = new Set<TaskClient>();
  /** What the board has applied and the clients have not got. */
  #pending: TaskEvent[] = [];
  /** Of the last event that was flushed. */
  #position: Cursor = START_CURSOR;
  readonly #counts = { flushes: 0, eventsWritten: 0, resumed: 0, snapshots: 0, closedTooSlow: 0 };

  constructor(deps: TaskEventClientsDeps) {
    this.#deps = deps;
    this.#missed = new MissedEvents(deps.bus);
    const onError = (error: unknown) => deps.log.error({ err: error }, 'events could not be broadcast');
    this.#pacer = new PacedFlush(() => this.#flush(), { minIntervalMs: 0, onError });
  }

  get size(): number {
    return this.#memberships.size;
  }

  get counts() {
    return this.#counts;
  }

  /** Answers with `resumed` and what was missed, or with a snapshot; then come the events. Also for one that has subscribed before. */
  subscribe(client: TaskClient, { hosts, cursor }: TaskSubscription): void {
    this.remove(client);
    const view = this.#views.enter(client, hosts);
    this.#memberships.set(client, { view, enteredAfter: Number.POSITIVE_INFINITY, cursor, isResumed: false });
    this.#serve(client);
  }

  remove(client: TaskClient): void {
    const membership = this.#memberships.get(client);
    if (membership !== undefined) this.#views.leave(client, membership.view);
    this.#memberships.delete(client);
    this.#awaitingFlush.delete(client);
  }

  /** Takes events in the turn in which the board applied them. */
  publish(events: readonly TaskEvent[]): void {
    this.#views.dropSnapshots();
    this.#pending.push(...events);
    this.#pacer.request();
  }

  /** The board was loaded anew: everybody gets a snapshot. */
  reset(): void {
    this.#views.dropSnapshots();
    this.#pending = [];
    this.#position = this.#deps.board.cursor;
    for (const [client, { view }] of [...this.#memberships]) {
      this.subscribe(client, { hosts: view.hosts === null ? null : [...view.hosts], cursor: null });
    }
  }

  /** Writes to one client something that comes by itself. */
  push(client: TaskClient, bytes: Parameters<TaskClient['push']>[0]): boolean {
    const outcome = client.push(bytes);
    if (outcome === 'closed as too slow') this.#counts.closedTooSlow++;
    return outcome === 'written';
  }

  async #flush(): Promise<void> {
    const events = this.#pending;
    const last = events.at(-1);
    if (last === undefined) return; // a reset was faster
    this.#pending = [];
    this.#position = last.cursor;
    const flush = ++this.#counts.flushes;
    const batches = this.#views.encode(events);
    const awaiting = this.#awaitingFlush;
    this.#awaitingFlush = new Set();
    for (const client of awaiting) this.#serve(client);
    for (const { view, clients, bytes, eventCount } of batches) {
      await inTurns(clients, (client) => {
        const membership = this.#memberships.get(client);
        if (membership?.view !== view || membership.enteredAfter >= flush) return; // its answer contains them
        if (this.push(client, bytes)) this.#counts.eventsWritten += eventCount;
      });
    }
  }

  /** Answers a client that waits, as far as that can be done now; what it waits for calls this again. */
  #serve(client: TaskClient): void {
    const membership = this.#memberships.get(client);
    if (membership === undefined || membership.enteredAfter <= this.#counts.flushes) return;
    if (!this.#deps.board.isLoaded) return; // the reset that follows serves everybody
    const { cursor } = membership;
    if (!client.hasDrained) {
      client.whenDrained(() => this.#memberships.get(client) === membership && this.#serve(client));
    } else if (cursor === this.#position) {
      this.#resume(client, membership, cursor, []);
      membership.enteredAfter = this.#counts.flushes;
    } else if (cursor === null || this.#deps.bus.connection().state !== 'connected') {
      this.#snapshot(client, membership); // that needs no bus
    } else void this.#catchUp(client, membership, cursor);
  }

  #snapshot(client: TaskClient, membership: Membership): void {
    membership.cursor = null;
    if (this.#pending.length > 0) {
      this.#awaitingFlush.add(client);
      return;
    }
    client.answer(snapshotOf(membership.view, this.#deps.board));
    this.#counts.snapshots++;
    membership.enteredAfter = this.#counts.flushes;
  }

  /** Brings a client on by a page of what it missed. */
  async #catchUp(client: TaskClient, membership: Membership, after: Cursor): Promise<void> {
    const page = await this.#readMissed(after);
    if (this.#memberships.get(client) !== membership) return;
    if (page === 'lost') membership.cursor = null;
    else if (client.hasDrained) {
      const { missed, cursor, isAhead } = upTo(this.#position, page, after);
      this.#resume(client, membership, after, missed);
      membership.cursor = cursor;
      if (isAhead) {
        this.#awaitingFlush.add(client); // what it knows from another hub, this one hears and flushes soon
        return;
      }
    }
    this.#serve(client);
  }

  async #readMissed(after: Cursor): Promise<readonly TaskEvent[] | 'lost'> {
    try {
      const page = await this.#missed.read(after);
      return page === 'trimmed' ? 'lost' : page;
    } catch (error) {
      this.#deps.log.debug({ err: error }, 'missed events could not be read: the client gets a snapshot');
      return 'lost';
    }
  }

  #resume(client: TaskClient, membership: Membership, from: Cursor, missed: readonly TaskEvent[]): void {
    const inScope = missed.filter(({ task }) => sees(membership.view, task.host));
    const messages = inScope.map(encodeMessage);
    if (!membership.isResumed) {
      messages.unshift(encodeMessage({ type: 'resumed', cursor: from }));
      this.#counts.resumed++;
    }
    membership.isResumed = true;
    if (messages.length > 0) client.answer(...messages);
    this.#counts.eventsWritten += inScope.length;
  }
}

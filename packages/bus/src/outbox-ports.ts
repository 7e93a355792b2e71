import type { Cursor, Notification } from '@booner/protocol';
import type { BusSide } from './ports.ts';

/** A notification for one channel. */
export type NewOutboxEntry = { readonly channel: string; readonly notification: Notification };

/** A notification for one channel, on its way out. */
export type OutboxItem = NewOutboxEntry & {
  /** The same over all attempts: `<id of the notification>:<channel>`. */
  readonly id: string;
  /** Attempts that were made. */
  readonly attempts: number;
  /** When it was put into the outbox, in Unix milliseconds. */
  readonly firstAtMs: number;
  /** What the other side said to the last attempt; `null`: none was made. */
  readonly answer: string | null;
};

/** An item that a hub has taken. */
export type OutboxEntry = OutboxItem & {
  /** Position in the outbox, by which the entry is taken off. */
  readonly cursor: Cursor;
};

/** An item for people to see. */
export type ListedItem = OutboxItem & {
  /**
   * `offered`: a hub takes or has taken it. `postponed`: until `nextAtMs`. `held`: for a digest of
   * its channel. `dead`: nobody tries to send it any more.
   */
  readonly status: 'offered' | 'postponed' | 'held' | 'dead';
  /** Next attempt in Unix milliseconds. `null` unless it is postponed. */
  readonly nextAtMs: number | null;
};

/** What a channel holds back. */
export type HeldItems = {
  /** Oldest first, at most 1,000. */
  readonly items: readonly OutboxItem[];
  /** Further ones that were dropped because the list was full. */
  readonly dropped: number;
};

/** What a digest stands for. */
export type Release = {
  readonly channel: string;
  /** Number of held items that it replaces: the oldest ones. At least 1. */
  readonly count: number;
  /** Id of the oldest held item. */
  readonly firstId: string;
  /** Dropped items that it mentions. */
  readonly dropped: number;
  readonly digest: Notification;
};

/** Number of items, for metrics. */
export type OutboxDepth = { readonly offered: number; readonly postponed: number; readonly dead: number };

/**
 * A hub's side of the bus, for what is to be sent. A hub that takes an entry sends it, then takes
 * it off: {@link finish}, {@link postpone}, {@link bury} or {@link hold}. If it dies before,
 * another hub takes the entry over. So a notification is sent twice only if its hub dies between
 * the other side's answer and `finish`. Taking off what another hub has taken off has no effect.
 *
 * If 10,000 items are offered or 10,000 are postponed, further ones are buried at once. What cannot
 * be parsed is dropped and reported as rejected. Every method rejects with `BusError` if the bus
 * cannot be reached or refuses.
 */
export type OutboxBus = BusSide & {
  /** Puts notifications into the outbox that do not come from a group of alerts, in one step. */
  put(entries: readonly NewOutboxEntry[]): Promise<void>;
  /**
   * Takes entries that no hub has taken, oldest first. Waits up to 5 s for the first one, then
   * returns none. After a reconnection it first returns again what this hub took and did not take
   * off: callers MUST leave out what they are still sending.
   */
  take(max: number): Promise<readonly OutboxEntry[]>;
  /** Takes over entries that some hub took at least `idleMs` ago and did not take off. */
  takeOver(idleMs: number, max: number): Promise<readonly OutboxEntry[]>;
  /**
   * Returns true if a notification of the same episode to the same channel waits that was put into
   * the outbox earlier: sent before it, what is resolved would seem to fire again.
   */
  hasOlder(entry: OutboxEntry): Promise<boolean>;
  /** Takes an entry off: it was delivered. */
  finish(entry: OutboxEntry): Promise<void>;
  /**
   * Takes an entry off until a later time, with one attempt more.
   * @param later `answer` is `null` if no attempt was made: attempts and answer stay as they are
   */
  postpone(
    entry: OutboxEntry,
    later: { readonly delayMs: number; readonly answer: string | null },
  ): Promise<void>;
  /**
   * Takes an entry off for good, with one attempt more, and keeps it for people to see. About 1,000
   * are kept, those that were buried last.
   */
  bury(entry: OutboxEntry, answer: string): Promise<void>;
  /** Offers postponed items again whose time has come, at most `max`. @returns their number */
  wake(max: number): Promise<number>;

  /**
   * Counts a message to a channel.
   * @returns messages to it in the current window, which starts with its first message
   */
  countSend(channel: string, windowMs: number): Promise<number>;
  /**
   * Takes an entry off for a digest, because its channel gets too many messages. A channel holds
   * 1,000; further ones are dropped and only counted.
   */
  hold(entry: OutboxEntry): Promise<void>;
  /** Channels that hold items. */
  heldChannels(): Promise<readonly string[]>;
  readHeld(channel: string): Promise<HeldItems>;
  /**
   * Replaces the oldest held items of a channel by a digest in the outbox, in one step.
   * @returns `false`: the list does not begin with that item any more, and nothing was changed
   */
  releaseHeld(release: Release): Promise<boolean>;

  /** At most `limit` items that were not delivered: dead ones last, the newest of them first. */
  list(limit: number): Promise<readonly ListedItem[]>;
  /** Offers a postponed or dead item now. @returns `false` if there is no item with this id */
  retry(id: string): Promise<boolean>;
  /**
   * Removes an item, unless it is held. A hub that is sending it finishes that.
   * @returns `false` if there was none with this id
   */
  discard(id: string): Promise<boolean>;
  depth(): Promise<OutboxDepth>;
};

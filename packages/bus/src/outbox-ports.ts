import type { Notification } from '@booner/protocol';
import type { BusSide } from './ports.ts';

/** A notification for one channel, on its way out. */
export type OutboxEntry = {
  /** The same over all attempts. */
  readonly id: string;
  readonly channel: string;
  readonly notification: Notification;
  /** Attempts that were made. */
  readonly attempts: number;
  /** When it was put into the outbox, in Unix milliseconds. */
  readonly firstAtMs: number;
  /** What the other side said to the last attempt; `null`: none was made. */
  readonly answer: string | null;
};

/**
 * A hub's side of the bus, for what is to be sent. A hub that takes an entry sends it, then takes
 * it off: {@link finish}, {@link postpone} or {@link bury}. If it dies before, another hub takes
 * the entry over, so a notification is sent twice only if its hub dies between the other side's
 * answer and `finish`. Every method rejects with `BusError` if the bus cannot be reached or
 * refuses.
 */
export type OutboxBus = BusSide & {
  /**
   * Takes entries that no hub has taken, oldest first. Waits up to 5 s for the first one, then
   * returns none. Entries that cannot be parsed are dropped and reported as rejected.
   */
  take(max: number): Promise<readonly OutboxEntry[]>;
  /** Takes over entries that some hub took at least `idleMs` ago and did not take off. */
  takeOver(idleMs: number, max: number): Promise<readonly OutboxEntry[]>;
  /** Takes an entry off: it was delivered. */
  finish(entry: OutboxEntry): Promise<void>;
  /** Takes an entry off until a later time, with one attempt more. */
  postpone(entry: OutboxEntry, later: { readonly delayMs: number; readonly answer: string }): Promise<void>;
  /** Takes an entry off for good and keeps it for people to see. */
  bury(entry: OutboxEntry, answer: string): Promise<void>;
  /** Offers entries again whose time has come, at most `max`. @returns their number */
  wake(max: number): Promise<number>;
};

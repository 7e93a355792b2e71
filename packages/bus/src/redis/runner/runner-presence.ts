import {
  type HostId,
  isSameRunner,
  type PasswordOffer,
  PRESENCE_TTL_MS,
  type RunnerPresence,
} from '@booner/protocol';
import { runnerKey } from '@booner/protocol/redis-names';
import type { ChainableCommander, Redis } from 'ioredis';
import { BusError } from '../../bus-error.ts';
import { isReply, replyOf, toBusError } from '../connection/client.ts';
import { isWrongType } from '../connection/read-batch.ts';

/** Bytes that are read to find the instance, which comes first. */
const HEAD_BYTES = 128;
/**
 * Each failed attempt means that another runner wrote in between; the next one usually succeeds.
 */
const MAX_ATTEMPTS = 10;

/**
 * - `taken`: the place was free, or belonged to an earlier start of this runner
 * - `kept`: this start had the place already
 * - `another`: another runner or a later start of this one has the place
 */
export type PresenceOutcome = 'taken' | 'kept' | 'another';

type IsWanted = (seen: PresenceOutcome) => boolean;
type Change = (transaction: ChainableCommander) => ChainableCommander;

/** The part of a presence that the runner knows; the connection adds the rest. */
export type OwnPresence = Omit<RunnerPresence, 'instance' | 'passwords'>;

export type PresenceOptions = {
  readonly host: HostId;
  readonly instance: string;
  /** Returns the offer to change the password. */
  readonly offer: () => PasswordOffer | null;
  /**
   * Called when this Redis user may not use transactions, so that another runner may write between
   * check and change: once, and again after a transaction worked in between.
   */
  readonly onTwoSteps?: (error: BusError) => void;
};

/**
 * Manages the presence of one start of a runner in Redis. Another runner may have the place, so
 * each change depends on what is stored, in one step: if two starts write at once, one of them sees
 * the other's presence and yields.
 */
export function createPresence({ host, instance, offer, onTwoSteps = () => {} }: PresenceOptions) {
  const key = runnerKey(host);
  let presence: OwnPresence | null = null;
  /**
   * True once this start had the place. Until then it replaces an earlier start of the same runner.
   */
  let served = false;
  let inTwoSteps = false;

  /** Returns the instance that has the place, if any. */
  const look = async (redis: Redis): Promise<string | undefined> => {
    const head = await redis.getrange(key, 0, HEAD_BYTES - 1).catch((error: unknown) => {
      if (isWrongType(error)) return ''; // a key of another type counts as free
      throw error;
    });
    return /"instance":"([\w.-]+)"/.exec(head)?.[1];
  };
  const outcomeFor = (held: string | undefined): PresenceOutcome => {
    if (held === instance) return 'kept';
    if (held === undefined) return 'taken';
    return !served && isSameRunner(held, instance) ? 'taken' : 'another';
  };

  /**
   * Changes the key if it still holds what was read. WATCH covers the whole connection and any EXEC
   * ends it, so there is one change at a time, and no other transactions.
   * @returns `null` if another client changed the key in between
   */
  const changeWatched = async (redis: Redis, isWanted: IsWanted, change: Change) => {
    const [watched, looked] = await Promise.allSettled([redis.watch(key), look(redis)]); // one round trip
    if (watched.status === 'rejected') throw watched.reason;
    if (looked.status === 'rejected') throw looked.reason;
    const seen = outcomeFor(looked.value);
    if (isWanted(seen)) return (await change(redis.multi()).exec()) === null ? null : seen;
    await redis.unwatch();
    return seen;
  };
  const changeInTwoSteps = async (redis: Redis, isWanted: IsWanted, change: Change) => {
    const seen = outcomeFor(await look(redis));
    if (!isWanted(seen)) return seen;
    for (const [error] of (await change(redis.pipeline()).exec()) ?? []) if (error !== null) throw error;
    return seen;
  };
  const changeIf = async (redis: Redis, isWanted: IsWanted, change: Change): Promise<PresenceOutcome> => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      try {
        const seen = await changeWatched(redis, isWanted, change);
        if (seen === null) continue;
        inTwoSteps = false;
        return seen;
      } catch (error) {
        const cause = causeOf(error);
        if (replyOf(cause) !== 'NOPERM') throw cause;
        // The user was created before runners used transactions. If it may not do this either, that
        // error is thrown.
        const seen = await changeInTwoSteps(redis, isWanted, change);
        if (!inTwoSteps) onTwoSteps(toBusError(cause));
        inTwoSteps = true;
        return seen;
      }
    }
    throw new BusError(
      'refused',
      `${key} was changed by other runners during each of ${MAX_ATTEMPTS} attempts`,
    );
  };

  return {
    set: (given: OwnPresence) => {
      presence = given;
    },
    /** Returns true while there is nothing to write. */
    isEmpty: () => presence === null,
    /** Takes or keeps the place unless another runner has it. Rejects as the commands do. */
    write: async (redis: Redis): Promise<PresenceOutcome> => {
      if (presence === null) return 'another';
      const text = JSON.stringify({ instance, ...presence, passwords: offer() ?? undefined });
      const isOurs: IsWanted = (seen) => seen !== 'another';
      let outcome: PresenceOutcome;
      try {
        outcome = await changeIf(redis, isOurs, (them) => them.set(key, text, 'PX', PRESENCE_TTL_MS));
      } catch (error) {
        // At maxmemory Redis refuses new values and every command in a transaction, but not a
        // longer expiry of the old value: so a live runner does not count as lost. At worst another
        // runner's presence is extended, if it is written between the two steps.
        if (isReply(error))
          await changeInTwoSteps(redis, isOurs, (them) => them.pexpire(key, PRESENCE_TTL_MS));
        throw error;
      }
      if (isOurs(outcome)) served = true;
      return outcome;
    },
    /** Stops writing. */
    clear: () => {
      presence = null;
    },
    /** Removes the presence if it is this runner's. */
    remove: async (redis: Redis): Promise<void> => {
      if (served)
        await changeIf(
          redis,
          (seen) => seen === 'kept',
          (them) => them.del(key),
        );
    },
  };
}

/** Returns the error that discarded a transaction, which Redis answers with `EXECABORT`. */
function causeOf(error: unknown): unknown {
  const { previousErrors = [] } = error as { previousErrors?: readonly unknown[] };
  return previousErrors[0] ?? error;
}

import type { HostId } from '@booner/protocol';
import { isSameRunner, PRESENCE_TTL_MS, type RunnerPresence } from '@booner/protocol';
import { runnerKey } from '@booner/protocol/redis-names';
import type { ChainableCommander, Redis } from 'ioredis';
import { BusError } from '../../bus-error.ts';
import { isReply, replyOf, toBusError } from '../connection/client.ts';
import { isWrongType } from '../connection/read-batch.ts';

/** What has to be read to find the instance, which comes first. */
const HEAD_BYTES = 128;
/** Each failed attempt means that somebody else wrote in between, after which the next look usually decides. */
const MAX_ATTEMPTS = 10;

/** `taken`: the place was empty, or an earlier start's. `another`: it is another runner's, or a later start's. */
export type PresenceOutcome = 'taken' | 'kept' | 'another';

type IsWanted = (seen: PresenceOutcome) => boolean;
type Change = (transaction: ChainableCommander) => ChainableCommander;

/**
 * The presence of one start of a runner in Redis. The place may be another runner's, so each change depends on what is there, in one
 * step: of two starts that write at once, one sees the other's presence and gives way.
 * @param onTwoSteps this user of Redis may not use transactions, so another writer may come between look and change; told once, and
 * again after transactions worked in between
 */
export function createPresence(
  host: HostId,
  instance: string,
  onTwoSteps: (error: BusError) => void = () => {},
) {
  const key = runnerKey(host);
  let json: string | null = null;
  /** Whether the place was this one's once; before that it takes the place of an earlier start of the same runner. */
  let served = false;
  let inTwoSteps = false;

  /** @returns the instance that holds the place; `undefined`: none does */
  const look = async (redis: Redis): Promise<string | undefined> => {
    const head = await redis.getrange(key, 0, HEAD_BYTES - 1).catch((error: unknown) => {
      if (isWrongType(error)) return ''; // nobody's, as other garbage is
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
   * Changes the key as long as it is what was looked at. WATCH covers the whole connection, and any EXEC on it ends the watching:
   * one change at a time, and no other transactions.
   * @returns `null` when somebody else changed it in between
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
        // A user that was made before runners used transactions. When it may not do this either, that is the error.
        const seen = await changeInTwoSteps(redis, isWanted, change);
        if (!inTwoSteps) onTwoSteps(toBusError(cause));
        inTwoSteps = true;
        return seen;
      }
    }
    throw new BusError('refused', `${key} was changed by others at each of ${MAX_ATTEMPTS} attempts`);
  };

  return {
    set: (presence: Omit<RunnerPresence, 'instance'>) => {
      json = JSON.stringify({ instance, ...presence });
    },
    /** Nothing is known that could be written. */
    isEmpty: () => json === null,
    /** Takes the place or stays in it, unless it is another's. Rejects as the commands do. */
    write: async (redis: Redis): Promise<PresenceOutcome> => {
      const text = json;
      if (text === null) return 'another';
      const isOurs: IsWanted = (seen) => seen !== 'another';
      let outcome: PresenceOutcome;
      try {
        outcome = await changeIf(redis, isOurs, (them) => them.set(key, text, 'PX', PRESENCE_TTL_MS));
      } catch (error) {
        // At maxmemory Redis refuses new values, and not a longer life of the old one: a runner that lives is not taken for lost. It
        // refuses every command in a transaction then. Between two steps at worst another's presence lives longer.
        if (isReply(error))
          await changeInTwoSteps(redis, isOurs, (them) => them.pexpire(key, PRESENCE_TTL_MS));
        throw error;
      }
      if (isOurs(outcome)) served = true;
      return outcome;
    },
    /** Nothing is written from now on. */
    clear: () => {
      json = null;
    },
    /** Takes it away if it is this one's. */
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

/** Returns the error that discarded a transaction: Redis answers `EXECABORT` when it refused one of its commands before. */
function causeOf(error: unknown): unknown {
  const { previousErrors = [] } = error as { previousErrors?: readonly unknown[] };
  return previousErrors[0] ?? error;
}

import type { HostId } from '@booner/protocol';
import { isSameRunner, type RunnerPresence } from '@booner/protocol';
import { runnerKey } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { isReply } from './client.ts';
import { isWrongType } from './read-batch.ts';

/** How long a presence outlives a runner that did not take it away. */
const TTL_MS = 15_000;
/** What has to be read to find the instance, which comes first. */
const HEAD_BYTES = 128;

/** The presence of one start of a runner in Redis. It is looked at before it is written: the place may be another runner's. */
export function createPresence(host: HostId, instance: string) {
  const key = runnerKey(host);
  let json: string | null = null;
  /** Whether the place was this one's once; before that it takes the place of an earlier start of the same runner. */
  let served = false;

  const isMine = async (redis: Redis): Promise<boolean> => {
    const head = await redis.getrange(key, 0, HEAD_BYTES - 1).catch((error: unknown) => {
      if (isWrongType(error)) return ''; // nobody's, as other garbage is
      throw error;
    });
    const held = /"instance":"([\w.-]+)"/.exec(head)?.[1];
    return held === undefined || held === instance || (!served && isSameRunner(held, instance));
  };

  return {
    set: (presence: Omit<RunnerPresence, 'instance'>) => {
      json = JSON.stringify({ instance, ...presence });
    },
    /** Nothing is known that could be written. */
    isEmpty: () => json === null,
    /** @returns whether this runner serves its host; rejects as the commands do */
    write: async (redis: Redis): Promise<boolean> => {
      if (json === null || !(await isMine(redis))) return false;
      try {
        await redis.set(key, json, 'PX', TTL_MS);
      } catch (error) {
        // At maxmemory Redis refuses new values, and not a longer life of the old one: a runner that lives is not taken for lost.
        if (isReply(error)) await redis.pexpire(key, TTL_MS);
        throw error;
      }
      served = true;
      return true;
    },
    /** Nothing is written from now on. */
    clear: () => {
      json = null;
    },
    /** Takes it away if it is this one's. */
    remove: async (redis: Redis): Promise<void> => {
      if (served && (await isMine(redis))) await redis.del(key);
    },
  };
}

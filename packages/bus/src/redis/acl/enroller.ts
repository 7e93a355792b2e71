import type { Redis } from 'ioredis';
import type { BusError } from '../../bus-error.ts';
import type { BusConnection, BusSide } from '../../ports.ts';
import { isReply, openClient, rethrow, toBusError } from '../connection/client.ts';
import { commandOptions, type RedisSettings } from '../connection/connection-options.ts';
import { startHeartbeat } from '../connection/heartbeat.ts';
import { startRedisSession } from '../connection/redis-session.ts';
import type { RedisUser } from './redis-user.ts';

export type RedisEnrollerOptions = {
  /** Connection settings with the enroller's own user. */
  readonly redis: RedisSettings;
  /**
   * Called for transitions only. After each `connected` users may be gone: without an `aclfile`,
   * Redis forgets them when it restarts.
   */
  readonly onConnection?: (connection: BusConnection) => void;
  /** The users were set, but Redis could not write its `aclfile`: a restart of Redis loses them. */
  readonly onUnsaved?: (error: BusError) => void;
  readonly random?: () => number;
};

/**
 * Sets and removes users of Redis. Every method rejects with `BusError` if Redis is unreachable or
 * refuses.
 */
export type RedisEnroller = BusSide & {
  /** Creates users, or changes their permissions. Their connections stay open. */
  setUsers(users: readonly RedisUser[]): Promise<void>;
  /** Removes users and ends their connections at once. Unknown names are ignored. */
  removeUsers(names: readonly string[]): Promise<void>;
};

/** Short, so that users are restored soon after Redis restarted. */
const PING_AFTER_MS = 1000;
const MAX_BACKOFF_MS = 1000;
/** Users set in one write to the socket. */
const USERS_PER_WRITE = 200;

/**
 * Starts the enroller's connection to Redis. Returns before it is made.
 * @throws BusError `bad_url` or `bad_certificate`
 */
export async function startRedisEnroller(
  { redis: settings, onConnection, onUnsaved, random }: RedisEnrollerOptions,
  { signal }: { signal?: AbortSignal } = {},
): Promise<RedisEnroller> {
  const options = {
    ...commandOptions(settings, 'booner-enroller'),
    db: 0, // users belong to the server, and the enroller may not select another database
  };
  const { side, use } = startRedisSession({
    open: async (scope) => {
      const redis = await openClient(options, scope);
      startHeartbeat(redis, scope, { everyMs: PING_AFTER_MS });
      return { session: { redis } };
    },
    onConnection,
    maxBackoffMs: MAX_BACKOFF_MS,
    random,
    signal,
  });

  const save = async (redis: Redis) => {
    try {
      await redis.call('ACL', 'SAVE');
    } catch (error) {
      if (!isReply(error)) return rethrow(error);
      // Both errors of ACL SAVE have the code ERR. Without a file, users are restored after a
      // restart.
      if (/not configured to use an ACL file/.test(error.message)) return;
      onUnsaved?.(toBusError(error));
    }
  };
  return {
    ...side,
    setUsers: use(async ({ redis }, users) => {
      for (let start = 0; start < users.length; start += USERS_PER_WRITE) {
        const part = users.slice(start, start + USERS_PER_WRITE);
        await Promise.all(part.map(({ name, rules }) => redis.call('ACL', 'SETUSER', name, ...rules))).catch(
          rethrow,
        );
      }
      if (users.length > 0) await save(redis);
    }),
    removeUsers: use(async ({ redis }, names) => {
      if (names.length === 0) return;
      await redis.call('ACL', 'DELUSER', ...names).catch(rethrow);
      await save(redis);
    }),
  };
}

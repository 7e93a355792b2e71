import { type BusConnection, BusError } from '@booner/bus';
import type { RedisUser } from '@booner/bus/redis/acl/redis-user';
import type { RedisEnroller } from '@booner/bus/redis/enroller';

/** For tests: an enroller that is always connected, and keeps the users of its Redis in memory. */
export function createFakeEnroller() {
  const users = new Map<string, RedisUser['rules']>();
  let connection: BusConnection = { state: 'connected', sinceMs: 1 };
  let isFailing = false;
  const assertReachable = () => {
    if (isFailing) throw new BusError('disconnected', 'unreachable');
  };
  const enroller: RedisEnroller = {
    connection: () => connection,
    whenConnected: async (signal) => !signal.aborted,
    setUsers: async (given) => {
      assertReachable();
      for (const { name, rules } of given) users.set(name, rules);
    },
    removeUsers: async (names) => {
      assertReachable();
      for (const name of names) users.delete(name);
    },
    [Symbol.asyncDispose]: async () => {},
  };
  return {
    enroller,
    users,
    /** Makes every call fail until it is called with `false`. */
    fail: (value: boolean) => {
      isFailing = value;
    },
    /** Restarts a Redis without an `aclfile`, which loses its users. */
    restart: () => {
      users.clear();
      connection = { state: 'connected', sinceMs: connection.sinceMs + 1 };
    },
  };
}

import { EVENTS_KEY, LATE_REPORTS_KEY } from '@booner/protocol/redis-names';
import { Redis } from 'ioredis';

/** Tasks as stored in Redis, to compare with what clients saw. */
export type TaskStore = AsyncDisposable & {
  /** Events that hubs ever wrote. */
  countEvents(): Promise<number>;
  /** @throws when a report of a runner changed nothing */
  assertNoneLate(): Promise<void>;
};

export async function openTaskStore(redisUrl: string): Promise<TaskStore> {
  const redis = new Redis(redisUrl, { lazyConnect: true, retryStrategy: null });
  let failure: Error | null = null;
  redis.on('error', (error) => {
    failure ??= error;
  });
  await redis.connect();
  return {
    async countEvents() {
      if (failure) throw failure;
      if ((await redis.exists(EVENTS_KEY)) === 0) return 0;
      const fields = (await redis.xinfo('STREAM', EVENTS_KEY)) as unknown;
      return entriesAdded(fields);
    },
    async assertNoneLate() {
      const late = await redis.xlen(LATE_REPORTS_KEY);
      if (late === 0) return;
      const [entry] = await redis.xrange(LATE_REPORTS_KEY, '-', '+', 'COUNT', 1);
      throw new Error(`${late} reports changed nothing, the first: ${entry?.[1].join(' ').slice(0, 300)}`);
    },
    async [Symbol.asyncDispose]() {
      redis.disconnect();
    },
  };
}

/** XINFO STREAM answers pairs in a list (RESP2) or a map (RESP3). */
function entriesAdded(info: unknown): number {
  const pairs = Array.isArray(info)
    ? info
    : Object.entries(info instanceof Map ? Object.fromEntries(info) : (info as object)).flat();
  const added = pairs[pairs.indexOf('entries-added') + 1];
  if (typeof added !== 'number')
    throw new Error(`XINFO STREAM has no entries-added: ${JSON.stringify(info)}`);
  return added;
}

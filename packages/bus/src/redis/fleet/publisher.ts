import type { BackfillRequest, HostId, Inventory, Sample } from '@booner/protocol';
import { backfillRequestKey, metricsChannel, targetKey } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { BusError } from '../../bus-error.ts';
import type { BusConnection, PublishOutcome, SamplePublisher } from '../../ports.ts';
import { openHostClient, rethrow } from '../connection/client.ts';
import { commandOptions, type RedisSettings } from '../connection/connection-options.ts';
import { NO_ANSWER } from '../connection/failure-text.ts';
import { startHeartbeat } from '../connection/heartbeat.ts';
import type { HostPasswords } from '../connection/host-passwords.ts';
import { type InScope, startRedisSession } from '../connection/redis-session.ts';
import { createRefusals } from '../connection/refusals.ts';

export type RedisPublisherOptions = {
  readonly redis: RedisSettings;
  readonly host: HostId;
  /** Take the place of the password in `redis`. Without them it is not rotated. */
  readonly passwords?: HostPasswords;
  /** Called for transitions only. */
  readonly onConnection?: (connection: BusConnection) => void;
  /**
   * Called once when Redis refuses a write (`NOPERM`, `OOM`, `MISCONF`), and again after a write
   * was accepted in between. A sample that could not be stored still reaches the hubs that are
   * connected.
   */
  readonly onRefused?: (error: BusError) => void;
  readonly random?: () => number;
};

/** Longer than the usual interval of samples, 3 s, whose answers replace pings. */
const PING_AFTER_MS = 4000;
const BYE_TIMEOUT_MS = 1000;
/** Limit of unanswered samples. Others are dropped, so that a hanging server gets no backlog. */
const MAX_IN_FLIGHT = 8;

/**
 * Starts an agent's side of the bus over one connection. Returns before it is made; until then
 * samples are dropped. Does not load a schema library, which would cost the agent memory.
 * @throws BusError `bad_url` or `bad_certificate`
 */
export async function startRedisPublisher(
  { redis: settings, host, passwords, onConnection, onRefused, random }: RedisPublisherOptions,
  { signal }: { signal?: AbortSignal } = {},
): Promise<SamplePublisher> {
  const options = commandOptions(settings, `booner-agent-${host}`);
  const channel = metricsChannel(host);
  const key = targetKey(host);
  let description: { readonly inventory: string; readonly version: string } | null = null;
  let inFlight = 0;

  const { accepted, failed } = createRefusals(onRefused);

  const storeDescription = async ({ redis, scope }: InScope<{ readonly redis: Redis }>) => {
    if (description === null) return;
    try {
      const offer = passwords?.offer() ?? null;
      await redis.hset(key, {
        ...description,
        ...(offer === null ? {} : { passwords: JSON.stringify(offer) }),
      });
    } catch (error) {
      failed(scope, error);
    }
  };
  const { side, current, use } = startRedisSession({
    open: async (scope) => {
      const redis = await openHostClient(options, scope, passwords);
      const { touch } = startHeartbeat(redis, scope, { everyMs: PING_AFTER_MS });
      void storeDescription({ redis, scope });
      /** True once this connection knows that the hash holds a sample. */
      const hasSample = false;
      return { session: { redis, touch, hasSample } };
    },
    onConnection,
    random,
    signal,
  });

  const publish = async (sample: Sample): Promise<PublishOutcome> => {
    const session = current();
    if (session === null || inFlight >= MAX_IN_FLIGHT) return 'dropped';
    const { redis, scope, touch } = session;
    const text = JSON.stringify(sample);
    inFlight += 1;
    try {
      // Stored first: a hub that subscribes between the two commands finds the sample in the hash.
      const [stored, published] = await Promise.allSettled(sendTogether(redis, text));
      if (stored.status === 'rejected') failed(scope, stored.reason);
      // The field is new again: the hash was removed, and the inventory with it.
      else if (session.hasSample && stored.value > 0) void storeDescription(session);
      else session.hasSample = true;
      if (published.status === 'rejected') failed(scope, published.reason);
      if (stored.status === 'fulfilled' && published.status === 'fulfilled') accepted();
      touch();
      return published.status === 'fulfilled' ? 'published' : 'dropped';
    } finally {
      inFlight -= 1;
    }
  };
  /** Two commands in one write to the socket. */
  const sendTogether = (redis: Redis, text: string) => {
    redis.stream.cork();
    try {
      return [redis.hset(key, 'sample', text), redis.publish(channel, text)] as const;
    } finally {
      redis.stream.uncork();
    }
  };
  return {
    ...side,
    publish,
    describe: (inventory: Inventory, version: string) => {
      description = { inventory: JSON.stringify(inventory), version };
      const session = current();
      if (session !== null) void storeDescription(session);
    },
    readBackfillRequest: use(async ({ redis }) => {
      const text = await redis.get(backfillRequestKey(host)).catch(rethrow);
      return text === null ? null : (JSON.parse(text) as BackfillRequest);
    }),
    storeBackfill: use(async ({ redis }, answer) => {
      await redis.hset(key, 'backfill', answer === null ? '' : JSON.stringify(answer)).catch(rethrow);
    }),
    bye: async (instance) => {
      const session = current();
      if (session === null) return;
      const { redis, scope } = session;
      const timer = setTimeout(() => scope.end(new BusError('timeout', NO_ANSWER)), BYE_TIMEOUT_MS);
      try {
        await redis.publish(channel, JSON.stringify({ type: 'bye', instance }));
      } catch (error) {
        failed(scope, error);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

import { sleep } from '@booner/service/abort';
import { runLoop } from '@booner/service/run-loop';
import type { Redis } from 'ioredis';
import { createLeaseListeners } from '../../lease-listeners.ts';
import type { LeaseBus } from '../../lease-ports.ts';
import type { BusConnection } from '../../ports.ts';
import { openClient, toBusError } from '../connection/client.ts';
import { commandOptions, type RedisSettings } from '../connection/connection-options.ts';
import type { ConnectionScope } from '../connection/keep-connected.ts';
import { startRedisSession } from '../connection/redis-session.ts';
import { HeldLeases } from './held-leases.ts';
import { confirmLease, releaseLeases, renewLeases } from './lease-commands.ts';

export type RedisLeasesOptions = {
  readonly redis: RedisSettings;
  /** Id of this start of the hub: no other process has it, at any time. */
  readonly hub: string;
  /** Called for transitions only. */
  readonly onConnection?: (connection: BusConnection) => void;
  /** Pause between renewals; default 1000. */
  readonly renewIntervalMs?: number;
  readonly random?: () => number;
};

/**
 * A lease lasts for 6 s, so a dead hub's shards are granted to others within 7 s and a slow answer.
 * The renewals also replace pings.
 */
const RENEW_INTERVAL_MS = 1000;
/** Short: a hub that lost its connection for 5 s has lost its leases. */
const MAX_BACKOFF_MS = 1000;
/** Limits the release of leases at the end. Unreleased ones expire. */
const RELEASE_WITHIN_MS = 500;

/**
 * Starts a hub's side of leases over one connection. Returns before it is made. The bus is
 * connected once a first renewal was answered. Disposal releases what is held.
 * @throws BusError `bad_url` or `bad_certificate`
 */
export async function startRedisLeases(
  { redis: settings, hub, onConnection, random, renewIntervalMs = RENEW_INTERVAL_MS }: RedisLeasesOptions,
  { signal }: { signal?: AbortSignal } = {},
): Promise<LeaseBus> {
  const options = commandOptions(settings, 'booner-hub-leases');
  const leases = new HeldLeases();
  const held = () => leases.held(performance.now());
  const listeners = createLeaseListeners(held);
  const stopping = new AbortController();
  let expiry: NodeJS.Timeout | undefined;

  const expire = () => {
    // Timers may fire a little early.
    if (performance.now() < leases.reliedOnUntilMs) expiry = setTimeout(expire, 1);
    else listeners.lost(leases.expire(performance.now()));
  };
  const renew = async (redis: Redis, scope: ConnectionScope) => {
    if (stopping.signal.aborted) return;
    const sentAtMs = performance.now();
    const renewal = await renewLeases(redis, hub, held());
    if (scope.signal.aborted || stopping.signal.aborted) return;
    const { gained, lost, excess } = leases.apply(renewal, sentAtMs, performance.now());
    clearTimeout(expiry);
    expiry = setTimeout(expire, Math.max(0, leases.reliedOnUntilMs - performance.now()));
    listeners.lost(lost);
    listeners.gained(gained);
    await listeners.released(excess);
    await releaseLeases(
      redis,
      hub,
      excess.map(({ shard }) => shard),
    );
  };

  const open = async (scope: ConnectionScope) => {
    const redis = await openClient(options, scope);
    await renew(redis, scope);
    const renewing = {
      run: () => renew(redis, scope),
      intervalMs: renewIntervalMs,
      phaseMs: renewIntervalMs,
      isAligned: true,
      failures: null,
    };
    runLoop(renewing, scope).catch((error: unknown) => scope.end(toBusError(error)));
    return { session: { redis } };
  };
  const { side, use, current } = startRedisSession({
    open,
    onConnection,
    maxBackoffMs: MAX_BACKOFF_MS,
    random,
    signal,
  });

  return {
    ...side,
    hub,
    leaseOf: (shard) => leases.leaseOf(shard, performance.now()),
    held,
    follow: listeners.follow,
    confirm: use(({ redis }, lease) => confirmLease(redis, lease)),
    [Symbol.asyncDispose]: async () => {
      if (stopping.signal.aborted) return;
      stopping.abort();
      clearTimeout(expiry);
      await listeners.released(leases.clear());
      const session = current();
      if (session !== null) {
        // After a renewal in flight, since Redis executes in order. A failure leaves it to expiry.
        const releasing = releaseLeases(session.redis, hub).catch(() => {});
        const waiting = new AbortController();
        await Promise.race([releasing, sleep(RELEASE_WITHIN_MS, waiting.signal)]);
        waiting.abort();
      }
      await side[Symbol.asyncDispose]();
    },
  };
}

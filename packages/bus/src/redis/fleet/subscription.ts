import { METRICS_PATTERN, REGISTRATIONS_CHANNEL, REMOVALS_CHANNEL } from '@booner/protocol/redis-names';
import type { RedisOptions } from 'ioredis';
import { BusError } from '../../bus-error.ts';
import { openClient, rethrow } from '../connection/client.ts';
import { type Heartbeat, startHeartbeat } from '../connection/heartbeat.ts';
import { type ConnectionScope, keepConnected } from '../connection/keep-connected.ts';

export type SubscriptionOptions = {
  readonly options: RedisOptions;
  /** The subscription ends with this scope. The scope ends if Redis refuses the subscription. */
  readonly scope: ConnectionScope;
  /** Pause between an answer and the next ping that nobody asked for. */
  readonly pingEveryMs: number;
  /** Receives each message of {@link METRICS_PATTERN}. */
  readonly onMetrics: (channel: string, payload: Buffer) => void;
  /** Receives each message of another channel. */
  readonly onMessage: (channel: string, payload: Buffer) => void;
  readonly random?: () => number;
};

export type Subscription = {
  /** Monotonic time of the acknowledgement; `null` while the connection is lost. */
  sinceMs(): number | null;
  /** Monotonic time up to which everything that was published has been delivered. */
  deliveredUntilMs(): number;
  /** Asks Redis whether it has delivered everything up to now. */
  ping(): void;
  /** Monotonic time of the question that is not answered yet, else `null`. */
  awaitedSinceMs(): number | null;
  /** Reason of the last loss, as a sentence. */
  lastLoss(): string;
};

/**
 * Subscribes to the channels of hubs over a connection of its own. Redis cuts it when a hub is far
 * behind; it is then made again, with backoff, while the scope goes on. Resolves once the first
 * subscription is acknowledged; if that fails, the scope ends.
 * @throws BusError
 */
export async function startSubscription({
  options,
  scope,
  pingEveryMs,
  onMetrics,
  onMessage,
  random,
}: SubscriptionOptions): Promise<Subscription> {
  if (scope.signal.aborted) throw new BusError('disconnected', 'stopped');
  const first = Promise.withResolvers<void>();
  let isFirst = true;
  let sinceMs: number | null = null;
  let deliveredUntilMs = 0;
  let lastLoss = '';
  let heartbeat: Heartbeat | null = null;

  const subscribe = async (own: ConnectionScope) => {
    const redis = await openClient(options, own);
    const deliver = (_pattern: string, channel: Buffer, payload: Buffer) =>
      onMetrics(channel.toString(), payload);
    const notify = (channel: Buffer, payload: Buffer) => onMessage(channel.toString(), payload);
    own.signal.addEventListener('abort', () => {
      redis.off('pmessageBuffer', deliver);
      redis.off('messageBuffer', notify);
      sinceMs = null;
      heartbeat = null;
    });
    // An answer comes after everything that Redis had to deliver before its ping.
    const onEcho = (sentAtMs: number) => {
      deliveredUntilMs = sentAtMs;
    };
    heartbeat = startHeartbeat(redis, own, { everyMs: pingEveryMs, onEcho });
    redis.on('pmessageBuffer', deliver);
    redis.on('messageBuffer', notify);
    await Promise.all([
      redis.psubscribe(METRICS_PATTERN),
      redis.subscribe(REMOVALS_CHANNEL, REGISTRATIONS_CHANNEL),
    ]).catch(rethrow);
    if (own.signal.aborted) throw new BusError('disconnected', lastLoss);
    sinceMs = performance.now();
    deliveredUntilMs = sinceMs;
    isFirst = false;
    first.resolve();
  };

  keepConnected({
    open: async (own) => {
      try {
        await subscribe(own);
      } catch (error) {
        if (error instanceof BusError && (isFirst || error.code === 'refused')) {
          first.reject(error);
          scope.end(error);
        }
        throw error;
      }
      return undefined;
    },
    onConnection: (connection) => {
      if (connection.state === 'disconnected') lastLoss = connection.reason;
    },
    random,
    signal: scope.signal,
  });
  scope.signal.addEventListener('abort', () => first.reject(new BusError('disconnected', 'stopped')));
  await first.promise;
  return {
    sinceMs: () => sinceMs,
    deliveredUntilMs: () => deliveredUntilMs,
    ping: () => heartbeat?.ping(),
    awaitedSinceMs: () => heartbeat?.awaitedSinceMs() ?? null,
    lastLoss: () => lastLoss,
  };
}

import type { Redis } from 'ioredis';
import { isReply, toBusError } from './client.ts';
import type { ConnectionScope } from './keep-connected.ts';

export type Heartbeat = {
  /** Postpones the next ping because another command was answered. */
  touch(): void;
  /** Pings now, unless an answer is awaited. */
  ping(): void;
  /** Monotonic time at which the ping was sent whose answer is awaited, else `null`. */
  awaitedSinceMs(): number | null;
};

export type HeartbeatOptions = {
  /** Pause between an answer and the next ping. */
  readonly everyMs: number;
  /** Called for each answer with the monotonic time at which its ping was sent. */
  readonly onEcho?: (sentAtMs: number) => void;
};

/**
 * Pings until the scope ends, so that a frozen or unreachable server is noticed even if nothing
 * else is sent: the `socketTimeout` of the connection then ends it.
 */
export function startHeartbeat(
  redis: Redis,
  scope: ConnectionScope,
  { everyMs, onEcho }: HeartbeatOptions,
): Heartbeat {
  let awaitedSinceMs: number | null = null;
  const ping = () => {
    if (awaitedSinceMs !== null || scope.signal.aborted) return;
    const sentAtMs = performance.now();
    awaitedSinceMs = sentAtMs;
    const answered = () => {
      awaitedSinceMs = null;
      if (scope.signal.aborted) return;
      onEcho?.(sentAtMs);
      timer.refresh();
    };
    redis.ping().then(answered, (error) => {
      if (isReply(error)) answered();
      else scope.end(toBusError(error));
    });
  };
  const timer = setTimeout(ping, everyMs);
  scope.signal.addEventListener('abort', () => clearTimeout(timer));
  return {
    touch: () => {
      if (!scope.signal.aborted) timer.refresh();
    },
    ping,
    awaitedSinceMs: () => awaitedSinceMs,
  };
}

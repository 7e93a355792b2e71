import type { Redis } from 'ioredis';
import { isReply, toBusError } from './client.ts';
import type { ConnectionScope } from './keep-connected.ts';

export type HeartbeatOptions = {
  /** Pause before the next ping, since the last answer. */
  readonly everyMs: number;
  readonly onEcho?: () => void;
};

/**
 * Pings as long as the scope lasts, so that a server that is frozen or was cut off is noticed although nothing is sent: the
 * connection's own `socketTimeout` then ends it.
 * @returns `touch`, to say that something else was answered, which makes the next ping needless for a while
 */
export function startHeartbeat(redis: Redis, scope: ConnectionScope, { everyMs, onEcho }: HeartbeatOptions) {
  const answered = () => {
    if (scope.signal.aborted) return;
    onEcho?.();
    timer.refresh();
  };
  const ping = () => {
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
  };
}

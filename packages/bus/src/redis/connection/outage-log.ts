import type { Logger } from '@booner/service/logger';
import type { BusConnection } from '../../ports.ts';
import { redisLocation } from './redis-url.ts';

/** Connections lost within this time belong to one outage: a blocking one notices it after 15 s. */
const ONE_OUTAGE_MS = 20_000;

export type OutageLogOptions = {
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** URL of Redis. The user and password in it are not logged. */
  readonly url: string;
  /** Effect of an outage on this process, such as `samples are dropped until it is back`. */
  readonly meanwhile: string;
  /** Milliseconds of the monotonic clock. */
  readonly nowMs?: () => number;
};

/** Logs the state of one connection of the process: its `onConnection`. */
export type LogConnection = (connection: BusConnection) => void;

type Outage = { readonly sinceMs: number; readonly lost: Set<LogConnection>; isRefused: boolean };

/**
 * Logs the outages of a Redis for all connections that a process has to it: one line when the first
 * connection is lost, and one when all lost connections are available again. A connection that is
 * lost much later than the others starts another outage.
 * @returns a function that adds a connection
 */
export function createOutageLog({ log, url, meanwhile, nowMs = () => performance.now() }: OutageLogOptions) {
  const redis = redisLocation(url);
  const outages = new Set<Outage>();
  let wasConnected = false;

  const outageOf = (connection: LogConnection) => [...outages].find(({ lost }) => lost.has(connection));

  const onLost = (connection: LogConnection, reason: string) => {
    const known = outageOf(connection);
    if (known !== undefined) {
      // A connection reports a second loss only if it reached Redis, and Redis refused its user.
      if (!known.isRefused)
        log.warn({ redis, reason }, 'Redis can be reached again, but refuses the connection');
      known.isRefused = true;
      return;
    }
    const current = [...outages].find(({ sinceMs }) => nowMs() - sinceMs < ONE_OUTAGE_MS);
    if (current !== undefined) return void current.lost.add(connection);
    outages.add({ sinceMs: nowMs(), lost: new Set([connection]), isRefused: false });
    log.warn({ redis, reason }, `Redis is unavailable: ${meanwhile}`);
  };
  const onConnected = (connection: LogConnection) => {
    const outage = outageOf(connection);
    if (outage === undefined) {
      if (!wasConnected) log.info({ redis }, 'connected to Redis');
    } else {
      outage.lost.delete(connection);
      if (outage.lost.size > 0) return;
      outages.delete(outage);
      const seconds = Math.round((nowMs() - outage.sinceMs) / 1000);
      log.info({ redis, seconds }, 'Redis is available again');
    }
    wasConnected = true;
  };

  return (): LogConnection => {
    const logConnection: LogConnection = (connection) => {
      if (connection.state === 'disconnected') onLost(logConnection, connection.reason);
      if (connection.state === 'connected') onConnected(logConnection);
    };
    return logConnection;
  };
}

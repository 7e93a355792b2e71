import { X509Certificate } from 'node:crypto';
import type { RedisOptions } from 'ioredis';
import { BusError } from '../../bus-error.ts';
import { parseRedisUrl } from './redis-url.ts';

/** Connection settings of Redis. */
export type RedisSettings = {
  /** See `parseRedisUrl`. */
  readonly url: string;
  /** Overrides the URL, so that a secret need not be part of it. */
  readonly username?: string;
  readonly password?: string;
  /**
   * Certificates, in PEM, of the authority that signed the certificate of Redis. Default: those
   * that Node.js trusts. Requires `rediss`.
   */
  readonly ca?: string;
  /** Credentials for the Sentinels, if they require any. */
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
};

/** Deadline for a connection to be established, including TLS. */
const CONNECT_TIMEOUT_MS = 5000;
/**
 * Deadline for an answer. With a ping every few seconds, a frozen server is noticed within 15 s.
 */
const ANSWER_TIMEOUT_MS = 5000;
/**
 * Deadline for connections that block for 5 s at a time: a blocked read on a dead socket never
 * ends.
 */
const BLOCKED_SOCKET_TIMEOUT_MS = 15_000;
/**
 * A connection that is being closed is cut after this time, whether or not the server confirmed.
 */
const DISCONNECT_TIMEOUT_MS = 500;

/**
 * Returns the ioredis options of one connection. ioredis does not reconnect, queue, resend or
 * resubscribe by itself: after a reconnection, a session must be set up in a certain order.
 * @throws BusError `bad_url` or `bad_certificate`, without secrets
 */
export function connectionOptions(settings: RedisSettings): RedisOptions {
  const address = parseRedisUrl(settings.url);
  const username = settings.username ?? address.username;
  const password = settings.password ?? address.password;
  if (username !== undefined && password === undefined) {
    throw new BusError('bad_url', `the password of the user ${JSON.stringify(username)} is missing`);
  }
  const tls = tlsOptions(address.tls, settings.ca);
  const endpoint =
    address.masterName === null
      ? address.nodes[0]
      : {
          sentinels: [...address.nodes],
          name: address.masterName,
          sentinelUsername: settings.sentinelUsername,
          sentinelPassword: settings.sentinelPassword,
          sentinelTLS: tls,
          enableTLSForSentinelMode: address.tls,
          sentinelCommandTimeout: ANSWER_TIMEOUT_MS,
          // null means "never", which its type does not allow.
          sentinelRetryStrategy: null as unknown as () => null,
        };
  return {
    ...endpoint,
    username,
    password,
    tls,
    db: address.database,
    lazyConnect: true,
    retryStrategy: null,
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    enableReadyCheck: false, // it needs INFO, which agents may not use
    disableClientInfo: true, // Redis 7.0 has no `client|setinfo` to allow
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: ANSWER_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
  };
}

/** {@link connectionOptions} of a connection for commands, each of which has a deadline. */
export const commandOptions = (settings: RedisSettings, connectionName: string): RedisOptions => ({
  ...connectionOptions(settings),
  connectionName,
  commandTimeout: ANSWER_TIMEOUT_MS,
});

/**
 * {@link connectionOptions} of a connection that blocks for up to {@link MAX_WAIT_MS} at a time.
 */
export const blockingOptions = (settings: RedisSettings, connectionName: string): RedisOptions => ({
  ...connectionOptions(settings),
  connectionName,
  socketTimeout: BLOCKED_SOCKET_TIMEOUT_MS,
});

function tlsOptions(wanted: boolean, ca: string | undefined): { ca?: string } | undefined {
  if (ca !== undefined) {
    if (!wanted) throw new BusError('bad_url', 'a CA needs TLS: start the URL with rediss');
    try {
      new X509Certificate(ca);
    } catch (cause) {
      throw new BusError('bad_certificate', 'the CA is not a certificate in PEM', { cause });
    }
  }
  return wanted ? { ca } : undefined;
}

import { X509Certificate } from 'node:crypto';
import type { RedisOptions } from 'ioredis';
import { BusError } from '../../bus-error.ts';
import { parseRedisUrl } from './redis-url.ts';

/** How Redis is reached. */
export type RedisSettings = {
  /** See `parseRedisUrl`. */
  readonly url: string;
  /** Override what the URL says, so that a secret need not stand in a URL. */
  readonly username?: string;
  readonly password?: string;
  /** Certificates, in PEM, of the authority that signed the server's; default: those that Node.js trusts. Needs `rediss`. */
  readonly ca?: string;
  /** Of the Sentinels, when they want any. */
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
};

/** Longest wait for a connection to be made, TLS included. */
const CONNECT_TIMEOUT_MS = 5000;
/** Longest wait for an answer. With a ping each few seconds, a frozen server is noticed within 15 s. */
const ANSWER_TIMEOUT_MS = 5000;
/** Of connections that block for 5 s at a time: nothing else recovers a blocked read on a dead socket. */
const BLOCKED_SOCKET_TIMEOUT_MS = 15_000;
/** After this long a connection that is being closed is cut, whether or not the server confirmed. */
const DISCONNECT_TIMEOUT_MS = 500;

/**
 * ioredis options of one connection. The connection is made once: nothing is queued, resent, resubscribed or retried behind our
 * back, because a session that comes back has to be built up in a certain order.
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
          sentinelRetryStrategy: null as unknown as () => null, // its type forgets that null means "never"
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

/** {@link connectionOptions} of a connection that blocks for up to {@link MAX_WAIT_MS} at a time. */
export const blockingOptions = (settings: RedisSettings, connectionName: string): RedisOptions => ({
  ...connectionOptions(settings),
  connectionName,
  socketTimeout: BLOCKED_SOCKET_TIMEOUT_MS,
});

function tlsOptions(wanted: boolean, ca: string | undefined): { ca?: string } | undefined {
  if (ca !== undefined) {
    if (!wanted) throw new BusError('bad_url', 'a CA is given, but the URL does not start with rediss');
    try {
      new X509Certificate(ca);
    } catch (cause) {
      throw new BusError('bad_certificate', 'the CA is not a certificate in PEM', { cause });
    }
  }
  return wanted ? { ca } : undefined;
}

/**
 * Messages for errors of sockets, TLS and Redis, each with what to do. None contains a password.
 */

/** By reply code; https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
const REPLIES: Readonly<Record<string, string>> = {
  NOAUTH: 'Redis requires a password and none was given: set the user name and password',
  WRONGPASS: 'Redis does not accept the user name or password: correct them, or create this user in Redis',
  OOM: 'Redis has reached its memory limit and rejects writes: raise its maxmemory',
  READONLY: 'this Redis is a read-only replica: use the address of the master, or of the Sentinels',
  MASTERDOWN: 'this Redis is a replica that has lost its master: start the master again',
  LOADING: 'Redis is still loading its data: wait until it has finished',
  MISCONF: 'Redis cannot save its data and rejects writes: free disk space, and check the log of Redis',
  BUSY: 'Redis is busy with a script that does not finish: stop it with the command SCRIPT KILL',
  DENIED: 'Redis is in protected mode and accepts local connections only: set a password in Redis',
  NOREPLICAS: 'Redis has too few replicas to accept writes: start its replicas again',
  CLUSTERDOWN: 'this is a Redis Cluster, which is not supported: use a single Redis, or Sentinels',
  MOVED: 'this is a Redis Cluster, which is not supported: use a single Redis, or Sentinels',
};

type SystemError = Error & {
  readonly code?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
  readonly host?: string;
};

const UNTRUSTED =
  'the certificate of Redis is from an authority that this host does not trust: set REDIS_CA_FILE to its certificate';
const LOST = 'the connection to Redis was lost';
const BLOCKED = 'this system blocks the connection to Redis: check its firewall';
const NO_ROUTE = 'no route to Redis: check its address and the network';

/** By the code of Node.js or OpenSSL. */
const SYSTEM: Readonly<Record<string, string | ((error: SystemError) => string)>> = {
  ECONNREFUSED: (error) => `nothing is listening at ${addressOf(error)}: start Redis, or correct its address`,
  ECONNRESET: LOST,
  ECONNABORTED: LOST,
  EPIPE: LOST,
  ETIMEDOUT: 'connecting to Redis timed out: check its address, the network and firewalls',
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  EACCES: BLOCKED,
  EPERM: BLOCKED,
  ENOTFOUND: ({ hostname }) =>
    `the host name ${hostname ?? 'of Redis'} does not exist: correct the name, or use an address`,
  EAI_AGAIN: ({ hostname }) =>
    `the host name ${hostname ?? 'of Redis'} cannot be resolved at the moment: check the DNS of this host`,
  CERT_HAS_EXPIRED: 'the certificate of Redis has expired: renew it',
  CERT_NOT_YET_VALID: 'the certificate of Redis is not valid yet: check the clocks of both machines',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID: ({ host }) =>
    `the certificate of Redis is not valid for ${host ?? 'this host'}: use a name from the certificate in REDIS_URL`,
};
const NO_TLS =
  'TLS with Redis failed: check that this port of Redis uses TLS, and that it does not require a client certificate';

export const NO_ANSWER = 'Redis does not answer: check that it is running, and the network to it';
export const CLOSED = 'Redis closed the connection: check its log if this happens again';

/** Returns the message for an error reply. @param command that was refused, such as `hset` */
export function replyText(reply: string, message: string, command: string | undefined): string {
  if (reply === 'NOPERM') return lacksPermission(command?.toUpperCase() ?? 'this');
  const text = REPLIES[reply];
  return text === undefined ? `Redis answered: ${message}` : `${text} (${reply})`;
}

/** Returns the message for a missing permission. @param what such as `ZADD booner:tasks` */
export const lacksPermission = (what: string): string =>
  `the Redis user may not ${what}: docs/redis.md has the permissions of each user (NOPERM)`;

/**
 * Returns the message for an error of the network or of TLS; `null` for an error without a code.
 */
export function systemText(error: unknown): string | null {
  // For a host with several addresses, Node.js reports their failures in an error without a
  // message.
  if (error instanceof AggregateError) {
    const texts = new Set(error.errors.map(systemText).filter((text) => text !== null));
    return texts.size === 0 ? null : [...texts].join('; ');
  }
  if (!(error instanceof Error)) return null;
  const { code } = error as SystemError;
  if (code === undefined) return null;
  const text = SYSTEM[code];
  if (text !== undefined) return `${typeof text === 'string' ? text : text(error)} (${code})`;
  return code === 'EPROTO' || code.startsWith('ERR_SSL_')
    ? `${NO_TLS} (${code})`
    : `the connection to Redis failed (${code})`;
}

const addressOf = ({ address, port }: SystemError): string => {
  if (address === undefined) return 'the address of Redis';
  return port === undefined ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`;
};

import { enrolmentKey, oidcKey, ticketKey } from '@booner/protocol/redis-names';
import { runInterval } from '@booner/service/interval';
import type { Redis } from 'ioredis';
import type { AccessBus } from '../../access-ports.ts';
import { BusError } from '../../bus-error.ts';
import { createCredentialCache } from '../../credential-cache.ts';
import type { BusConnection } from '../../ports.ts';
import { type OnRejected, readEnrolment, readOidc, readTicket } from '../../stored-access.ts';
import { openClient, toBusError } from '../connection/client.ts';
import {
  ANSWER_TIMEOUT_MS,
  connectionOptions,
  type RedisSettings,
} from '../connection/connection-options.ts';
import { keepConnected, type Life } from '../connection/keep-connected.ts';
import {
  appendAudit,
  putIdentity,
  putValue,
  readAudit,
  readIdentities,
  removeIdentity,
  takeValue,
} from './access-commands.ts';
import { type CredentialCommands, createCredentialCommands } from './access-credentials.ts';

export type RedisAccessOptions = {
  readonly redis: RedisSettings;
  /** Transitions alone. */
  readonly onConnection?: (connection: BusConnection) => void;
  /** Something in Redis cannot be read, and was left out. */
  readonly onRejected?: OnRejected;
  readonly random?: () => number;
};

/** How far credentials are behind those of other hubs at most. Also proves that Redis answers, in place of a ping. */
const LOOK_EVERY_MS = 1000;
/** As short as that, so that hosts' users are made again soon after Redis came back: what they are made from is read here. */
const MAX_BACKOFF_MS = 1000;
/** Looks after which credentials are read in any case: somebody may have changed them by hand without counting the version up. */
const LOOKS_BETWEEN_READINGS = 60;

type Session = {
  readonly life: Life;
  readonly redis: Redis;
  readonly credentials: CredentialCommands;
};

/**
 * Starts a hub's side of the access, over one connection. Returns before it is made. "Connected" is said when the credentials have been
 * read. They are read whole at each connection, since a Redis that was restarted may have lost some, or all: then nobody is known any
 * more but to {@link AccessBus.putFirstCredential}.
 * @throws BusError `bad_url` or `bad_certificate`
 */
export async function startRedisAccess(
  { redis: settings, onConnection, onRejected = () => {}, random }: RedisAccessOptions,
  { signal }: { signal?: AbortSignal } = {},
): Promise<AccessBus> {
  const options = {
    ...connectionOptions(settings),
    connectionName: 'booner-hub-access',
    commandTimeout: ANSWER_TIMEOUT_MS,
  };
  const cache = createCredentialCache(onRejected);
  let current: Session | null = null;

  const open = async (life: Life) => {
    const redis = await openClient(options, life);
    life.signal.addEventListener('abort', () => {
      current = null;
    });
    const credentials = createCredentialCommands(redis, cache, onRejected);
    await credentials.readAll();
    current = { life, redis, credentials };
    let looks = 0;
    const look = () =>
      ++looks % LOOKS_BETWEEN_READINGS === 0 ? credentials.readAll() : credentials.refresh();
    // Who cannot look does not learn of revocations: that is no connection, whatever the reason.
    const onError = (error: unknown) => life.end(toBusError(error));
    void runInterval(look, { intervalMs: LOOK_EVERY_MS, phaseMs: LOOK_EVERY_MS, onError }, life);
    return undefined;
  };
  const link = keepConnected({ open, onConnection, maxBackoffMs: MAX_BACKOFF_MS, random, signal });

  const connected = () => {
    if (current !== null) return current;
    const connection = link.connection();
    const reason =
      connection.state === 'disconnected' ? connection.reason : 'the connection to Redis is being made';
    throw new BusError('disconnected', reason);
  };
  /** A method that needs the connection. A master that became a replica is left: the next session finds the new one. */
  const using =
    <A extends unknown[], R>(run: (session: Session, ...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const session = connected();
      try {
        return await run(session, ...args);
      } catch (error) {
        if (error instanceof BusError && error.reply === 'READONLY') session.life.end(error);
        throw error;
      }
    };

  return {
    connection: link.connection,
    whenConnected: link.whenConnected,
    loaded: cache.loaded,
    credentials: cache.current,
    refresh: using(({ credentials }) => credentials.refresh()),
    onChange: cache.onChange,

    putCredential: using(({ credentials }, hash, credential) => credentials.put(hash, credential)),
    putFirstCredential: using(({ credentials }, hash, credential, inPlaceOf) =>
      credentials.putFirst(hash, credential, inPlaceOf),
    ),
    removeCredentials: using(({ credentials }, ids) => credentials.remove(ids)),
    removeExpired: using(({ credentials }, nowMs) => credentials.removeExpired(nowMs)),
    takeCredential: using(({ credentials }, hash) => credentials.take(hash)),
    lastUsed: using(({ credentials }) => credentials.lastUsed()),
    markUsed: using(({ credentials }, usedAtMs) => credentials.markUsed(usedAtMs)),

    putTicket: using(({ redis }, hash, ticket, ttlMs) => putValue(redis, ticketKey(hash), ticket, ttlMs)),
    takeTicket: using(async ({ redis }, hash) =>
      readTicket(await takeValue(redis, ticketKey(hash)), onRejected),
    ),
    putEnrolment: using(({ redis }, hash, enrolment, ttlMs) =>
      putValue(redis, enrolmentKey(hash), enrolment, ttlMs),
    ),
    takeEnrolment: using(async ({ redis }, hash) =>
      readEnrolment(await takeValue(redis, enrolmentKey(hash)), onRejected),
    ),
    putOidc: using(({ redis }, hash, transaction, ttlMs) =>
      putValue(redis, oidcKey(hash), transaction, ttlMs),
    ),
    takeOidc: using(async ({ redis }, hash) => readOidc(await takeValue(redis, oidcKey(hash)), onRejected)),

    identities: using(({ redis }) => readIdentities(redis, onRejected)),
    putIdentity: using(({ redis }, host, identity) => putIdentity(redis, host, identity)),
    removeIdentity: using(({ redis }, host) => removeIdentity(redis, host)),

    appendAudit: using(({ redis }, entry) => appendAudit(redis, entry)),
    readAudit: using(({ redis }, query) => readAudit(redis, query, onRejected)),
    [Symbol.asyncDispose]: link.stop,
  };
}

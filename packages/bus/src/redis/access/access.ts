import { runLoop } from '@booner/service/run-loop';
import type { AccessBus } from '../../access-ports.ts';
import { createCredentialCache } from '../../credential-cache.ts';
import type { BusConnection } from '../../ports.ts';
import type { OnRejected } from '../../stored-values.ts';
import { toBusError } from '../connection/client.ts';
import type { ConnectionScope } from '../connection/keep-connected.ts';
import { startRedisSession } from '../connection/redis-session.ts';
import type { JoinCommands } from '../connection/share-commands.ts';
import { createAccessCommands } from './access-commands.ts';
import { createCredentialCommands } from './access-credentials.ts';

export type RedisAccessOptions = {
  readonly commands: JoinCommands;
  /** Called for transitions only. */
  readonly onConnection?: (connection: BusConnection) => void;
  /** Called for stored values that cannot be parsed and were left out. */
  readonly onRejected?: OnRejected;
  readonly random?: () => number;
};

/** Longest time that credentials lag behind other hubs. */
const POLL_INTERVAL_MS = 1000;
/** Short, because the Redis users of hosts are restored from what is read over this connection. */
const MAX_BACKOFF_MS = 1000;
/**
 * Every so many polls credentials are read whatever their version: they may have been edited by
 * hand.
 */
const POLLS_PER_READ = 60;

/**
 * Starts a hub's side of access control. Returns before it is connected, which it is once all
 * credentials have been read. They are read after each connection, since a Redis that restarted may
 * have lost some or all of them.
 */
export function startRedisAccess(
  { commands: join, onConnection, onRejected = () => {}, random }: RedisAccessOptions,
  { signal }: { signal?: AbortSignal } = {},
): AccessBus {
  const cache = createCredentialCache(onRejected);

  const open = async (scope: ConnectionScope) => {
    const redis = await join(scope);
    const credentials = createCredentialCommands(redis, cache, onRejected);
    await credentials.readAll();
    let polls = 0;
    const poll = () => (++polls % POLLS_PER_READ === 0 ? credentials.readAll() : credentials.refresh());
    const times = { intervalMs: POLL_INTERVAL_MS, phaseMs: POLL_INTERVAL_MS, isAligned: true };
    const polling = { run: poll, ...times, failures: null };
    // If polling fails, revocations would be missed, so treat it as disconnected.
    runLoop(polling, scope).catch((error: unknown) => scope.end(toBusError(error)));
    return { session: { credentials, commands: createAccessCommands(redis, onRejected, scope.signal) } };
  };
  const { side, use } = startRedisSession({
    open,
    onConnection,
    maxBackoffMs: MAX_BACKOFF_MS,
    random,
    signal,
  });

  return {
    ...side,
    loaded: cache.loaded,
    credentials: cache.current,
    refresh: use(({ credentials }) => credentials.refresh()),
    onChange: cache.onChange,

    putCredential: use(({ credentials }, hash, credential) => credentials.put(hash, credential)),
    renewCredential: use(({ credentials }, hash, newHash, credential) =>
      credentials.renew(hash, newHash, credential),
    ),
    putFirstCredential: use(({ credentials }, hash, credential, inPlaceOf) =>
      credentials.putFirst(hash, credential, inPlaceOf),
    ),
    removeCredentials: use(({ credentials }, ids) => credentials.remove(ids)),
    removeUnlessLast: use(({ credentials }, id, others) => credentials.removeUnlessLast(id, others)),
    removeExpired: use(({ credentials }, nowMs) => credentials.removeExpired(nowMs)),
    takeCredential: use(({ credentials }, hash) => credentials.take(hash)),
    lastUsed: use(({ credentials }) => credentials.lastUsed()),
    markUsed: use(({ credentials }, usedAtMs) => credentials.markUsed(usedAtMs)),

    putTicket: use(({ commands }, ...args) => commands.putTicket(...args)),
    takeTicket: use(({ commands }, hash) => commands.takeTicket(hash)),
    putEnrolment: use(({ commands }, ...args) => commands.putEnrolment(...args)),
    takeEnrolment: use(({ commands }, hash) => commands.takeEnrolment(hash)),
    putOidc: use(({ commands }, ...args) => commands.putOidc(...args)),
    takeOidc: use(({ commands }, hash) => commands.takeOidc(hash)),

    identities: use(({ commands }) => commands.identities()),
    putIdentity: use(({ commands }, host, identity) => commands.putIdentity(host, identity)),
    removeIdentity: use(({ commands }, host) => commands.removeIdentity(host)),

    appendAudit: use(({ commands }, ...entries) => commands.appendAudit(entries)),
    readAudit: use(({ commands }, query) => commands.readAudit(query)),
  };
}

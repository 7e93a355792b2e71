import { unlessAborted } from '@booner/service/abort';
import type { Redis } from 'ioredis';
import { BusError } from '../../bus-error.ts';
import { openClient } from './client.ts';
import { commandOptions, type RedisSettings } from './connection-options.ts';
import { startHeartbeat } from './heartbeat.ts';
import type { ConnectionScope } from './keep-connected.ts';

/**
 * Gives a scope a connection for commands, which others use too. It is open while any scope has it,
 * and all of them end with it.
 * @throws BusError `disconnected` or `refused`
 */
export type JoinCommands = (scope: ConnectionScope) => Promise<Redis>;

type Shared = {
  readonly client: Promise<Redis>;
  readonly users: Set<ConnectionScope>;
  /** Ends the connection and the scopes of its users. */
  end(reason: BusError): void;
};

const PING_AFTER_MS = 3000;

/**
 * Lets several buses send their commands over one connection. What they send at the same moment
 * travels together. A bus whose scope ends leaves the connection to the others, unless Redis turned
 * out to be a replica: all of them have to find the master then.
 * @throws BusError `bad_url` or `bad_certificate`
 */
export function shareCommands(settings: RedisSettings, name: string): JoinCommands {
  const options = { ...commandOptions(settings, name), enableAutoPipelining: true };
  let shared: Shared | null = null;

  const open = (): Shared => {
    const controller = new AbortController();
    const users = new Set<ConnectionScope>();
    const end = (reason: BusError) => {
      if (controller.signal.aborted) return;
      if (shared === opened) shared = null;
      controller.abort(reason);
      for (const user of users) user.end(reason);
    };
    const scope = { signal: controller.signal, end };
    const client = openClient(options, scope).then((redis) => {
      startHeartbeat(redis, scope, { everyMs: PING_AFTER_MS });
      return redis;
    });
    client.catch(end);
    const opened = { client, users, end };
    return opened;
  };

  return async (scope) => {
    if (scope.signal.aborted) throw stopped();
    shared ??= open();
    const { client, users, end } = shared;
    users.add(scope);
    scope.signal.addEventListener('abort', () => {
      users.delete(scope);
      const { reason } = scope.signal;
      if (reason instanceof BusError && reason.reply === 'READONLY') end(reason);
      else if (users.size === 0) end(stopped());
    });
    const redis = await unlessAborted(client, scope.signal);
    if (redis === 'aborted') throw stopped();
    return redis;
  };
}

const stopped = () => new BusError('disconnected', 'stopped');

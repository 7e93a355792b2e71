import type { AlertBus } from '../../alert-ports.ts';
import type { BusConnection } from '../../ports.ts';
import type { OnRejected } from '../../stored-values.ts';
import { openClient } from '../connection/client.ts';
import { blockingOptions, type RedisSettings } from '../connection/connection-options.ts';
import type { ConnectionScope } from '../connection/keep-connected.ts';
import { startRedisSession } from '../connection/redis-session.ts';
import type { JoinCommands } from '../connection/share-commands.ts';
import { createStreamFollower, createStreamReader } from '../connection/stream-reader.ts';
import { createAlertChanges } from './alert-changes.ts';
import { alertEvents } from './alert-events.ts';
import { createAlertReader } from './alert-reader.ts';
import { createAlertSettings } from './alert-settings.ts';

export type RedisAlertsOptions = {
  readonly redis: RedisSettings;
  readonly commands: JoinCommands;
  /** Called for transitions only. */
  readonly onConnection?: (connection: BusConnection) => void;
  /** Called for stored values that cannot be parsed and were left out. */
  readonly onRejected?: OnRejected;
  readonly random?: () => number;
};

/**
 * Starts a hub's side of alerts over two connections that end together: one for commands, and one
 * that blocks until there are events. Returns before they are made.
 * @throws BusError `bad_url` or `bad_certificate`
 */
export async function startRedisAlerts(
  { redis: settings, commands: join, onConnection, onRejected = () => {}, random }: RedisAlertsOptions,
  { signal }: { signal?: AbortSignal } = {},
): Promise<AlertBus> {
  const eventOptions = blockingOptions(settings, 'booner-hub-alert-events');
  const source = alertEvents(onRejected);

  const open = async (scope: ConnectionScope) => {
    const [commands, blocking] = await Promise.all([join(scope), openClient(eventOptions, scope)]);
    const events = createStreamReader(commands, source);
    await events.readLastCursor(); // fails without the permissions
    return {
      session: {
        events,
        follower: createStreamFollower(blocking, source),
        changes: createAlertChanges(commands, onRejected, scope.signal),
        reader: createAlertReader(commands, onRejected, scope.signal),
        settings: createAlertSettings(commands, onRejected),
      },
    };
  };
  const { side, use } = startRedisSession({ open, onConnection, random, signal });

  return {
    ...side,
    readSettings: use(({ settings }, kind) => settings.read(kind)),
    putSetting: use(({ settings }, kind, name, value, max) => settings.put(kind, name, value, max)),
    removeSetting: use(({ settings }, kind, name) => settings.remove(kind, name)),

    readAlerts: use(async ({ events, reader }) => {
      const cursor = await events.readLastCursor();
      return { cursor, alerts: await reader.readAlerts() };
    }),
    change: use(({ changes }, shard, lease, given) => changes.change(shard, lease, given)),
    nextEvents: use(({ follower }, after, max) => follower.next(after, max)),
    readEpisodes: use(({ reader }, query) => reader.readEpisodes(query)),

    readGroups: use(({ changes }, shard) => changes.readGroups(shard)),
    saveGroups: use(({ changes }, lease, given) => changes.saveGroups(lease, given)),

    beat: use(({ settings }, name, atMs) => settings.beat(name, atMs)),
    readBeats: use(({ settings }) => settings.readBeats()),

    putAlertLink: use(({ settings }, hash, episodes, ttlMs) => settings.putLink(hash, episodes, ttlMs)),
    takeAlertLink: use(({ settings }, hash) => settings.takeLink(hash)),
  };
}

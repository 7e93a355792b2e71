import { INVALIDATION_CHANNEL, REPORTS_KEY } from '@booner/protocol/redis-names';
import type { Redis, RedisOptions } from 'ioredis';
import { rethrow } from '../connection/client.ts';
import { connectionOptions, type RedisSettings } from '../connection/connection-options.ts';

/**
 * Returns the options of the connection that {@link watchReports} needs. In RESP3 Redis would send
 * the names as pushes, which ioredis ignores.
 */
export const wakesOptions = (settings: RedisSettings, connectionName: string): RedisOptions => ({
  ...connectionOptions(settings),
  connectionName,
  protocol: 2,
});

/**
 * Calls `onChanged` with the name of each stream of reports that changes. Redis itself sends the
 * names, once per key and turn of its event loop. So nobody can wake a hub for the stream of
 * another host, nor with more than a name. Rejects with BusError.
 * @param subscriber receives the names; made with {@link wakesOptions}
 * @param commands a connection that ends with `subscriber`
 */
export async function watchReports(
  subscriber: Redis,
  commands: Redis,
  onChanged: (key: string) => void,
): Promise<void> {
  subscriber.on('messageBuffer', (_channel: Buffer, keys: unknown) => {
    // `null` after FLUSHALL.
    if (Array.isArray(keys)) for (const key of keys) onChanged(String(key));
  });
  const receiver = await subscriber.client('ID').catch(rethrow);
  await subscriber.subscribe(INVALIDATION_CHANNEL).catch(rethrow);
  await commands
    .call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', receiver, 'BCAST', 'PREFIX', REPORTS_KEY)
    .catch(rethrow);
}

import type { HostId } from '@booner/protocol/host-id';
import { ConfigError, type Logger } from '@booner/service';
import { findHostAddress } from '../../host-address.ts';
import type { RedisConfig } from './config.ts';
import { parseRedisUrl } from './redis-url.ts';

/**
 * The address that this machine uses towards Redis, as its host id, looked for until there is one.
 * @returns `null` when the signal aborted first
 */
export function findOwnHost(
  { url }: RedisConfig,
  logger: Pick<Logger, 'info' | 'warn'>,
  signal: AbortSignal,
): Promise<HostId | null> {
  const [server] = parseRedisUrl(url.reveal()).nodes;
  if (server === undefined) throw new ConfigError(['REDIS_URL: names no server']);
  return findHostAddress(server, { logger }, { signal });
}

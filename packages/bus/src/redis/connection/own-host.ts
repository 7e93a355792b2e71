import type { HostId } from '@booner/protocol/host-id';
import { ConfigError, type Logger } from '@booner/service';
import { findHostAddress } from '../../host-address.ts';
import type { RedisConfig } from './config.ts';
import { parseRedisUrl } from './redis-url.ts';

/**
 * Returns the address that this machine uses to reach Redis, as its host id. Retries until there is
 * one.
 * @returns `null` if the signal aborted first
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

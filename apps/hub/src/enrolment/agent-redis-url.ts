import { parseRedisUrl } from '@booner/bus/redis/url';
import { isLoopback } from '../http/address.ts';

/**
 * The URL of Redis as hosts are given it, without a user or a password.
 * @param url what the hub itself uses
 * @param hubName name or address under which hosts reach the hub's machine: what they find a Redis by that the hub finds on loopback
 */
export function agentRedisUrl(url: string, hubName: string): string {
  const { tls, nodes, masterName, database } = parseRedisUrl(url);
  const hosts = nodes.map(({ host, port }) => `${bracketed(isLoopback(host) ? hubName : host)}:${port}`);
  const scheme = `${tls ? 'rediss' : 'redis'}${masterName === null ? '' : '+sentinel'}`;
  const path = [
    masterName === null ? [] : encodeURIComponent(masterName),
    database === 0 ? [] : database,
  ].flat();
  return [`${scheme}://${hosts.join(',')}`, ...path].join('/');
}

const bracketed = (host: string): string =>
  host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;

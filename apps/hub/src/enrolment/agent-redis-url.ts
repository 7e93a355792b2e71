import { parseRedisUrl } from '@booner/bus/redis/url';
import { isLoopback } from '../http/address.ts';

/**
 * Returns the URL of Redis for hosts, without a user or a password.
 * @param url URL that the hub uses
 * @param hubName name or address by which hosts reach the hub's machine; replaces loopback
 * addresses
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

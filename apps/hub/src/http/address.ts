import { isIP, isIPv6 } from 'node:net';
import { expandIPv6 } from 'hono/utils/ipaddr';

/** Prefix of IPv4 addresses mapped into IPv6 (RFC 4291 section 2.5.5.2). */
const MAPPED_PREFIX = '0000:0000:0000:0000:0000:ffff:';

/**
 * Drops the zone of a link-local address, and turns an IPv4 address that is mapped into IPv6 back
 * into IPv4.
 */
export function plainAddress(address: string): string {
  const [plain = ''] = address.split('%', 1);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
  if (mapped !== undefined || !isIPv6(plain)) return mapped ?? plain;
  const expanded = expandIPv6(plain.toLowerCase());
  if (!expanded.startsWith(MAPPED_PREFIX)) return plain;
  const bytes = Buffer.from(expanded.slice(MAPPED_PREFIX.length).replace(':', ''), 'hex');
  return [...bytes].join('.');
}

/** Checks for 127.0.0.0/8, ::1 and localhost. */
export const isLoopback = (host: string): boolean =>
  (isIP(host) === 4 && host.startsWith('127.')) || host === '::1' || host === 'localhost';

/**
 * The /64 of an IPv6 address, because one client usually has a whole one; an IPv4 address as it is.
 */
export function networkOf(address: string): string {
  const plain = plainAddress(address);
  if (!isIPv6(plain)) return plain;
  return `${expandIPv6(plain.toLowerCase()).split(':').slice(0, 4).join(':')}::/64`;
}

import { isIP, isIPv6 } from 'node:net';
import { expandIPv6 } from 'hono/utils/ipaddr';

/**
 * Drops the zone of a link-local address, and turns an IPv4 address that a socket shows mapped into
 * IPv6 (RFC 4291 section 2.5.5.2) back into IPv4.
 */
export function plainAddress(address: string): string {
  const [plain = ''] = address.split('%', 1);
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1] ?? plain;
}

/** Checks for 127.0.0.0/8, ::1 and localhost. */
export const isLoopback = (host: string): boolean =>
  (isIP(host) === 4 && host.startsWith('127.')) || host === '::1' || host === 'localhost';

/**
 * The /64 of an IPv6 address, because one client usually has a whole one; an IPv4 address as it is.
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  return `${expandIPv6(address.toLowerCase()).split(':').slice(0, 4).join(':')}::/64`;
}

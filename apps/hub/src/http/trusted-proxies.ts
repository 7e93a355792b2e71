import { BlockList, isIP } from 'node:net';

/** Proxies whose word about a client is taken. */
export type TrustedProxies = {
  /** Whether an address is that of such a proxy; takes {@link plainAddress}es. */
  has(address: string): boolean;
  readonly isEmpty: boolean;
};

/**
 * Reads a list such as `127.0.0.1, 10.0.0.0/8, fd00::/8`.
 * @throws TypeError naming the entry that is neither an address nor a range
 */
export function parseTrustedProxies(list: string): TrustedProxies {
  const entries = list
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  const blocks = new BlockList();
  for (const entry of entries) addEntry(blocks, entry);
  return {
    has: (address) => isIP(address) !== 0 && blocks.check(address, familyOf(address)),
    isEmpty: entries.length === 0,
  };
}

export const NO_PROXIES: TrustedProxies = parseTrustedProxies('');

/** An address without the zone of a link, and an IPv4 address as such where a socket shows it mapped into IPv6 (RFC 4291 2.5.5.2). */
export function plainAddress(address: string): string {
  const [plain = ''] = address.split('%', 1);
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1] ?? plain;
}

function addEntry(blocks: BlockList, entry: string): void {
  const [address = '', prefix, ...rest] = entry.split('/');
  const bits = prefix ?? '';
  const mostBits = isIP(address) === 4 ? 32 : 128;
  const isRange = /^\d{1,3}$/.test(bits) && Number(bits) <= mostBits;
  if (isIP(address) === 0 || address.includes('%') || rest.length > 0 || !(prefix === undefined || isRange)) {
    throw new TypeError(
      `must list addresses and ranges such as 127.0.0.1 or 10.0.0.0/8, not ${JSON.stringify(entry)}`,
    );
  }
  if (prefix === undefined) blocks.addAddress(address, familyOf(address));
  else blocks.addSubnet(address, Number(bits), familyOf(address));
}

const familyOf = (address: string) => (isIP(address) === 4 ? 'ipv4' : 'ipv6');

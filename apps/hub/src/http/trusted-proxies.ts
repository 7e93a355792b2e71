import { BlockList, isIP } from 'node:net';

/** Proxies whose `X-Forwarded-…` headers are believed. */
export type TrustedProxies = {
  /** Takes an address as `plainAddress` returns it. */
  has(address: string): boolean;
  readonly isEmpty: boolean;
};

/**
 * Parses a list such as `127.0.0.1, 10.0.0.0/8, fd00::/8`.
 * @throws TypeError with the first entry that is neither an address nor a range
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

import { promises as dns, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { addressReach } from './address-reach.ts';

/** Resolves a host name to all its addresses. */
export type ResolveHost = (hostname: string) => Promise<readonly LookupAddress[]>;

/** `lookup` connects to the addresses that were checked, and resolves nothing again. */
export type Destination =
  | { readonly type: 'allowed'; readonly lookup: LookupFunction }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'unresolved'; readonly reason: string };

export type DestinationOptions = {
  /** Allows addresses of this machine and of private networks. */
  readonly allowPrivate: boolean;
  /** Default: the resolver of the system. */
  readonly resolve?: ResolveHost | undefined;
};

const resolveBySystem: ResolveHost = (hostname) => dns.lookup(hostname, { all: true });

/**
 * Resolves a host once and checks its addresses, so that nobody makes the hub connect to its own
 * network: neither an address in other notation, nor a name that resolves to another address when
 * the connection is made. Addresses that are not allowed are left out; at least one must remain.
 * @param host a name or an address; IPv6 with or without brackets
 */
export async function findDestination(
  host: string,
  { allowPrivate, resolve = resolveBySystem }: DestinationOptions,
): Promise<Destination> {
  const hostname = host.replace(/^\[(.*)\]$/, '$1');
  const addresses = await resolveHost(hostname, resolve);
  if (typeof addresses === 'string') {
    return { type: 'unresolved', reason: `cannot resolve ${hostname}: ${addresses}` };
  }
  const reaches = addresses.map(({ address }) => addressReach(address));
  const allowed = addresses.filter(
    (_, index) => reaches[index] === 'public' || (allowPrivate && reaches[index] === 'private'),
  );
  if (allowed.length > 0) return { type: 'allowed', lookup: lookupOf(allowed) };
  const where = `${hostname} is ${isIP(hostname) === 0 ? `at ${addresses[0]?.address}` : 'an address'}`;
  return {
    type: 'refused',
    reason: reaches.includes('private')
      ? `${where}, in a private network: set allowPrivate to true if that is intended`
      : `${where}, where no receiver can be: use another host`,
  };
}

/** @returns the error's code if there is no address */
async function resolveHost(
  hostname: string,
  resolve: ResolveHost,
): Promise<readonly LookupAddress[] | string> {
  const family = isIP(hostname);
  if (family !== 0) return [{ address: hostname, family }];
  try {
    const addresses = await resolve(hostname);
    return addresses.length === 0 ? 'no address' : addresses;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'no answer';
  }
}

const lookupOf =
  (addresses: readonly LookupAddress[]): LookupFunction =>
  (_hostname, { all }, callback) => {
    if (all) callback(null, [...addresses]);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  };

import { HUBS_KEY, LEASE_EPOCH_KEY, LEASE_PATTERN, leaseKey } from '@booner/protocol/redis-names';
import { SHARDS } from '@booner/protocol/shard';
import type { Lease } from '../../lease-ports.ts';
import { luaConstants } from '../connection/lua-constants.ts';
import { luaText } from '../connection/lua-text.ts';
import { defineScript, type Script } from '../connection/run-script.ts';
import { LEASE_TTL_MS } from './held-leases.ts';

/** More hubs than shards have nothing to hold. The bound is for hubs that restart in a loop. */
const MAX_HUBS = 1000;

const CONSTANTS: Readonly<Record<string, string | number>> = {
  LEASE: LEASE_PATTERN.slice(0, -1),
  EPOCH: LEASE_EPOCH_KEY,
  HUBS: HUBS_KEY,
  SHARDS,
  TTL_MS: LEASE_TTL_MS,
  MAX_HUBS,
};

const constants = luaConstants(CONSTANTS);

/**
 * Defines a script whose effect only the holder of a shard may have: it can call `holds_lease`.
 * {@link leaseArguments} are what it needs for that.
 */
export const defineLeaseScript = (parts: readonly string[], flags?: string): Script =>
  defineScript([luaText('leases/scripts/holds-lease'), ...parts], flags);

/** Returns the key of a lease and the arguments by which `holds_lease` compares it. */
export const leaseArguments = ({ shard, hub, epoch }: Lease): [key: string, hub: string, epoch: string] => [
  leaseKey(shard),
  hub,
  `${epoch}`,
];

/** Leases take a few kilobytes, and are needed to report that Redis is full. */
const leaseScript = (name: string) =>
  defineLeaseScript([...constants, luaText(`leases/scripts/${name}`)], 'allow-oom');

export const CONFIRM_LEASE = leaseScript('confirm-lease');
export const RELEASE_LEASES = leaseScript('release-leases');
export const RENEW_LEASES = leaseScript('renew-leases');

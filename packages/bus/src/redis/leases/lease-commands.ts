import { HUBS_KEY } from '@booner/protocol/redis-names';
import type { Shard } from '@booner/protocol/shard';
import type { Redis } from 'ioredis';
import type { Lease } from '../../lease-ports.ts';
import { runScript } from '../connection/run-script.ts';
import type { Renewal } from './held-leases.ts';
import { CONFIRM_LEASE, leaseArguments, RELEASE_LEASES, RENEW_LEASES } from './lease-scripts.ts';

type RenewReply = [fairShare: number, renewed: string[], granted: string[]];

const shardFrom = (text: string | undefined) => Number(text) as Shard;

/** Renews the leases of a hub, and asks for its share of free shards. Rejects with BusError. */
export async function renewLeases(redis: Redis, hub: string, held: readonly Lease[]): Promise<Renewal> {
  const args = held.flatMap(({ shard, epoch }) => [shard, epoch]);
  const reply = await runScript(redis, RENEW_LEASES, [HUBS_KEY], [hub, ...args]);
  const [fairShare, renewed, flat] = reply as RenewReply;
  const granted: Lease[] = [];
  for (let index = 0; index < flat.length; index += 2) {
    granted.push({ shard: shardFrom(flat[index]), hub, epoch: Number(flat[index + 1]) });
  }
  return { fairShare, renewed: new Set(renewed.map(shardFrom)), granted };
}

/** Releases shards of a hub; without `shards`, all, and the hub itself. Rejects with BusError. */
export async function releaseLeases(redis: Redis, hub: string, shards?: readonly Shard[]): Promise<void> {
  if (shards?.length === 0) return;
  await runScript(redis, RELEASE_LEASES, [HUBS_KEY], [hub, ...(shards ?? [])]);
}

/** Returns true if a lease is in force. Rejects with BusError. */
export async function confirmLease(redis: Redis, lease: Lease): Promise<boolean> {
  const [key, ...args] = leaseArguments(lease);
  return (await runScript(redis, CONFIRM_LEASE, [key], args)) === 1;
}

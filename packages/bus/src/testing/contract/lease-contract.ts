import { setTimeout as sleep } from 'node:timers/promises';
import { type HostId, newInstanceId } from '@booner/protocol';
import { ALL_SHARDS, SHARDS, shardOf } from '@booner/protocol/shard';
import { eventually } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import type { Lease, LeaseBus, LeaseListener } from '../../lease-ports.ts';
import { describeConnection, untilConnected } from './connection-contract.ts';

/** A bus of one implementation, without hubs at first. */
export type LeaseBusUnderTest = AsyncDisposable & {
  startLeases(hub: string): Promise<LeaseBus>;
};

const until = <T>(what: string, condition: () => T) => eventually(condition, { what });

/** Records what a listener is told, and what it would hold by that. */
function recordLeases() {
  const held = new Map<number, Lease>();
  const ends: { readonly shards: readonly number[]; readonly reason: string }[] = [];
  const listener: LeaseListener = {
    onGained: (leases) => {
      for (const lease of leases) {
        expect(held.has(lease.shard)).toBe(false);
        held.set(lease.shard, lease);
      }
    },
    onEnded: (leases, reason) => {
      for (const { shard } of leases) expect(held.delete(shard)).toBe(true);
      ends.push({ shards: leases.map(({ shard }) => shard), reason });
    },
  };
  return { held, ends, listener };
}

const byShard = (leases: Iterable<Lease>) => [...leases].sort((a, b) => a.shard - b.shard);

/** Describes the behaviour of every implementation of `LeaseBus`. */
export function describeLeaseContract(startBus: () => Promise<LeaseBusUnderTest>): void {
  const start = async () => {
    const resources = new AsyncDisposableStack();
    const bus = resources.use(await startBus());
    const startHub = async (hub = newInstanceId()) => {
      const leases = resources.use(await bus.startLeases(hub));
      await untilConnected(leases);
      return leases;
    };
    return { startHub, [Symbol.asyncDispose]: () => resources.disposeAsync() };
  };

  describe('the connection', () =>
    describeConnection(async () => {
      const bus = await startBus();
      return { bus, side: await bus.startLeases(newInstanceId()) };
    }));

  it('grants every shard to a single hub, each with an epoch of its own', async () => {
    await using scene = await start();
    const hub = await scene.startHub('hub-1');
    await until('all shards', () => hub.held().length === SHARDS);
    expect(byShard(hub.held()).map(({ shard }) => shard)).toEqual(ALL_SHARDS);
    expect(new Set(hub.held().map(({ epoch }) => epoch)).size).toBe(SHARDS);
    const shard = shardOf('10.0.0.2' as HostId);
    expect(hub.leaseOf(shard)).toEqual({ shard, hub: 'hub-1', epoch: expect.any(Number) });
  });

  it('confirms a lease that is in force, and no other', async () => {
    await using scene = await start();
    const hub = await scene.startHub();
    const lease = await until('a lease', () => hub.held()[0]);
    expect(await hub.confirm(lease)).toBe(true);
    expect(await hub.confirm({ ...lease, epoch: lease.epoch - 1 })).toBe(false);
    expect(await hub.confirm({ ...lease, hub: 'another' })).toBe(false);
  });

  it('reports what is held at once, and then each change', async () => {
    await using scene = await start();
    const hub = await scene.startHub();
    await until('all shards', () => hub.held().length === SHARDS);
    const [followed, left] = [recordLeases(), recordLeases()];
    hub.follow(followed.listener);
    hub.follow(left.listener)();
    expect(byShard(followed.held.values())).toEqual(byShard(hub.held()));
    await hub[Symbol.asyncDispose]();
    expect(followed.held.size).toBe(0);
    expect(followed.ends).toEqual([{ shards: expect.any(Array), reason: 'released' }]);
    expect(left.ends).toEqual([]);
  });

  it('holds nothing after the disposal', async () => {
    await using scene = await start();
    const hub = await scene.startHub();
    const lease = await until('a lease', () => hub.held()[0]);
    await hub[Symbol.asyncDispose]();
    expect([hub.held(), hub.leaseOf(lease.shard)]).toEqual([[], null]);
    await expect(hub.confirm(lease)).rejects.toMatchObject({ code: 'disconnected' });
  });

  it('gives each shard to one of several hubs, and those of one that stops to the others', async () => {
    await using scene = await start();
    const hubs = [await scene.startHub('hub-1'), await scene.startHub('hub-2')] as const;
    const second = recordLeases();
    hubs[1].follow(second.listener);
    const holders = () => hubs.flatMap((hub) => hub.held());
    await until('one holder for each shard', () => holders().length === SHARDS);
    expect(new Set(holders().map(({ shard }) => shard)).size).toBe(SHARDS);
    const released = hubs[0].held();
    expect(released.length).toBeGreaterThan(0);

    let hasFinished = false;
    hubs[0].follow({
      onGained: () => {},
      onEnded: async () => {
        await sleep(50);
        hasFinished = second.held.size < SHARDS;
      },
    });
    await hubs[0][Symbol.asyncDispose]();
    expect(hasFinished).toBe(true);
    await until('the second hub to hold all', () => hubs[1].held().length === SHARDS);
    expect(byShard(second.held.values())).toEqual(byShard(hubs[1].held()));
    for (const old of released) {
      expect(hubs[1].leaseOf(old.shard)?.epoch).toBeGreaterThan(old.epoch);
      expect(await hubs[1].confirm(old)).toBe(false);
    }
  });
}

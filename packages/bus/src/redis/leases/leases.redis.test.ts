import { HUBS_KEY, LEASE_EPOCH_KEY, leaseKey } from '@booner/protocol/redis-names';
import { ALL_SHARDS, SHARDS } from '@booner/protocol/shard';
import { startRedis } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import type { LeaseBus } from '../../lease-ports.ts';
import { untilConnected } from '../../testing/contract/connection-contract.ts';
import { describeLeaseContract } from '../../testing/contract/lease-contract.ts';
import { connectOperator, until } from '../../testing/test-bus.ts';
import { aclOf, waysTo } from '../../testing/test-users.ts';
import { startRedisLeases } from './leases.ts';

describe('leases on Redis, with no more rights than hubs need', () => {
  describeLeaseContract(async () => {
    const server = await startRedis({ acl: aclOf([]) });
    const redis = waysTo(server.url).hub;
    return {
      startLeases: (hub) => startRedisLeases({ redis, hub, renewIntervalMs: 100 }),
      [Symbol.asyncDispose]: server[Symbol.asyncDispose],
    };
  });
});

const LEASE_KEYS = ALL_SHARDS.map((shard) => leaseKey(shard));

async function startScene(count: number) {
  await using resources = new AsyncDisposableStack();
  const server = resources.use(await startRedis());
  const { redis } = resources.use(connectOperator(server.url));
  const hubs: LeaseBus[] = [];
  for (let index = 0; index < count; index += 1) {
    const options = { redis: { url: server.url }, hub: `hub-${index}`, renewIntervalMs: 100 };
    hubs.push(resources.use(await startRedisLeases(options)));
  }
  await untilConnected(...hubs);
  const counts = () => hubs.map((hub) => hub.held().length);
  const owned = resources.move();
  return { server, redis, hubs, counts, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

describe.concurrent('leases on Redis', () => {
  it('are spread evenly, and can be read by operators', async () => {
    await using scene = await startScene(3);
    await until('an even spread', () => `${scene.counts()}` === '22,21,21');
    expect((await scene.redis.zrange(HUBS_KEY, '0', '-1')).sort()).toEqual(['hub-0', 'hub-1', 'hub-2']);
    for (const { shard, hub, epoch } of scene.hubs.flatMap((each) => each.held())) {
      expect(await scene.redis.hgetall(leaseKey(shard))).toEqual({ hub, epoch: `${epoch}` });
    }
    for (const key of [HUBS_KEY, ...LEASE_KEYS]) {
      expect(await scene.redis.pttl(key)).toBeGreaterThan(0);
    }
  });

  it('get new epochs after they expired, and after a Redis that lost its data', async () => {
    await using scene = await startScene(1);
    const [hub] = scene.hubs;
    const epochs = () => hub?.held().map(({ epoch }) => epoch) ?? [];
    await until('all shards', () => epochs().length === SHARDS);
    const first = Math.max(...epochs());
    await scene.redis.del(...LEASE_KEYS);
    await until('new leases', () => epochs().length === SHARDS && Math.min(...epochs()) > first);
    const second = Math.max(...epochs());
    expect(await scene.redis.get(LEASE_EPOCH_KEY)).toBe(`${second}`);
    await scene.redis.flushall();
    await until('new leases', () => epochs().length === SHARDS && Math.min(...epochs()) > second);
  });

  it('are lost while Redis does not answer, by the clock of the hub alone', async () => {
    await using scene = await startScene(1);
    const [hub] = scene.hubs;
    const ends: string[] = [];
    hub?.follow({ onGained: () => {}, onEnded: (_, reason) => void ends.push(reason) });
    await until('all shards', () => hub?.held().length === SHARDS);
    scene.server.freeze();
    await until('the end of all leases', () => ends.length > 0);
    expect([hub?.held(), ends]).toEqual([[], ['lost']]);
    scene.server.thaw();
    await until('all shards again', () => hub?.held().length === SHARDS);
  });
});

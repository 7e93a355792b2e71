import { OPEN_ROLLOUTS_KEY, rolloutKey } from '@booner/protocol/redis-names';
import { startRedis } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import type { Rejection } from '../../ports.ts';
import { untilConnected } from '../../testing/contract/connection-contract.ts';
import { describeRolloutContract } from '../../testing/contract/rollout-contract.ts';
import { makeRollout } from '../../testing/contract/rollout-factory.ts';
import { connectOperator } from '../../testing/test-bus.ts';
import { aclOf, waysTo } from '../../testing/test-users.ts';
import { shareCommands } from '../connection/share-commands.ts';
import { startRedisLeases } from '../leases/leases.ts';
import { startRedisTasks } from '../tasks/tasks.ts';
import { startRedisRollouts } from './rollouts.ts';

describe('rollouts on Redis, with no more rights than hubs need', () => {
  describeRolloutContract(async () => {
    const server = await startRedis({ acl: aclOf([]) });
    const redis = waysTo(server.url).hub;
    return {
      startRollouts: async () => startRedisRollouts({ commands: shareCommands(redis, 'test') }),
      startLeases: (hub) => startRedisLeases({ redis, hub, renewIntervalMs: 100 }),
      startTasks: () => startRedisTasks({ redis, hub: 'hub-1' }),
      [Symbol.asyncDispose]: server[Symbol.asyncDispose],
    };
  });
});

describe('rollouts on Redis', () => {
  it('can be read by operators, and reports what no hub wrote', async () => {
    await using resources = new AsyncDisposableStack();
    const server = resources.use(await startRedis());
    const { redis } = resources.use(connectOperator(server.url));
    const rejections: Rejection[] = [];
    const onRejected = (rejection: Rejection) => void rejections.push(rejection);
    const hub = resources.use(
      await startRedisRollouts({ commands: shareCommands({ url: server.url }, 'test'), onRejected }),
    );
    await untilConnected(hub);
    const rollout = makeRollout({ hosts: 2 });
    await hub.create(rollout);

    const { hosts, ...head } = rollout;
    const key = rolloutKey(rollout.id);
    const stored = await redis.hgetall(key);
    expect(JSON.parse(stored.rollout ?? '')).toEqual(head);
    expect(JSON.parse(stored['host:10.0.1.1'] ?? '')).toEqual(hosts[1]);
    expect(await redis.zrange(OPEN_ROLLOUTS_KEY, '0', '-1', 'WITHSCORES')).toEqual([rollout.id, '1']);

    await redis.hset(key, 'host:10.0.1.1', '{"host":"10.0.1.1"}');
    expect(await hub.read(rollout.id)).toBeNull();
    await redis.hset(key, 'rollout', 'x');
    expect((await hub.list({ limit: 10 })).rollouts).toEqual([]);
    expect(rejections.map(({ reason }) => reason)).toEqual(['wrong_shape', 'not_json']);

    await redis.set(OPEN_ROLLOUTS_KEY, 'x');
    await expect(hub.create(makeRollout())).rejects.toMatchObject({ code: 'refused', reply: 'WRONGTYPE' });
  });
});

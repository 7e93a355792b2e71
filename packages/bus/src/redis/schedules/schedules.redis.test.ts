import { SCHEDULES_KEY, SCHEDULES_VERSION_KEY } from '@booner/protocol/redis-names';
import { startRedis } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import type { Rejection } from '../../ports.ts';
import { untilConnected } from '../../testing/contract/connection-contract.ts';
import { describeScheduleContract } from '../../testing/contract/schedule-contract.ts';
import { connectOperator } from '../../testing/test-bus.ts';
import { aclOf, waysTo } from '../../testing/test-users.ts';
import { shareCommands } from '../connection/share-commands.ts';
import { startRedisLeases } from '../leases/leases.ts';
import { startRedisSchedules } from './schedules.ts';

describe('schedules on Redis, with no more rights than hubs need', () => {
  describeScheduleContract(async () => {
    const server = await startRedis({ acl: aclOf([]) });
    const redis = waysTo(server.url).hub;
    return {
      start: async () => startRedisSchedules({ commands: shareCommands(redis, 'test') }),
      startLeases: (hub) => startRedisLeases({ redis, hub, renewIntervalMs: 100 }),
      [Symbol.asyncDispose]: server[Symbol.asyncDispose],
    };
  });
});

describe('schedules on Redis', () => {
  it('leave out and report what no hub wrote, and change nothing while a key holds another type', async () => {
    await using resources = new AsyncDisposableStack();
    const server = resources.use(await startRedis());
    const { redis } = resources.use(connectOperator(server.url));
    const rejections: Rejection[] = [];
    const onRejected = (rejection: Rejection) => void rejections.push(rejection);
    const hub = resources.use(
      await startRedisSchedules({ commands: shareCommands({ url: server.url }, 'test'), onRejected }),
    );
    await untilConnected(hub);
    await redis.hset(SCHEDULES_KEY, 'a', 'x', 'b', '{"name":"b"}');
    expect((await hub.readAll()).size).toBe(0);
    expect(rejections.map(({ reason }) => reason)).toEqual(['not_json', 'wrong_shape']);
    await redis.hset(SCHEDULES_VERSION_KEY, 'x', '1');
    await expect(hub.change(null, 'a', 'x', null)).rejects.toMatchObject({ reply: 'WRONGTYPE' });
    expect(await redis.hlen(SCHEDULES_KEY)).toBe(2);
  });
});

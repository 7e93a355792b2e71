import { parseRolloutId, type RolloutId } from '@booner/protocol';
import { HOOKS_KEY, hookDeliveriesKey, hookStartedKey } from '@booner/protocol/redis-names';
import { startRedis } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import type { Rejection } from '../../ports.ts';
import { untilConnected } from '../../testing/contract/connection-contract.ts';
import { describeHookContract } from '../../testing/contract/hook-contract.ts';
import { connectOperator } from '../../testing/test-bus.ts';
import { aclOf, waysTo } from '../../testing/test-users.ts';
import { shareCommands } from '../connection/share-commands.ts';
import { startRedisLeases } from '../leases/leases.ts';
import { startRedisHooks } from './hooks.ts';

describe('hooks on Redis, with no more rights than hubs need', () => {
  describeHookContract(async () => {
    const server = await startRedis({ acl: aclOf([]) });
    const redis = waysTo(server.url).hub;
    return {
      start: async () => startRedisHooks({ commands: shareCommands(redis, 'test') }),
      startLeases: (hub) => startRedisLeases({ redis, hub, renewIntervalMs: 100 }),
      [Symbol.asyncDispose]: server[Symbol.asyncDispose],
    };
  });
});

it('leaves out and reports what no hub wrote, and lets nothing stay for ever but hooks', async () => {
  await using resources = new AsyncDisposableStack();
  const server = resources.use(await startRedis());
  const { redis } = resources.use(connectOperator(server.url));
  const rejections: Rejection[] = [];
  const onRejected = (rejection: Rejection) => void rejections.push(rejection);
  const hub = resources.use(
    await startRedisHooks({ commands: shareCommands({ url: server.url }, 'test'), onRejected }),
  );
  await untilConnected(hub);
  await redis.hset(HOOKS_KEY, 'a', 'x');
  await redis.lpush(hookDeliveriesKey('a'), '{}');
  const id = parseRolloutId('a'.repeat(21)) as RolloutId;
  const delivery = { atMs: 1, id: 'x', outcome: 'started', detail: null, rolloutId: id } as const;
  await hub.noteDelivery('a', delivery);
  expect((await hub.readAll()).size).toBe(0);
  expect(await hub.readDeliveries(['a'], 5)).toEqual([[delivery]]);
  expect(rejections.map(({ reason }) => reason)).toEqual(['not_json', 'wrong_shape']);
  for (const key of [hookDeliveriesKey('a'), hookStartedKey(id)])
    expect(await redis.pttl(key)).toBeGreaterThan(24 * 3_600_000);
});

import {
  HUBS_GROUP,
  OUTBOX_DEAD_KEY,
  OUTBOX_HELD_KEY,
  OUTBOX_KEY,
  OUTBOX_LATER_KEY,
  outboxHeldKey,
} from '@booner/protocol/redis-names';
import { startRedis, startTcpProxy } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import type { OutboxEntry } from '../../outbox-ports.ts';
import type { Rejection } from '../../ports.ts';
import { makeEntries, makeNotification } from '../../testing/contract/alert-factory.ts';
import { untilConnected } from '../../testing/contract/connection-contract.ts';
import { describeOutboxContract } from '../../testing/contract/outbox-contract.ts';
import { connectOperator, until } from '../../testing/test-bus.ts';
import { aclOf, waysTo } from '../../testing/test-users.ts';
import { shareCommands } from '../connection/share-commands.ts';
import { fieldsOf } from '../connection/stream-fields.ts';
import { startRedisOutbox } from './outbox.ts';

describe('the outbox on Redis, with no more rights than hubs need', () => {
  describeOutboxContract(async () => {
    const server = await startRedis({ acl: aclOf([]) });
    const redis = waysTo(server.url).hub;
    return {
      startOutbox: (hub) => startRedisOutbox({ redis, commands: shareCommands(redis, 'test'), hub }),
      [Symbol.asyncDispose]: server[Symbol.asyncDispose],
    };
  });
});

async function startScene() {
  await using resources = new AsyncDisposableStack();
  const server = resources.use(await startRedis());
  const { redis } = resources.use(connectOperator(server.url));
  const rejections: Rejection[] = [];
  const startHub = async (hub: string, url = server.url) => {
    const onRejected = (rejection: Rejection) => void rejections.push(rejection);
    const started = owned.use(
      await startRedisOutbox({ redis: { url }, commands: shareCommands({ url }, 'test'), hub, onRejected }),
    );
    await untilConnected(started);
    return started;
  };
  const owned = resources.move();
  const hub = await startHub('hub-1');
  const settings = { url: server.url };
  return {
    server,
    settings,
    redis,
    rejections,
    hub,
    startHub,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe.concurrent('the outbox on Redis', () => {
  it('can be read by operators', async () => {
    await using scene = await startScene();
    const { hub, redis } = scene;
    await hub.put(makeEntries(4));
    const [first, second, third] = (await hub.take(3)) as OutboxEntry[];
    await hub.postpone(first as OutboxEntry, { delayMs: 60_000, answer: 'HTTP 503' });
    await hub.bury(second as OutboxEntry, 'HTTP 404');
    await hub.hold(third as OutboxEntry);

    const [[, flat] = ['', []]] = await redis.xrange(OUTBOX_KEY, '-', '+');
    const { notification, ...fields } = Object.fromEntries(fieldsOf(flat));
    expect(fields).toEqual({
      id: 'n-4:ops',
      channel: 'ops',
      attempts: '0',
      firstAtMs: `${first?.firstAtMs}`,
    });
    expect(JSON.parse(notification ?? '')).toEqual(makeNotification({ id: 'n-4' }));
    const { cursor: _, ...item } = first as OutboxEntry;
    expect(JSON.parse((await redis.zrange(OUTBOX_LATER_KEY, '0', '-1'))[0] ?? '')).toEqual({
      ...{ ...item, attempts: 1, answer: 'HTTP 503' },
    });
    expect(JSON.parse((await redis.hget(OUTBOX_DEAD_KEY, 'n-2:ops')) ?? '')).toMatchObject({
      ...{ buriedAtMs: expect.any(Number), id: 'n-2:ops', answer: 'HTTP 404', attempts: 1 },
    });
    expect(JSON.parse((await redis.lindex(outboxHeldKey('ops'), 0)) ?? '')).toMatchObject({ id: 'n-3:ops' });
    expect(await redis.hgetall(OUTBOX_HELD_KEY)).toEqual({ ops: '0' });
  });

  it('gives a hub again what it took and did not take off, after a reconnection', async () => {
    await using scene = await startScene();
    await using proxy = await startTcpProxy({ targetPort: scene.server.port });
    const hub = await scene.startHub('hub-2', `redis://127.0.0.1:${proxy.port}`);
    await hub.put(makeEntries(3));
    const taken = await hub.take(2);
    await hub.finish(taken[0] as OutboxEntry);
    proxy.cut();
    await until('the loss', () => hub.connection().state !== 'connected');
    await untilConnected(hub);
    expect(await hub.take(10)).toEqual([taken[1]]);
    expect(await hub.take(10)).toMatchObject([{ id: 'n-3:ops' }]);
    expect(await scene.hub.takeOver(0, 10)).toHaveLength(2);
  });

  it.each([
    ['everything', 'FLUSHALL'],
    ['the group of hubs', 'XGROUP', 'DESTROY', OUTBOX_KEY, HUBS_GROUP],
    ['the stream', 'DEL', OUTBOX_KEY],
    ['the scripts', 'SCRIPT', 'FLUSH'],
  ] as const)('goes on when an operator removes %s while a hub waits', async (_, command, ...args) => {
    await using scene = await startScene();
    const waiting = scene.hub.take(10);
    await until('the hub to wait', async () => (await scene.redis.exists(OUTBOX_KEY)) === 1);
    await scene.redis.call(command, ...args);
    await scene.hub.put(makeEntries(1));
    expect(await waiting).toMatchObject([{ id: 'n-1:ops' }]);
    expect(await scene.hub.takeOver(0, 1)).toHaveLength(1);
  });

  it('drops and reports what no hub wrote', async () => {
    await using scene = await startScene();
    const { hub, redis, rejections } = scene;
    await redis.xadd(OUTBOX_KEY, '*', 'hello', 'world');
    await redis.zadd(OUTBOX_LATER_KEY, 1, '{"id":1}');
    await redis.hset(OUTBOX_DEAD_KEY, 'x', '[]');
    await hub.put(makeEntries(3));
    const [first, second] = (await hub.take(3)) as OutboxEntry[];
    expect(first?.id).toBe('n-1:ops');
    await hub.hold(first as OutboxEntry);
    await redis.rpush(outboxHeldKey('ops'), '{}');
    await hub.hold(second as OutboxEntry);
    expect((await hub.readHeld('ops')).items.map(({ id }) => id)).toEqual(['n-1:ops', 'n-2:ops']);
    expect(await redis.llen(outboxHeldKey('ops'))).toBe(2);
    expect(await hub.list(10)).toHaveLength(3);
    expect(await hub.wake(10)).toBe(0);
    expect(await redis.exists(OUTBOX_LATER_KEY)).toBe(0);
    expect(await hub.retry('x')).toBe(false);
    expect(rejections.map(({ reason }) => reason)).toEqual([
      'not_json',
      ...['wrong_shape', 'wrong_shape', 'wrong_shape', 'wrong_shape'],
    ]);
  });

  it('changes nothing while a key holds another type', async () => {
    await using scene = await startScene();
    const { hub, redis } = scene;
    await hub.put(makeEntries(1));
    const [entry] = (await hub.take(1)) as [OutboxEntry];
    await redis.set(OUTBOX_LATER_KEY, 'x');
    const refused = { code: 'refused', reply: 'WRONGTYPE' };
    await expect(hub.postpone(entry, { delayMs: 0, answer: '' })).rejects.toMatchObject(refused);
    expect(await redis.xlen(OUTBOX_KEY)).toBe(1);
  });

  it('forgets hubs that are gone', async () => {
    await using scene = await startScene();
    const { redis } = scene;
    await using hub = await startRedisOutbox({
      ...{ redis: scene.settings, commands: shareCommands(scene.settings, 'test') },
      ...{ hub: 'hub-1', forgetAfterMs: 0 },
    });
    await untilConnected(hub);
    await hub.put(makeEntries(2));
    await hub.take(1);
    await redis.xreadgroup('GROUP', HUBS_GROUP, 'gone', 'COUNT', 1, 'STREAMS', OUTBOX_KEY, '>');
    const consumers = async () =>
      ((await redis.xinfo('CONSUMERS', OUTBOX_KEY, HUBS_GROUP)) as string[][]).map(([, name]) => name);
    await hub.takeOver(60_000, 10);
    expect(await consumers()).toEqual(['gone', 'hub-1']);
    await hub.takeOver(0, 10);
    expect(await consumers()).toEqual(['hub-1']);
  });
});

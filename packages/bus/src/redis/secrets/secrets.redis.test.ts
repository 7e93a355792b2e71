import { SEALED_SECRETS_KEY, SECRETS_KEY } from '@booner/protocol/redis-names';
import { startRedis } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import type { Rejection } from '../../ports.ts';
import { untilConnected } from '../../testing/contract/connection-contract.ts';
import { HOST } from '../../testing/contract/sample-factory.ts';
import { describeSecretContract } from '../../testing/contract/secret-contract.ts';
import { connectOperator } from '../../testing/test-bus.ts';
import { aclOf, waysTo } from '../../testing/test-users.ts';
import { shareCommands } from '../connection/share-commands.ts';
import { startRedisSecrets } from './secrets.ts';

describe('secrets on Redis, with no more rights than hubs need', () => {
  describeSecretContract(async () => {
    const server = await startRedis({ acl: aclOf([]) });
    return {
      startSecrets: async () =>
        startRedisSecrets({ commands: shareCommands(waysTo(server.url).hub, 'test') }),
      [Symbol.asyncDispose]: server[Symbol.asyncDispose],
    };
  });
});

describe('secrets on Redis', () => {
  it('leave out and report what no hub wrote, and change nothing while a key holds another type', async () => {
    await using resources = new AsyncDisposableStack();
    const server = resources.use(await startRedis());
    const { redis } = resources.use(connectOperator(server.url));
    const rejections: Rejection[] = [];
    const onRejected = (rejection: Rejection) => void rejections.push(rejection);
    const hub = resources.use(
      await startRedisSecrets({ commands: shareCommands({ url: server.url }, 'test'), onRejected }),
    );
    await untilConnected(hub);
    const runnerKey = 'k'.repeat(43);
    const stored = JSON.stringify({ name: 'b', host: HOST, runnerKey, setAtMs: 1, setBy: null });
    await redis.hset(SECRETS_KEY, `a ${HOST}`, 'x', `b ${HOST}`, stored, `c ${HOST}`, stored);
    await redis.hset(SEALED_SECRETS_KEY, `b ${HOST}`, 'x');
    expect((await hub.list()).map(({ name }) => name)).toEqual(['b']);
    expect((await hub.read(HOST, ['b'])).size).toBe(0);
    expect(rejections.map(({ reason }) => reason).sort()).toEqual(['not_json', 'wrong_shape', 'wrong_shape']);
    await redis.set(SEALED_SECRETS_KEY, 'x');
    const secret = { host: HOST, runnerKey, sealed: 'a.b.c.d.e' };
    await expect(hub.put('d', [secret], { setAtMs: 1, setBy: null })).rejects.toMatchObject({
      reply: 'WRONGTYPE',
    });
    expect(await redis.hlen(SECRETS_KEY)).toBe(3);
  });
});

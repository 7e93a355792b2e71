import { startRedis } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import type { Rejection } from '../../ports.ts';
import { makeAuditEntry, makeCredential, makeHash } from '../../testing/contract/access-factory.ts';
import { untilConnected } from '../../testing/contract/connection-contract.ts';
import { HOST } from '../../testing/contract/sample-factory.ts';
import { connectOperator, until } from '../../testing/test-bus.ts';
import { shareCommands } from '../connection/share-commands.ts';
import { startRedisAccess } from './access.ts';

/** A hub on a Redis, and an operator beside it. */
async function startScene(options: Parameters<typeof startRedis>[0] = {}) {
  await using resources = new AsyncDisposableStack();
  const server = resources.use(await startRedis(options));
  const rejections: Rejection[] = [];
  const onRejected = (rejection: Rejection) => void rejections.push(rejection);
  const startHub = async () => {
    const hub = resources.use(
      await startRedisAccess({ commands: shareCommands({ url: server.url }, 'test'), onRejected }),
    );
    await untilConnected(hub);
    return hub;
  };
  const { redis } = resources.use(connectOperator(server.url));
  const hub = await startHub();
  const owned = resources.move();
  return { server, hub, startHub, redis, rejections, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const isDown = { name: 'BusError', code: 'disconnected' };

it('goes on after a crash of a Redis that keeps its data, and knows everybody meanwhile', async () => {
  await using scene = await startScene({ appendonly: true });
  await scene.redis.config('SET', 'appendfsync', 'always');
  const { hub, server } = scene;
  const [hash, token] = [makeHash(), makeCredential()];
  const ticket = makeHash();
  await hub.putCredential(hash, token);
  await hub.putTicket(ticket, { credentialId: token.id }, 60_000);
  await server.kill('SIGKILL');
  await until('the hub to notice', () => hub.connection().state === 'disconnected');
  expect(hub.credentials().get(hash)).toEqual(token);
  const changes = [
    hub.putCredential(makeHash(), makeCredential()),
    hub.removeCredentials([token.id]),
    hub.takeTicket(ticket),
    hub.appendAudit(makeAuditEntry()),
    hub.refresh(),
  ];
  for (const change of await Promise.allSettled(changes)) expect(change).toMatchObject({ reason: isDown });

  await server.restart();
  await untilConnected(hub);
  expect([...hub.credentials()]).toEqual([[hash, token]]);
  expect(await hub.takeTicket(ticket)).toEqual({ credentialId: token.id });
  expect(await hub.putFirstCredential(makeHash(), makeCredential())).toBe(false);
  expect(await hub.removeCredentials([token.id])).toEqual([token]);
});

it('has no credentials after a Redis restarted empty, says so, and accepts a first credential again', async () => {
  await using scene = await startScene();
  const { hub, server } = scene;
  const hash = makeHash();
  await hub.putCredential(hash, makeCredential());
  const sizes: number[] = [];
  hub.onChange(() => void sizes.push(hub.credentials().size));
  await server.kill('SIGKILL');
  await until('the hub to notice', () => hub.connection().state === 'disconnected');
  expect(hub.credentials().has(hash)).toBe(true);
  await server.restart();
  await untilConnected(hub);
  expect(sizes).toEqual([0]);
  expect(hub.loaded()).toBe(true);
  expect(hub.credentials().size).toBe(0);
  expect(await hub.putFirstCredential(hash, makeCredential())).toBe(true);
});

it('notices a revocation that it missed while it was disconnected', async () => {
  await using scene = await startScene({ appendonly: true });
  const [hash, token] = [makeHash(), makeCredential()];
  await scene.hub.putCredential(hash, token);
  const id = /id=(\d+)/.exec(
    String(await scene.redis.client('LIST'))
      .split('\n')
      .find((line) => line.includes(' name=test ')) ?? '',
  )?.[1];
  await scene.redis.client('KILL', 'ID', Number(id));
  await scene.redis.multi().hdel('booner:credentials', hash).incr('booner:credentials:version').exec();
  await until('the hub to forget it', () => scene.hub.credentials().size === 0, 5000);
});

describe.concurrent('a Redis that falls silent', () => {
  it('is noticed, ends the calls that wait for it, and is used again after', async () => {
    await using scene = await startScene();
    const { hub, server } = scene;
    const hash = makeHash();
    await hub.putCredential(hash, makeCredential());
    server.freeze();
    const asked = [
      hub.putCredential(makeHash(), makeCredential()),
      hub.takeTicket(makeHash()),
      hub.identities(),
    ];
    for (const outcome of await Promise.allSettled(asked)) {
      expect(outcome).toMatchObject({ reason: { name: 'BusError' } });
    }
    await until('the hub to notice', () => hub.connection().state === 'disconnected');
    expect(hub.credentials().has(hash)).toBe(true);
    server.thaw();
    await untilConnected(hub);
    expect(hub.credentials().has(hash)).toBe(true);
  });
});

it('leaves out what others put there and cannot be read, reports it once, and reads the rest', async () => {
  await using scene = await startScene();
  const { hub, redis, rejections } = scene;
  const [good, hash] = [makeHash(), makeHash()];
  await hub.putCredential(good, makeCredential());
  await redis.hset('booner:credentials', { [hash]: 'not json', 'no-hash': JSON.stringify(makeCredential()) });
  await redis.hset('booner:credentials', makeHash(), JSON.stringify({ ...makeCredential(), role: 'root' }));
  await redis.hset('booner:identities', { [HOST]: '{}', 'a b': '{}' });
  await redis.set(`booner:ticket:${hash}`, '{"credentialId":5}');
  await redis.xadd('booner:audit', '*', 'verb', 'task.create');
  await redis.incr('booner:credentials:version');
  await hub.refresh();
  expect([...hub.credentials().keys()]).toEqual([good]);
  expect(await hub.identities()).toEqual(new Map());
  expect(await hub.takeTicket(hash)).toBeNull();
  await hub.appendAudit(makeAuditEntry());
  expect((await hub.readAudit({ limit: 10 })).entries).toHaveLength(1);
  await redis.incr('booner:credentials:version');
  await hub.refresh();
  expect(rejections.map(({ reason, host }) => `${reason} ${host}`).sort()).toEqual([
    'bad_host null',
    'not_json null',
    `wrong_shape ${HOST}`,
    'wrong_shape null',
    'wrong_shape null',
    'wrong_shape null',
    'wrong_shape null',
  ]);
  await hub.putCredential(hash, makeCredential({ name: 'replaces what cannot be read' }));
  expect(hub.credentials().size).toBe(2);
});

it('is disconnected, with the reason, as long as it cannot learn of revocations', async () => {
  await using scene = await startScene();
  const { hub, redis } = scene;
  const hash = makeHash();
  await hub.putCredential(hash, makeCredential());
  await redis.rename('booner:credentials', 'elsewhere');
  await redis.set('booner:credentials', 'a string');
  await redis.incr('booner:credentials:version');
  await until('the hub to say so', () => {
    const connection = hub.connection();
    return connection.state === 'disconnected' && /^Redis answered: WRONGTYPE /.test(connection.reason);
  });
  expect(hub.credentials().has(hash)).toBe(true);
  await redis.rename('elsewhere', 'booner:credentials');
  await untilConnected(hub);
});

it('leaves readable values under the names that operators look for, and no secret', async () => {
  await using scene = await startScene();
  const { hub, redis } = scene;
  const [hash, token] = [makeHash(), makeCredential()];
  await hub.putCredential(hash, token);
  await hub.markUsed(new Map([[token.id, 1000]]));
  await hub.putTicket(hash, { credentialId: null }, 30_000);
  await hub.appendAudit(makeAuditEntry({ address: null, verb: 'token.revoke' }));
  expect(JSON.parse((await redis.hget('booner:credentials', hash)) ?? '')).toEqual(token);
  expect(await redis.hgetall('booner:credentials:used')).toEqual({ [token.id]: '1000' });
  expect(await redis.get('booner:credentials:version')).toBe('1');
  expect(await redis.get(`booner:ticket:${hash}`)).toBe('{"credentialId":null}');
  expect(await redis.pttl(`booner:ticket:${hash}`)).toBeGreaterThan(25_000);
  const [entry] = await redis.xrevrange('booner:audit', '+', '-');
  expect(entry?.[1]).toEqual(expect.arrayContaining(['verb', 'token.revoke', 'target', '10.0.0.2']));
  expect(entry?.[1]).not.toContain('address');
  expect((await redis.keys('*')).sort()).toEqual([
    'booner:audit',
    'booner:credentials',
    'booner:credentials:used',
    'booner:credentials:version',
    `booner:ticket:${hash}`,
  ]);
});

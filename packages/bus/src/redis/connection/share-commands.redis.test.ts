import { startRedis } from '@booner/testkit';
import { expect, it } from 'vitest';
import { BusError } from '../../bus-error.ts';
import { makeCredential, makeHash } from '../../testing/contract/access-factory.ts';
import { untilConnected } from '../../testing/contract/connection-contract.ts';
import { connectOperator, until } from '../../testing/test-bus.ts';
import { startRedisAccess } from '../access/access.ts';
import { startRedisRollouts } from '../rollouts/rollouts.ts';
import { startRedisSecrets } from '../secrets/secrets.ts';
import { shareCommands } from './share-commands.ts';

/** Three buses over one connection. */
async function startScene() {
  await using resources = new AsyncDisposableStack();
  const server = resources.use(await startRedis());
  const { redis } = resources.use(connectOperator(server.url));
  const commands = shareCommands({ url: server.url }, 'shared');
  const access = resources.use(startRedisAccess({ commands }));
  const rollouts = resources.use(startRedisRollouts({ commands }));
  const secrets = resources.use(startRedisSecrets({ commands }));
  await untilConnected(access, rollouts, secrets);
  const connections = async () => {
    const clients = String(await redis.client('LIST'));
    return [...clients.matchAll(/id=(\d+) .* name=shared /g)].map(([, id]) => id);
  };
  const owned = resources.move();
  return {
    ...{ commands, redis, access, rollouts, secrets, connections },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

it('is one connection, open for as long as a bus uses it', async () => {
  await using scene = await startScene();
  const { access, rollouts, secrets, connections } = scene;
  expect(await connections()).toHaveLength(1);
  await access[Symbol.asyncDispose]();
  expect(await rollouts.list({ limit: 1 })).toEqual({ rollouts: [], next: null });
  await rollouts[Symbol.asyncDispose]();
  expect(await secrets.list()).toEqual([]);
  await secrets[Symbol.asyncDispose]();
  await until('the connection to close', async () => (await connections()).length === 0);
});

it('is made again, once for all, when it is lost', async () => {
  await using scene = await startScene();
  const { access, rollouts, secrets, connections, redis } = scene;
  const before = await connections();
  await redis.client('KILL', 'ID', String(before[0]));
  await until('all to notice', async () => (await connections())[0] !== before[0]);
  await untilConnected(access, rollouts, secrets);
  expect(await connections()).toHaveLength(1);
});

it('stays with the others when Redis refuses one of them', async () => {
  await using scene = await startScene();
  const { access, rollouts, connections, redis } = scene;
  const before = await connections();
  await rollouts[Symbol.asyncDispose]();
  await redis.call('ACL', 'SETUSER', 'default', 'resetkeys', '~booner:credentials*', '~booner:secret*');
  await using refused = startRedisRollouts({ commands: scene.commands });
  await until('the refusal', () => refused.connection().state === 'disconnected');
  expect(refused.connection()).toMatchObject({ reason: expect.stringContaining('permissions') });
  expect(access.connection().state).toBe('connected');
  expect(await connections()).toEqual(before);
});

it('is left by all when Redis becomes a replica', async () => {
  await using scene = await startScene();
  await using master = await startRedis();
  const { access, rollouts, redis } = scene;
  await redis.call('REPLICAOF', '127.0.0.1', String(master.port));
  await expect(access.putCredential(makeHash(), makeCredential())).rejects.toBeInstanceOf(BusError);
  expect(rollouts.connection().state).toBe('disconnected');
});

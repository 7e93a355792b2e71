import { startRedis } from '@booner/testkit';
import { expect, it } from 'vitest';
import { makeSample } from '../../testing/contract/sample-factory.ts';
import { connectOperator, startConnectedBus, startRecordedFleet, until } from '../../testing/test-bus.ts';

async function startSentinel(masterPort: number) {
  return startRedis({
    sentinel: [
      `sentinel monitor fleet 127.0.0.1 ${masterPort} 1`,
      'sentinel down-after-milliseconds fleet 1000',
      'sentinel failover-timeout fleet 5000',
    ],
  });
}

it('finds the master through Sentinel, and follows a failover', async () => {
  await using master = await startRedis();
  await using replica = await startRedis({ args: ['--replicaof', '127.0.0.1', `${master.port}`] });
  await using sentinel = await startSentinel(master.port);
  using operator = connectOperator(replica.url);
  await until('the replica to be in step', async () =>
    String(await operator.redis.info('replication')).includes('master_link_status:up'),
  );
  await until(
    'the Sentinel to know the replica',
    async () => {
      using asking = connectOperator(sentinel.url);
      return ((await asking.redis.call('SENTINEL', 'REPLICAS', 'fleet')) as unknown[]).length === 1;
    },
    20_000,
  );

  const url = `redis+sentinel://127.0.0.1:1,127.0.0.1:${sentinel.port}/fleet`; // the first Sentinel is dead
  await using bus = await startConnectedBus({ url });
  await bus.publisher.publish(makeSample({ sequence: 1 }));
  await until('the first sample', () => bus.received.samples.length === 1);

  await master.kill('SIGKILL');
  await until(
    'both sides to be connected to the new master',
    () =>
      [bus.publisher, bus.fleet].every((side) => side.connection().state === 'connected') &&
      bus.received.catchUps.length >= 2,
    30_000,
  );
  await until(
    'the new master to be written to',
    async () =>
      (await bus.publisher.publish(makeSample({ sequence: 2 }))) === 'published' && bus.refusals.length === 0,
  );
  await until('the second sample', () => bus.received.samples.at(-1)?.sequence === 2);
  expect(String(await operator.redis.info('replication'))).toContain('role:master');
});

it('leaves a master that was demoted to a replica', async () => {
  await using master = await startRedis();
  await using successor = await startRedis();
  await using bus = await startConnectedBus({ url: master.url });
  using operator = connectOperator(master.url);
  await operator.redis.replicaof('127.0.0.1', successor.port);
  await bus.publisher.publish(makeSample());
  expect(bus.publisher.connection()).toMatchObject({
    state: 'disconnected',
    reason: expect.stringContaining('READONLY'),
  });
  const registration = {
    label: null,
    labels: {},
    firstSeenAtMs: 1,
    lastSeenAtMs: 2,
    status: 'active',
  } as const;
  const registering = bus.fleet.register(new Map([[makeSample().host, registration]]));
  await expect(registering).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('READONLY'),
  });
  expect(bus.fleet.connection().state).toBe('disconnected');
});

it('says that no Sentinel can be reached, and stops while it searches', async () => {
  await using hub = await startRecordedFleet({ url: 'redis+sentinel://127.0.0.1:1,127.0.0.1:2/fleet' });
  await until('the failure', () => hub.received.connections.length > 0);
  expect(hub.received.connections[0]).toMatchObject({
    state: 'disconnected',
    reason: expect.stringContaining(
      'no Sentinel names the master "fleet": check that 127.0.0.1:1, 127.0.0.1:2 ',
    ),
  });
});

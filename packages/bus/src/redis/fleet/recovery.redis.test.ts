import { startRedis, startTcpProxy } from '@booner/testkit';
import { expect, it } from 'vitest';
import { untilConnected } from '../../testing/contract/connection-contract.ts';
import { HOST, makeInventory, makeSample } from '../../testing/contract/sample-factory.ts';
import { connectOperator, startConnectedBus, startRecordedFleet, until } from '../../testing/test-bus.ts';
import { startRedisPublisher } from './publisher.ts';

it('recovers after a crash of Redis that lost everything: described, subscribed, caught up, delivered', async () => {
  await using server = await startRedis();
  await using bus = await startConnectedBus({ url: server.url });
  bus.publisher.describe(makeInventory(), '0.1.0');
  await until('the inventory', async () => (await bus.fleet.readInventories([HOST])).size === 1);
  await server.kill('SIGKILL');
  await until('both sides to notice', () =>
    [bus.publisher, bus.fleet].every((side) => side.connection().state === 'disconnected'),
  );
  expect(bus.fleet.lastEchoAgeMs()).toBeNull();
  expect(await bus.publisher.publish(makeSample({ sequence: 1 }))).toBe('dropped');
  await expect(bus.fleet.register(new Map())).rejects.toMatchObject({ code: 'disconnected' });

  await server.restart();
  await untilConnected(bus.publisher, bus.fleet);
  expect(bus.received.catchUps).toHaveLength(2);
  await until(
    'the inventory, stored again',
    async () => (await bus.fleet.readInventories([HOST])).size === 1,
  );
  expect(await bus.publisher.publish(makeSample({ sequence: 2 }))).toBe('published');
  await until('the sample', () => bus.received.samples.length === 1);
  expect(bus.received.samples[0]?.sequence).toBe(2); // what was published meanwhile is not sent later
  expect(bus.received.connections.map(({ state }) => state)).toEqual([
    'connected',
    'disconnected',
    'connected',
  ]);
});

it('reports one outage, however many attempts fail', async () => {
  await using server = await startRedis();
  await server.stop();
  await using hub = await startRecordedFleet({ url: server.url });
  const reasons = new Set<string>();
  await until('the fact that nobody is there', () => {
    const connection = hub.fleet.connection();
    if (connection.state === 'disconnected') reasons.add(connection.reason);
    return reasons.size > 0;
  });
  expect([...reasons]).toEqual([
    `nothing is listening at 127.0.0.1:${server.port}: start Redis, or correct its address (ECONNREFUSED)`,
  ]);
  await using proxy = await startTcpProxy({ targetPort: server.port });
  await using other = await startRecordedFleet({ url: `redis://127.0.0.1:${proxy.port}` });
  await until('the other hub to fail', () => other.received.connections.length > 0);
  await server.restart();
  await until(
    'both hubs to connect',
    () => hub.received.catchUps.length + other.received.catchUps.length === 2,
  );
  expect(hub.received.connections.map(({ state }) => state)).toEqual(['disconnected', 'connected']);
  expect(other.received.connections.map(({ state }) => state)).toEqual(['disconnected', 'connected']);
});

it.each(['booner-hub-samples', 'booner-hub'])(
  'catches up on what was said while %s was killed',
  async (name) => {
    await using server = await startRedis();
    await using bus = await startConnectedBus({ url: server.url });
    using operator = connectOperator(server.url);
    const clients = String(await operator.redis.client('LIST')).split('\n');
    const id = /id=(\d+)/.exec(clients.find((line) => line.includes(` name=${name} `)) ?? '')?.[1];
    let sequence = 0;
    const publishNext = () => bus.publisher.publish(makeSample({ sequence: ++sequence }));
    await publishNext();
    await operator.redis.client('KILL', 'ID', Number(id));
    await publishNext();
    await until('the second catch-up', () => bus.received.catchUps.length === 2);
    expect(bus.received.catchUps[1]?.targets).toEqual([
      { host: HOST, sample: makeSample({ sequence: 2 }), inventory: null },
    ]);
    await publishNext();
    await until('the third sample', () => bus.received.samples.at(-1)?.sequence === 3);
  },
);

it('goes on after a reset in the middle of a stream of samples', async () => {
  await using server = await startRedis();
  await using proxy = await startTcpProxy({ targetPort: server.port });
  await using bus = await startConnectedBus({ url: `redis://127.0.0.1:${proxy.port}` });
  let sequence = 0;
  const publishNext = () => bus.publisher.publish(makeSample({ sequence: ++sequence }));
  for (let round = 0; round < 3; round += 1) {
    const publishing = Array.from({ length: 20 }, publishNext);
    proxy.cut();
    expect(await Promise.all(publishing)).toContain('dropped');
    await until('a sample to be published again', async () => (await publishNext()) === 'published');
    await until('that sample to arrive, live or by catching up', () => {
      const live = bus.received.samples.at(-1)?.sequence;
      return live === sequence || bus.received.catchUps.at(-1)?.targets[0]?.sample?.sequence === sequence;
    });
  }
});

it('owes a server that hangs no backlog: samples beyond a few are dropped at once', async () => {
  await using server = await startRedis();
  await using bus = await startConnectedBus({ url: server.url });
  server.freeze();
  const outcomes: string[] = [];
  const publishing = Array.from({ length: 20 }, (_, index) =>
    bus.publisher.publish(makeSample({ sequence: index + 1 })).then((outcome) => outcomes.push(outcome)),
  );
  await until('the surplus to be dropped', () => outcomes.length === 12, 1000);
  expect(new Set(outcomes)).toEqual(new Set(['dropped']));
  server.thaw();
  await Promise.all(publishing);
  expect(outcomes.filter((outcome) => outcome === 'published')).toHaveLength(8);
});

it('rejects what others put into Redis, by reason, and reads the rest', async () => {
  await using server = await startRedis();
  await using bus = await startConnectedBus({ url: server.url });
  using operator = connectOperator(server.url);
  const { redis } = operator;
  await bus.publisher.publish(makeSample());
  await redis.publish('booner:metrics:10.0.0.2', 'not json');
  await redis.publish('booner:metrics:10.0.0.2', Buffer.from([0x22, 0xff, 0xfe, 0x22]));
  await redis.publish('booner:metrics:10.0.0.2', '['.repeat(200_000));
  await redis.publish('booner:metrics:10.0.0.2', 'x'.repeat(1024 * 1024));
  await redis.publish('booner:metrics:*', '{}');
  await redis.publish('booner:metrics:10.0.0.2', '{"type":"greeting"}');
  await until('six rejections', () => bus.received.rejections.length === 6);
  expect(bus.received.rejections.map(({ reason, host }) => [reason, host])).toEqual([
    ['not_json', HOST],
    ['wrong_shape', HOST],
    ['not_json', HOST],
    ['oversized', HOST],
    ['bad_host', null],
    ['wrong_shape', HOST],
  ]);

  await redis.set('booner:target:10.0.0.9', 'a string');
  await redis.hset('booner:target:UPPER', 'sample', '{}');
  await redis.hset('booner:target:10.0.0.8', 'sample', 'no json', 'inventory', '{}');
  await redis.hset('booner:targets', { '10.0.0.7': '{"label":"by hand"}', '10.0.0.6': '7', 'a b': '{}' });
  await using late = await startRecordedFleet({ url: server.url });
  await until('the catch-up', () => late.received.catchUps.length === 1);
  const { targets, registrations } = late.received.catchUps[0]!;
  expect(targets.toSorted((a, b) => a.host.localeCompare(b.host))).toEqual([
    { host: HOST, sample: makeSample(), inventory: null },
    { host: '10.0.0.8', sample: null, inventory: null },
    { host: '10.0.0.9', sample: null, inventory: null },
  ]);
  const byHand = { label: 'by hand', labels: {}, firstSeenAtMs: null, lastSeenAtMs: null, status: 'pending' };
  expect(registrations).toEqual(new Map([['10.0.0.7', byHand]]));
  expect(late.received.rejections.map(({ reason, host }) => `${reason} ${host}`).sort()).toEqual([
    'bad_host null',
    'bad_host null',
    'not_json 10.0.0.8',
    'wrong_shape 10.0.0.6',
    'wrong_shape 10.0.0.8',
    'wrong_shape 10.0.0.9',
  ]);

  // Unreadable registrations are replaced.
  await late.fleet.register(new Map([['10.0.0.6' as typeof HOST, byHand as never]]));
  expect((await late.fleet.readRegistrations()).size).toBe(2);
  await redis.set('booner:targets', 'a string');
  expect((await late.fleet.readRegistrations()).size).toBe(0);
  await expect(late.fleet.register(registrations)).rejects.toMatchObject({ code: 'refused' });
  expect(late.fleet.connection().state).toBe('connected');
});

it('says which write Redis refuses, once, and still delivers live', async () => {
  await using server = await startRedis();
  await using bus = await startConnectedBus({ url: server.url });
  using operator = connectOperator(server.url);
  await operator.redis.config('SET', 'maxmemory', '1');
  for (let sequence = 1; sequence <= 3; sequence += 1) {
    expect(await bus.publisher.publish(makeSample({ sequence }))).toBe('published');
  }
  await until('the samples', () => bus.received.samples.length === 3);
  expect(bus.refusals).toEqual([expect.stringMatching(/^Redis has reached its memory limit .*\(OOM\)$/)]);
  await operator.redis.config('SET', 'maxmemory', '0');
  await bus.publisher.publish(makeSample({ sequence: 4 }));
  await operator.redis.config('SET', 'maxmemory', '1');
  await bus.publisher.publish(makeSample({ sequence: 5 }));
  expect(bus.refusals).toHaveLength(2);
});

it('leaves readable values under the names that operators look for', async () => {
  await using server = await startRedis();
  await using bus = await startConnectedBus({ url: server.url });
  using operator = connectOperator(server.url);
  bus.publisher.describe(makeInventory(), '1.2.3');
  await bus.publisher.publish(makeSample());
  const hash = await operator.redis.hgetall('booner:target:10.0.0.2');
  expect(Object.keys(hash).sort()).toEqual(['inventory', 'sample', 'version']);
  expect(hash.version).toBe('1.2.3');
  expect(JSON.parse(hash.sample ?? '')).toEqual(makeSample());
});

it('ends at once when it is stopped before it connected, and with its signal', async () => {
  await using server = await startRedis();
  await using proxy = await startTcpProxy({ targetPort: server.port });
  proxy.pause();
  const stopping = new AbortController();
  const redis = { url: `redis://127.0.0.1:${proxy.port}` };
  const publisher = await startRedisPublisher({ redis, host: HOST }, { signal: stopping.signal });
  await until('the connection to hang', () => proxy.connections() === 1);
  stopping.abort();
  await until('the end', () => publisher.connection().state === 'disconnected', 2000);
  await publisher[Symbol.asyncDispose]();
  const already = await startRedisPublisher({ redis, host: HOST }, { signal: AbortSignal.abort() });
  await until('the end', () => already.connection().state === 'disconnected', 2000);
});

it('reads no hash that is larger than any agent stores: removes it, and reports its host', async () => {
  await using server = await startRedis();
  using operator = connectOperator(server.url);
  const { redis } = operator;
  const value = 'x'.repeat(1_000_000);
  await redis.hset('booner:target:10.0.0.3', { sample: value, inventory: value, version: value });
  const fields = Array.from({ length: 17 }, (_, index) => [`field-${index}`, 'x']);
  await redis.hset('booner:target:10.0.0.4', Object.fromEntries(fields));
  await using hub = await startRecordedFleet({ url: server.url });
  await until('the catch-up', () => hub.received.catchUps.length === 1);
  expect(hub.received.catchUps[0]?.targets.toSorted((a, b) => a.host.localeCompare(b.host))).toEqual([
    { host: '10.0.0.3', sample: null, inventory: null },
    { host: '10.0.0.4', sample: null, inventory: null },
  ]);
  expect(hub.received.floods.map(({ reason }) => reason).sort()).toEqual([
    'it stored 17 fields in booner:target:10.0.0.4',
    expect.stringMatching(/^it stored 3\d{6} bytes in booner:target:10.0.0.3$/),
  ]);
  await until('both hashes to be gone', async () => (await redis.dbsize()) === 0);
});

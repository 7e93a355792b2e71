import { setTimeout } from 'node:timers/promises';
import { makeTlsFiles, startRedis } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { untilConnected } from '../../testing/contract/connection-contract.ts';
import { HOST, makeInventory, makeSample, OTHER_HOST } from '../../testing/contract/sample-factory.ts';
import { connectOperator, startConnectedBus, startRecordedFleet, until } from '../../testing/test-bus.ts';
import { aclOf, waysTo } from '../../testing/test-users.ts';
import { startRedisPublisher } from '../fleet/publisher.ts';

const ACL = `${aclOf([HOST, OTHER_HOST])}user default on >operator-secret ~* &* +@all\n`;

describe('access rights', () => {
  it('suffice for an agent and a hub', async () => {
    await using server = await startRedis({ acl: ACL });
    const as = waysTo(server.url);
    await using bus = await startConnectedBus(as.agent(HOST), as.hub);
    bus.publisher.describe(makeInventory(), '0.1.0');
    expect(await bus.publisher.publish(makeSample())).toBe('published');
    await until('the sample', () => bus.received.samples.length === 1);
    await until('the inventory', async () => (await bus.fleet.readInventories([HOST])).size === 1);
    const registration = {
      label: null,
      labels: {},
      firstSeenAtMs: 1,
      lastSeenAtMs: 2,
      status: 'active',
    } as const;
    await bus.fleet.register(new Map([[HOST, registration]]));
    expect(await bus.fleet.readRegistrations()).toEqual(new Map([[HOST, registration]]));
    await bus.publisher.bye('instance-1');
    await until('the goodbye', () => bus.received.byes.length === 1);
    expect(bus.refusals).toEqual([]);
  });

  it('keep an agent from the channel and the hash of another host', async () => {
    await using server = await startRedis({ acl: ACL });
    const refusals: string[] = [];
    await using bus = await startConnectedBus({ url: server.url, password: 'operator-secret' });
    await using thief = await startRedisPublisher({
      redis: waysTo(server.url).agent(OTHER_HOST),
      host: HOST,
      onRefused: (error) => void refusals.push(error.message),
    });
    await untilConnected(thief);
    expect(await thief.publish(makeSample())).toBe('dropped');
    expect(await thief.publish(makeSample())).toBe('dropped');
    expect(refusals).toEqual([expect.stringMatching(/^the Redis user may not HSET: .*\(NOPERM\)$/)]);
    await bus.publisher.publish(makeSample({ instance: 'honest' }));
    await until('the honest sample', () => bus.received.samples.length > 0);
    expect(bus.received.samples.map(({ instance }) => instance)).toEqual(['honest']);
    expect(OTHER_HOST).toBe('10.0.0.3');
  });

  it.each([
    [
      'a wrong password',
      { password: 'hunter2' },
      /^Redis does not accept the user name or password: .*\(WRONGPASS\)$/,
    ],
    ['no password', {}, /^Redis requires a password .*\(NOAUTH\)$/],
    [
      'a hub that may not read',
      waysTo('').agent(HOST),
      /^the Redis user may not \w+: docs\/redis\.md .*\(NOPERM\)$/,
    ],
  ])('are reported when they do not suffice: %s', async (_, credentials, reason) => {
    await using server = await startRedis({ acl: ACL });
    await using hub = await startRecordedFleet({ ...credentials, url: server.url });
    await until('the refusal', () => hub.received.connections.length > 0);
    expect(hub.received.connections).toEqual([
      { state: 'disconnected', sinceMs: expect.any(Number), reason: expect.stringMatching(reason) },
    ]);
    expect(JSON.stringify(hub.received.connections)).not.toContain('hunter2');
  });
});

describe('TLS', () => {
  it('trusts the given authority, and keeps user, password and database', async () => {
    await using tls = await makeTlsFiles();
    await using server = await startRedis({ tls, acl: ACL });
    const redis = { url: `${server.url}/3`, ca: tls.ca, username: 'default', password: 'operator-secret' };
    await using bus = await startConnectedBus(redis);
    await bus.publisher.publish(makeSample());
    await until('the sample', () => bus.received.samples.length === 1);
    await using late = await startRecordedFleet(redis);
    await until('the catch-up', () => late.received.catchUps[0]?.targets.length === 1);
  });

  it('refuses a server of another authority, and of one that Node.js does not know', async () => {
    await using tls = await makeTlsFiles();
    await using other = await makeTlsFiles();
    await using server = await startRedis({ tls });
    for (const ca of [other.ca, undefined]) {
      await using hub = await startRecordedFleet({ url: server.url, ca });
      await until('the refusal', () => hub.received.connections.length > 0);
      expect(hub.received.connections[0]).toMatchObject({
        state: 'disconnected',
        reason: expect.stringMatching(/^the certificate of Redis .*REDIS_CA_FILE/),
      });
    }
  });

  it('survives that one of its connections is refused while the other is in the middle of its handshake', async () => {
    await using tls = await makeTlsFiles();
    await using other = await makeTlsFiles();
    await using server = await startRedis({ tls });
    // An error of the other one within 50 ms would be an uncaught exception, which fails the run.
    const refuse = async () => {
      await using hub = await startRecordedFleet({ url: server.url, ca: other.ca });
      await until('the refusal', () => hub.received.connections.length > 0);
      await setTimeout(50);
    };
    for (let round = 0; round < 10; round += 1) await refuse();
  });

  it('refuses a certificate for another name', async () => {
    await using tls = await makeTlsFiles();
    await using server = await startRedis({ tls, args: ['--bind', '127.0.0.1', '127.0.0.2'] });
    await using hub = await startRecordedFleet({ url: `rediss://127.0.0.2:${server.port}`, ca: tls.ca });
    await until('the refusal', () => hub.received.connections.length > 0);
    expect(hub.received.connections[0]).toMatchObject({
      reason: expect.stringMatching(/^the certificate of Redis is not valid for 127\.0\.0\.2: /),
    });
  });
});

it('shows operators who is connected', async () => {
  await using server = await startRedis();
  await using _bus = await startConnectedBus({ url: server.url });
  using operator = connectOperator(server.url);
  const names = [...String(await operator.redis.client('LIST')).matchAll(/ name=(\S+)/g)].map(
    ([, name]) => name,
  );
  expect(names.sort()).toEqual(['booner-agent-10.0.0.2', 'booner-hub', 'booner-hub-samples', 'operator']);
});

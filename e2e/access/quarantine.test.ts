import { eventually } from '@booner/testkit';
import { hostOf } from '@booner/testkit/simulated-host';
import { expect, it } from 'vitest';
import { probeThroughout, readTarget, startFlood } from '../fleet/flooding.ts';
import { startEnrolledBed } from './enrolled-bed.ts';

const INDEX = 7;
const HOST = hostOf(INDEX);
const OTHER = '10.9.9.9';

it('cuts off a host that floods, on every hub and through restarts, until it is released', async () => {
  // A Redis that forgets users when it restarts, and keeps data.
  await using bed = await startEnrolledBed({ hubs: 2, users: 'configuration', redis: { appendonly: true } });
  const { hub, hubs, redis } = bed;
  const get = (path: string, of = hub) =>
    of.get(path, { headers: { authorization: `Bearer ${hub.adminToken}` } });
  const [handed, other] = [
    await bed.enrolHost({ host: HOST, withTasks: true }),
    await bed.enrolHost({ host: OTHER }),
  ];
  await bed.startAgent(other);
  const honest = await bed.startAgent(handed);
  await bed.untilStatus(OTHER, 'active');
  await bed.untilStatus(HOST, 'active');
  const login = { username: handed.AGENT_USERNAME ?? '', password: handed.AGENT_PASSWORD ?? '' };
  const runner = { username: handed.RUNNER_USERNAME ?? '', password: handed.RUNNER_PASSWORD ?? '' };
  const isRefused = async () => (await bed.redisCli(login, 'PING')).includes('WRONGPASS');
  const untilRefused = () => eventually(isRefused, { what: 'the login to be refused' });

  await using flood = await startFlood({
    port: redis.port,
    index: INDEX,
    kind: 'samples',
    megabytesPerSecond: 100,
    login,
  });
  await eventually(() => flood.isRefused(), { what: 'the flood to be cut off' });
  const probes = await probeThroughout(1000, [OTHER], get);
  expect(probes.filter(({ ready, active }) => !ready || active < 1)).toEqual([]);
  expect(await bed.redisCli(runner, 'PING')).toContain('WRONGPASS');
  for (const each of hubs) {
    await eventually(async () => (await readTarget((path) => get(path, each), HOST)).quarantine, {
      what: `${each.url} to show the quarantine`,
    });
  }
  expect(await readTarget(get, HOST)).toMatchObject({
    status: 'offline',
    quarantine: { reason: expect.stringContaining('it floods'), redisLine: null },
  });
  const audited = async () => {
    const { entries } = (await bed.asAdmin('GET', '/audit')).json;
    return (entries as { verb: string; target: string }[]).filter(({ verb }) => verb === 'target.quarantine');
  };
  await eventually(async () => (await audited()).length > 0, { what: 'the quarantine in the audit log' });
  expect(await audited()).toMatchObject([{ target: HOST, detail: expect.stringContaining('it floods') }]);

  await hub.restart();
  await redis.restart();
  await bed.untilStatus(OTHER, 'active', hub, 60_000); // its user was created again
  await untilRefused();
  expect((await readTarget(get, HOST)).quarantine).toMatchObject({ redisLine: null });
  await flood[Symbol.asyncDispose]();

  const release = (host: string) => bed.asAdmin('POST', `/targets/${host}/release`);
  // 503 until the hub has found the Redis that restarted.
  await eventually(async () => (await release(OTHER)).status !== 503, { what: 'the hub to be ready' });
  expect(await release(OTHER)).toMatchObject({ status: 409 });
  expect(await release('10.9.9.8')).toMatchObject({ status: 404 });
  expect(await release(HOST)).toMatchObject({ status: 200, json: { redis: { applied: true, lines: [] } } });
  for (const each of hubs) await bed.untilStatus(HOST, 'active', each, 60_000);
  expect((await readTarget(get, HOST)).quarantine).toBeNull();
  expect(honest.hasExited()).toBe(false);
});

it('ends when the host is enrolled again: the stolen key is no longer valid', async () => {
  await using bed = await startEnrolledBed({ enroller: false });
  const get = (path: string) =>
    bed.hub.get(path, { headers: { authorization: `Bearer ${bed.hub.adminToken}` } });
  await bed.enrolHost({ host: HOST });
  using operator = bed.connectOperator();
  const junk = 'x'.repeat(1_000_000);
  for (let count = 0; count < 50; count += 1) await operator.redis.publish(`booner:metrics:${HOST}`, junk);
  const quarantine = await eventually(async () => (await readTarget(get, HOST)).quarantine, {
    what: 'the quarantine',
  });
  expect(quarantine.redisLine).toBe(`ACL DELUSER booner-agent-${HOST} booner-runner-${HOST}`);
  await bed.enrolHost({ host: HOST, replace: true });
  expect((await readTarget(get, HOST)).quarantine).toBeNull();
});

import { eventually, startHub, startRedis, startSimulatedFleet } from '@booner/testkit';
import { hostOf } from '@booner/testkit/simulated-host';
import { expect, it } from 'vitest';
import { probeThroughout, readMetric, readTarget, startFlood } from './flooding.ts';
import { connectOperator } from './operator.ts';

const SIZE = 99;
const FLOOD_MS = 4000;
const INTERVAL_MS = 1000;

/** Hosts, and a hub that cannot cut off any of them. */
async function startBed() {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis({ args: ['--proto-max-bulk-len', '1mb'] }));
  const env = { BOONER_INTERVAL_MS: `${INTERVAL_MS}` };
  const hub = stack.use(await startHub({ redisUrl: redis.url, env }));
  const fleet = stack.use(
    await startSimulatedFleet({ redisUrl: redis.url, count: SIZE, intervalMs: INTERVAL_MS }),
  );
  const { hosts } = fleet;
  await eventually(async () => (await probeThroughout(0, hosts, hub.get))[0]?.active === SIZE, {
    what: 'all hosts to be active',
  });
  const owned = stack.move();
  return { redis, hub, hosts, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

it('hides no other host, whether it is of valid samples, of junk that Redis cuts hubs off for, or of crumbs', async () => {
  await using bed = await startBed();
  const { redis, hub, hosts } = bed;
  const floods = [
    { kind: 'samples', megabytesPerSecond: 100 },
    { kind: 'junk', megabytesPerSecond: 0 },
    { kind: 'crumbs', megabytesPerSecond: 1 },
  ] as const;
  for (const [number, flood] of floods.entries()) {
    const index = SIZE + 1 + number;
    const host = hostOf(index);
    const before = await readTarget(hub.get, hosts[0]!);
    await using _flooding = await startFlood({ port: redis.port, index, ...flood });
    const probes = await probeThroughout(FLOOD_MS, hosts, hub.get);
    expect(probes.filter(({ ready, active }) => !ready || active < SIZE)).toEqual([]);
    expect((await readTarget(hub.get, hosts[0]!)).sample!.sequence).toBeGreaterThan(before.sample!.sequence);
    const target = await eventually(
      async () => {
        const shown = await readTarget(hub.get, host);
        return shown.quarantine == null ? null : shown;
      },
      { what: `${host} to be quarantined` },
    );
    expect(target).toMatchObject({
      status: expect.stringMatching(/offline|pending/),
      quarantine: {
        reason: expect.stringContaining(`it floods booner:metrics:${host}`),
        redisLine: `ACL DELUSER booner-agent-${host} booner-runner-${host}`,
      },
    });
  }
  await eventually(async () => (await readMetric(hub, 'booner_hub_samples_live')) === 1, {
    what: 'samples to be received live again',
  });
  const version1 = (await (await hub.get('/system/status')).json()) as { deployment_targets: object[] };
  for (const each of version1.deployment_targets) {
    expect(Object.keys(each)).toEqual(['host', 'status', 'load', 'specs']);
  }
});

it('of fields in its own hash is removed, and the host quarantined', async () => {
  await using bed = await startBed();
  const { redis, hub, hosts } = bed;
  using operator = connectOperator(redis.url);
  const index = SIZE + 1;
  const host = hostOf(index);
  await operator.redis.hset('booner:targets', host, '{"label":"an enrolled host"}');
  await hub.restart();
  await eventually(async () => (await hub.get('/readyz')).ok, { what: 'the hub to be ready' });
  await using _flooding = await startFlood({
    port: redis.port,
    index,
    kind: 'fields',
    megabytesPerSecond: 50,
  });
  const probes = await probeThroughout(FLOOD_MS, hosts, hub.get);
  expect(probes.filter(({ ready }) => !ready)).toEqual([]);
  const quarantine = await eventually(async () => (await readTarget(hub.get, host)).quarantine, {
    what: `${host} to be quarantined`,
  });
  expect(quarantine.reason).toMatch(new RegExp(`^it stored \\d+ (?:fields|bytes) in booner:target:${host}$`));
  expect(await operator.redis.hlen(`booner:target:${host}`)).toBeLessThan(50 * 10);
  expect((await readTarget(hub.get, host)).label).toBe('an enrolled host');
});

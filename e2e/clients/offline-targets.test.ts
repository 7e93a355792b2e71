import type { StatusSnapshot, Target, TargetSummary } from '@booner/protocol';
import { eventually, openStatusClient, startAgent, startHub, startRedis } from '@booner/testkit';
import { expect, it } from 'vitest';
import { boonerFor } from '../cli/booner.ts';

const HOST = '127.0.0.2';

it('no document shows the last metrics of an offline target as current', async () => {
  await using redis = await startRedis();
  await using hub = await startHub({ redisUrl: redis.url });
  await using booner = await boonerFor(hub.url);
  using client = await openStatusClient(hub.url, { version: 1 });
  await using agent = await startAgent({ redisUrl: redis.url, hostId: HOST });
  const json = async <T>(path: string) => (await (await hub.get(path)).json()) as T;
  const summary = async () => {
    const { targets } = await json<StatusSnapshot>('/system/status?version=2');
    return targets.find(({ host }) => host === HOST) as TargetSummary | undefined;
  };
  const inVersion1 = () => client.latest()?.deployment_targets.find(({ host }) => host === HOST);
  await eventually(async () => ((await summary())?.receivedBytesPerSecond ?? null) !== null, {
    what: 'the target with its rates',
  });
  expect(await summary()).toMatchObject({ status: 'active', cpuUsageRatio: expect.any(Number) });
  expect(await rowOf(booner)).toMatch(/active.* \d+ %/);

  await agent.kill('SIGKILL');
  await eventually(async () => (await summary())?.status === 'offline', {
    what: 'the target to be offline',
  });
  const nothing = {
    uptimeSeconds: null,
    cpuUsageRatio: null,
    load1Minute: null,
    memoryUsedBytes: null,
    diskUsedBytes: null,
    diskAvailableBytes: null,
    diskUsageRatio: null,
    receivedBytesPerSecond: null,
    sentBytesPerSecond: null,
    temperatureCelsius: null,
  };
  const last = await summary();
  expect(last).toMatchObject({
    ...nothing,
    lastSeenAtMs: expect.any(Number),
    memoryTotalBytes: expect.any(Number),
  });
  const { targets } = await booner.json<{ targets: TargetSummary[] }>(['status']);
  expect(targets).toMatchObject([{ host: HOST, ...nothing, lastSeenAtMs: last?.lastSeenAtMs }]);
  expect(await rowOf(booner)).toMatch(/offline( +--){5} +\d+ s ago$/);
  const details = (await booner.run(['targets', HOST])).stdout;
  expect(details).toMatch(/^disk \/ .* \(\d+ s ago\)$/m);

  const metrics = (await (await hub.get('/metrics')).text()).split('\n');
  const ofTarget = metrics.filter(
    (line) => line.startsWith('booner_target_') && line.includes(`host="${HOST}"`),
  );
  expect(ofTarget).toEqual([
    `booner_target_up{host="${HOST}"} 0`,
    expect.stringMatching(/^booner_target_info\{.*,version=".+"\} 1$/),
    `booner_target_last_seen_timestamp_seconds{host="${HOST}"} ${Number(last?.lastSeenAtMs) / 1000}`,
  ]);

  // By contract version 1 keeps the last load; in full detail the last sample stays, with its time.
  expect(inVersion1()).toMatchObject({ status: 'offline', load: expect.any(Number) });
  const full = await json<Target>(`/targets/${HOST}`);
  expect(full.sample?.cpu?.usageRatio).toEqual(expect.any(Number));
  expect(full.sample?.sampledAtMs).toBeLessThanOrEqual(Date.now());
});

/** The line of the target in what a pipe gets. */
async function rowOf(booner: Awaited<ReturnType<typeof boonerFor>>): Promise<string> {
  const { stdout } = await booner.run(['status']);
  return (
    stdout
      .split('\n')
      .find((line) => line.startsWith(HOST))
      ?.trimEnd() ?? ''
  );
}

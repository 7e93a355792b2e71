import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SeriesHistory } from '@booner/protocol';
import {
  eventually,
  type HubProcess,
  startAgent,
  startHub,
  startRedis,
  startTcpProxy,
} from '@booner/testkit';
import { expect, it, onTestFinished } from 'vitest';

const HOST = '10.0.0.2';
const INTERVAL_MS = 500;
/** Longer than the silence after which a hub asks for what it missed. */
const OUTAGE_MS = 6_000;

async function historyDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'booner-history-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

const hubEnv = async () => ({
  BOONER_INTERVAL_MS: String(INTERVAL_MS),
  BOONER_HISTORY_DIR: await historyDirectory(),
  BOONER_HISTORY_MIN_FREE: '1KiB',
});

/** Times of the samples that a hub has, and the longest time between two or since the last. */
async function samplesOf(hub: HubProcess) {
  const response = await hub.get(`/targets/${HOST}/history?range=5m&points=2000&metrics=cpuUsageRatio`);
  const { timesMs, series } = (await response.json()) as SeriesHistory;
  const times = timesMs.filter((_, row) => series[0]?.avg[row] !== null);
  const pauses = times.map((atMs, index) => (times[index + 1] ?? Date.now()) - atMs);
  return { times, count: times.length, longestMs: Math.max(0, ...pauses) };
}

const untilSamples = (hub: HubProcess, count: number) =>
  eventually(async () => (await samplesOf(hub)).count >= count, { what: `${count} samples` });

const untilNoGap = (hub: HubProcess) =>
  eventually(async () => expect((await samplesOf(hub)).longestMs).toBeLessThan(5 * INTERVAL_MS), {
    what: 'a history without a gap',
  });

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

it('has no gap and no sample twice after an outage of Redis, a killed hub, and a cut-off host; a new hub copies it', async () => {
  await using redis = await startRedis();
  await using proxy = await startTcpProxy({ targetPort: redis.port });
  const options = { redisUrl: redis.url };
  await using hub = await startHub({ ...options, env: await hubEnv() });
  await using other = await startHub({ ...options, env: await hubEnv() });
  await using agent = await startAgent({
    redisUrl: `redis://127.0.0.1:${proxy.port}`,
    hostId: HOST,
    env: { BOONER_INTERVAL_MS: String(INTERVAL_MS) },
  });
  await untilSamples(hub, 5);

  await redis.stop();
  await pause(OUTAGE_MS);
  await redis.restart();
  for (const each of [hub, other]) await untilNoGap(each);

  await hub.kill('SIGKILL');
  await pause(OUTAGE_MS);
  await hub.restart();
  await untilSamples(hub, 20);
  for (const each of [hub, other]) await untilNoGap(each);

  proxy.pause();
  await pause(OUTAGE_MS);
  proxy.resume();
  for (const each of [hub, other]) await untilNoGap(each);

  await agent.stop();
  await hub.stop();
  await hub.restart(); // it has stored the last minute
  await using third = await startHub({
    ...options,
    env: { ...(await hubEnv()), BOONER_HISTORY_PEERS: hub.url },
  });
  await eventually(async () => expect((await samplesOf(third)).times).toEqual((await samplesOf(hub)).times), {
    what: 'the history of another hub',
  });

  const [first, second] = await Promise.all([hub, other].map(samplesOf));
  expect(Math.abs((first?.count ?? 0) - (second?.count ?? 0))).toBeLessThan(5);
  for (const { times } of [first, second].filter((one) => one !== undefined)) {
    const spacings = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
    // A sample that the network held back is recorded when it arrives, next to another one.
    expect(spacings.filter((ms) => ms < INTERVAL_MS / 4).length).toBeLessThan(2);
  }
});

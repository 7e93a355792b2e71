import { targetSchema } from '@booner/protocol';
import {
  eventually,
  mayMount,
  mountHanging,
  readThreads,
  startAgent,
  startHub,
  startRedis,
} from '@booner/testkit';
import { describe, expect, it } from 'vitest';

const HOST = '127.0.0.2';
const INTERVAL_MS = 500;

describe.runIf(process.platform === 'linux' && mayMount())('a mount that hangs', () => {
  it('costs an agent and a hub one disk and one thread: samples stay on time, and both stop cleanly', async () => {
    await using redis = await startRedis();
    using mount = mountHanging();
    const env = { BOONER_INTERVAL_MS: `${INTERVAL_MS}` };
    await using hub = await startHub({ redisUrl: redis.url, env });
    await using agent = await startAgent({ redisUrl: redis.url, hostId: HOST, env });
    const sampleOf = async () => targetSchema.parse(await (await hub.get(`/targets/${HOST}`)).json()).sample;
    const stuckDisk = async () =>
      (await sampleOf())?.fileSystems?.find(({ mountPoint }) => mountPoint === mount.folder);

    await eventually(async () => (await stuckDisk())?.unavailable, {
      what: 'the mount to be reported with a reason',
    });
    expect(await stuckDisk()).toMatchObject({
      totalBytes: null,
      usedBytes: null,
      unavailable: expect.stringMatching(/^no answer for \d+ s$/),
    });

    const threads = { agent: readThreads(agent.pid), hub: readThreads(hub.pid) };
    const first = await sampleOf();
    await eventually(async () => ((await sampleOf())?.sequence ?? 0) >= (first?.sequence ?? 0) + 12, {
      deadlineMs: 15 * INTERVAL_MS,
      everyMs: 50,
      what: 'twelve more samples, on time',
    });
    const last = await sampleOf();
    expect(last?.unavailable).toEqual({});
    expect(last?.fileSystems?.find(({ mountPoint }) => mountPoint === '/')?.totalBytes).toBeGreaterThan(0);
    expect({ agent: readThreads(agent.pid), hub: readThreads(hub.pid) }).toEqual(threads);
    expect([threads.agent.waiting, threads.hub.waiting]).toEqual([1, 1]);

    for (const daemon of [agent, hub]) {
      expect(await daemon.stop()).toEqual({ code: 0, signal: null });
    }
  });
});

import { readFile } from 'node:fs/promises';
import { type Sample, sampleSchema, type Target } from '@booner/protocol';
import {
  clockAheadBy,
  eventually,
  openStatusClient,
  startAgent,
  startHub,
  startRedis,
} from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { listenToBus } from './operator.ts';
import { statusesOf, statusIn } from './statuses.ts';
import { throughout } from './throughout.ts';

const HOST = '127.0.0.2';
const HOUR_MS = 3_600_000;
const INTERVAL_MS = 1000;
const SUSPENDED_MS = 5000;
const env = { BOONER_INTERVAL_MS: `${INTERVAL_MS}` };

describe.concurrent('the time of an agent', () => {
  it.each([HOUR_MS, -HOUR_MS])(
    'may be wrong by %i ms: its status stays, and the skew is shown',
    async (skewMs) => {
      await using redis = await startRedis();
      await using hub = await startHub({ redisUrl: redis.url, env });
      using client = await openStatusClient(hub.url, { version: 1 });
      await using _agent = await startAgent({
        redisUrl: redis.url,
        hostId: HOST,
        env: { ...env, NODE_OPTIONS: clockAheadBy(skewMs) },
      });
      const target = async () => (await (await hub.get(`/targets/${HOST}`)).json()) as Target;
      const shown = await eventually(async () => (await target()).clockSkewMs, {
        what: 'the skew to be shown',
      });
      expect(Math.abs(shown - skewMs)).toBeLessThan(60_000);
      await throughout(3.5 * INTERVAL_MS + 1000, async () => {
        expect(await target()).toMatchObject({ status: 'active', clockSkewMs: expect.any(Number) });
      });
      // Measured by the hub's clock.
      expect(Math.abs((await target()).lastSeenAtMs! - Date.now())).toBeLessThan(60_000);
      expect(statusesOf(client.received, HOST)).toEqual(['active']);
    },
  );

  it('may stand still: a suspended agent is offline, and resumes without a spike or a negative rate', async () => {
    await using redis = await startRedis();
    await using hub = await startHub({ redisUrl: redis.url, env });
    await using agent = await startAgent({ redisUrl: redis.url, hostId: HOST, env });
    using client = await openStatusClient(hub.url, { version: 1 });
    using bus = await listenToBus(redis.url);
    const samples = () => bus.ofHost(HOST).map(({ text }) => sampleSchema.parse(JSON.parse(text)));
    await eventually(() => samples().length >= 1, { what: 'the first sample' });
    // Read before the sample that the first one after the pause is compared with.
    const before = await loopbackBytes();
    await eventually(() => samples().length >= 3, { what: 'more samples' });

    await agent.kill('SIGSTOP');
    // Causes traffic on the loopback interface.
    await throughout(SUSPENDED_MS, async () => (await hub.get('/targets')).arrayBuffer());
    await eventually(() => statusIn(client.latest(), HOST) === 'offline', {
      what: 'the target to be offline',
    });
    const countBefore = samples().length;
    await agent.kill('SIGCONT');
    await eventually(() => samples().length >= countBefore + 3, { what: 'new samples' });
    await eventually(() => statusIn(client.latest(), HOST) === 'active', {
      what: 'the target to be active again',
    });
    const received = (await loopbackBytes()) - before;
    const [first] = samples().slice(countBefore);
    // The sample counts all bytes received since before the pause, over a time shorter than that
    // between the agent's two readings.
    const loopback = loopbackOf(first!);
    expect(loopback).not.toBeNull();
    expect(loopback!.receivedBytesPerSecond).toBeGreaterThan(0);
    expect(loopback!.receivedBytesPerSecond).toBeLessThanOrEqual(received / (SUSPENDED_MS / 1000));
    expect(agent.logs().filter(({ level }) => level > 40)).toEqual([]);
    expect(statusesOf(client.received, HOST)).toEqual(['active', 'offline', 'active']);
  });
});

const loopbackOf = (sample: Sample) =>
  sample.network?.interfaces.find((candidate) => candidate.interface === 'lo') ?? null;

/** Bytes received on the loopback interface, see proc_pid_net(5). */
async function loopbackBytes(): Promise<number> {
  const text = await readFile('/proc/net/dev', 'utf8');
  return Number(/^\s*lo:\s*(\d+)/m.exec(text)?.[1]);
}

import { hostIdSchema, type Target } from '@booner/protocol';
import {
  eventually,
  type HubProcess,
  openStatusClient,
  startAgent,
  startHub,
  startRedis,
} from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { connectOperator } from './operator.ts';
import { makeSample } from './simulated-agents.ts';
import { statusesOf, statusIn } from './statuses.ts';

const HOST = '127.0.0.2';
const VICTIM = hostIdSchema.parse('10.9.9.9');
const env = { BOONER_INTERVAL_MS: '1000' };
const sample = makeSample({ host: VICTIM });
const channelOf = (host: string) => `booner:metrics:${host}`;
const text = (changes: object) => JSON.stringify({ ...sample, ...changes });
const cpuOf = (usage: string) => text({}).replace('"usageRatio":0.25', `"usageRatio":${usage}`);
const { cpu: _cpu, ...withoutCpu } = sample;

/** Channel and message, by the reason for dropping them. */
const GARBAGE: Readonly<Record<string, readonly (readonly [channel: string, message: string | Buffer])[]>> = {
  not_json: [
    [channelOf(VICTIM), 'hello'],
    [channelOf(VICTIM), ''],
    [channelOf(VICTIM), Buffer.from([0, 0xff, 0xfe, 0x80])],
    [channelOf(VICTIM), cpuOf('NaN')],
    [channelOf(VICTIM), cpuOf('Infinity')],
    [channelOf(HOST), '{"type":"sample"'],
  ],
  wrong_shape: [
    [channelOf(VICTIM), 'null'],
    [channelOf(VICTIM), '[]'],
    [channelOf(VICTIM), '{}'],
    [channelOf(VICTIM), '{"type":"sample"}'],
    [channelOf(VICTIM), text({ type: 'farewell' })],
    [channelOf(VICTIM), cpuOf('1e999')],
    [channelOf(VICTIM), cpuOf('-0.5')],
    [channelOf(VICTIM), cpuOf('"0.5"')],
    [channelOf(VICTIM), text({ uptimeSeconds: -1 })],
    [channelOf(VICTIM), text({ intervalMs: 0 })],
    [channelOf(VICTIM), text({ host: '../x' })],
    [channelOf(VICTIM), JSON.stringify(withoutCpu)],
    [channelOf(HOST), '{"type":"bye","instance":7}'],
    [channelOf(VICTIM), `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
  ],
  oversized: [
    [channelOf(VICTIM), 'x'.repeat(2 ** 20)],
    [channelOf(HOST), text({ host: HOST, padding: 'x'.repeat(2 ** 20) })],
  ],
  bad_host: ['*', 'a b', '../x', '', 'x'.repeat(300), 'UPPER', `${VICTIM}:1`].map(
    (host) => [channelOf(host), text({ host })] as const,
  ),
  wrong_host: [
    [channelOf(HOST), text({})],
    [channelOf(VICTIM), text({ host: HOST })],
  ],
};

async function rejections(hub: HubProcess): Promise<Record<string, number>> {
  const metrics = await (await hub.get('/metrics')).text();
  const lines = metrics.matchAll(/^booner_hub_messages_rejected_total\{reason="(\w+)"\} ([1-9]\d*)$/gm);
  return Object.fromEntries([...lines].map(([, reason, count]) => [reason, Number(count)]));
}

const sequenceOf = async (hub: HubProcess, host: string) =>
  ((await (await hub.get(`/targets/${host}`)).json()) as Target).sample!.sequence;

describe.concurrent('garbage in Redis', () => {
  it('on the channels is dropped and counted by reason, and affects nothing else', async () => {
    await using redis = await startRedis();
    await using hub = await startHub({ redisUrl: redis.url, env });
    await using _agent = await startAgent({ redisUrl: redis.url, hostId: HOST, env });
    using client = await openStatusClient(hub.url, { version: 1 });
    using operator = connectOperator(redis.url);
    await eventually(() => statusIn(client.latest(), HOST) === 'active', {
      what: 'the agent to be shown',
    });
    expect(await rejections(hub)).toEqual({});
    const sequenceBefore = await sequenceOf(hub, HOST);

    for (const [channel, message] of Object.values(GARBAGE).flat())
      await operator.redis.publish(channel, message);
    const expected = Object.fromEntries(
      Object.entries(GARBAGE).map(([reason, messages]) => [reason, messages.length]),
    );
    const total = Object.values(expected).reduce((sum, count) => sum + count);
    await eventually(
      async () => Object.values(await rejections(hub)).reduce((sum, count) => sum + count, 0) >= total,
      { what: 'all garbage to be counted' },
    );
    expect(await rejections(hub)).toEqual(expected);
    await eventually(async () => (await sequenceOf(hub, HOST)) >= sequenceBefore + 3, {
      what: 'the samples of the agent to go on',
    });
    expect((await (await hub.get('/targets')).json()) as object).toMatchObject({ targets: [{ host: HOST }] });
    expect(client.latest()?.deployment_targets.map(({ host }) => host)).toEqual([HOST]);
    expect(statusesOf(client.received, HOST)).toEqual(['active']);
    expect(hub.lines.stdout.join('\n')).not.toContain('xxxxxxxxxx'); // no garbage in the log
    expect(client.isOpen()).toBe(true);
  });

  it('beside a valid sample reaches no client', async () => {
    await using redis = await startRedis();
    await using hub = await startHub({ redisUrl: redis.url, env });
    using client = await openStatusClient(hub.url, { version: 2 });
    using operator = connectOperator(redis.url);
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const stuffed = text({ inventoryTakenAtMs: 1 }).replace('{', `{"garbage":${deep},"cpu":${deep},`);
    await eventually(async () => (await hub.get('/readyz')).ok, { what: 'a hub that has caught up' });
    const inventory = {
      ...{ takenAtMs: 1, hostname: null, cpu: null, memoryTotalBytes: null, gpus: [], virtualization: null },
      ...{ os: { platform: 'linux', name: null, kernel: null, architecture: 'x64' }, agentVersion: '1' },
      label: 'db\u202egnp.exe\u200b',
    };
    await operator.redis.hset(`booner:target:${VICTIM}`, { inventory: JSON.stringify(inventory) });
    await operator.redis.publish(channelOf(VICTIM), stuffed);
    const target = await eventually(
      async () => {
        const answer = await hub.get(`/targets/${VICTIM}`);
        const shown = answer.ok ? ((await answer.json()) as Target) : null;
        return shown?.label == null ? null : shown;
      },
      { what: 'the target to be shown' },
    );
    expect(target.label).toBe('dbgnp.exe');
    expect(target.sample).toEqual({ ...sample, inventoryTakenAtMs: 1 });
    client.send({ type: 'subscribe', detail: 'full' });
    await eventually(() => JSON.stringify(client.received).includes('simulated'), {
      what: 'the sample on the stream',
    });
    const shown = [await (await hub.get('/targets')).text(), JSON.stringify(client.received)].join();
    expect(shown).not.toMatch(/garbage|\[\[/);
  });

  it('in hashes and keys does not keep a hub from starting and showing the others', async () => {
    await using redis = await startRedis();
    using operator = connectOperator(redis.url);
    const inventory = { takenAtMs: -1 };
    await operator.redis.hset('booner:target:10.9.9.1', {
      sample: 'junk',
      inventory: 'junk',
      version: 'junk',
    });
    await operator.redis.hset('booner:target:10.9.9.2', {
      sample: '{}',
      inventory: JSON.stringify(inventory),
    });
    await operator.redis.hset('booner:target:10.9.9.3', { sample: text({}) }); // of another host
    await operator.redis.hset('booner:target:a b', { sample: text({}) });
    await operator.redis.set('booner:target:10.9.9.4', 'no hash');
    await operator.redis.hset('booner:targets', {
      '10.9.9.5': 'junk',
      '10.9.9.6': '{"status":"asleep"}',
      '../x': '{}',
      '10.9.9.7': '{"label":"to come"}',
    });
    await using hub = await startHub({ redisUrl: redis.url, env });
    await using _agent = await startAgent({ redisUrl: redis.url, hostId: HOST, env });
    using client = await openStatusClient(hub.url, { version: 1 });
    await eventually(() => statusIn(client.latest(), HOST) === 'active', {
      what: 'the agent to be shown',
    });
    expect((await hub.get('/readyz')).status).toBe(200);
    expect(await rejections(hub)).toEqual({
      not_json: expect.any(Number),
      wrong_shape: expect.any(Number),
      wrong_host: expect.any(Number),
      bad_host: expect.any(Number),
    });
    const { deployment_targets: targets } = client.latest()!;
    expect(targets.find(({ host }) => host === '10.9.9.7')).toEqual({
      host: '10.9.9.7',
      status: 'pending',
      load: null,
      specs: 'to come',
    });
    await eventually(async () => operator.redis.hexists('booner:targets', HOST), {
      what: 'the agent to be registered beside the garbage',
    });

    // Once an agent overwrites it, the target is like any other.
    await using _mending = await startAgent({ redisUrl: redis.url, hostId: '10.9.9.1', env });
    await eventually(
      () => {
        const target = client.latest()?.deployment_targets.find(({ host }) => host === '10.9.9.1');
        return target?.status === 'active' && /\d cores?, /.test(target.specs);
      },
      { what: 'the corrected target to be active and described' },
    );
  });

  it('in place of the registrations does not keep a hub from showing live targets', async () => {
    await using redis = await startRedis();
    using operator = connectOperator(redis.url);
    await operator.redis.set('booner:targets', 'no hash');
    await using hub = await startHub({ redisUrl: redis.url, env });
    await using _agent = await startAgent({ redisUrl: redis.url, hostId: HOST, env });
    using client = await openStatusClient(hub.url, { version: 1 });
    await eventually(() => statusIn(client.latest(), HOST) === 'active', {
      what: 'the agent to be shown',
    });
    await eventually(async () => (await sequenceOf(hub, HOST)) >= 6, {
      what: 'the samples to go on',
    });
    // Described although not registered.
    expect(client.latest()?.deployment_targets[0]?.specs).toMatch(/\d cores?, /);
    const failures = hub.logs().filter(({ msg }) => msg.includes('registrations cannot be exchanged'));
    expect(failures).toHaveLength(1); // an outage is logged once
    expect((await hub.get('/readyz')).status).toBe(200);
    expect(statusesOf(client.received, HOST)).toEqual(['active']);
  });
});

import { hostIdSchema, inventorySchema, sampleSchema } from '@booner/protocol';
import { eventually, startRedis } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { endAfter, outputOf, redisCli, startAgentProcess, startListening } from './testing/test-agent.ts';

const HOST = hostIdSchema.parse('10.0.0.2');
const quick = { BOONER_INTERVAL_MS: '500', BOONER_HOST_ID: HOST };

const until = <T>(what: string, condition: () => T | Promise<T>, deadlineMs = 60_000) =>
  eventually(condition, { what, deadlineMs });

/** Starts Redis, a listener and an agent on it; returns when samples arrive. */
async function startAll(env: Record<string, string> = quick) {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis());
  const { received } = stack.use(await startListening(redis.url));
  const agent = stack.use(await startAgentProcess({ env: { ...env, REDIS_URL: redis.url } }));
  await until('samples', () => received.samples.length >= 2);
  const started = stack.move();
  return { redis, received, agent, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

describe('a running agent', () => {
  it('publishes samples of this machine, and keeps a hash that an operator can read', async () => {
    await using all = await startAll({ ...quick, BOONER_LABEL: 'Kitchen server', BOONER_LABELS: 'role=db' });
    const { redis, received } = all;
    await until('the inventory to be announced', () => received.samples.at(-1)?.inventoryTakenAtMs);

    const [first, second] = received.samples;
    if (first === undefined || second === undefined) throw new Error('no samples');
    expect(received.rejections).toEqual([]);
    expect(first).toMatchObject({ host: HOST, sequence: 1, intervalMs: 500 });
    expect(second.sequence).toBe(2);
    expect(first.unavailable).toEqual({});
    expect(first.memory?.totalBytes).toBeGreaterThan(0);
    expect(first.disks).not.toBeNull();
    expect(Math.abs(Date.now() - second.sampledAtMs)).toBeLessThan(60_000);

    const lines = await redisCli(redis.port, 'hgetall', `booner:target:${HOST}`);
    const fields = new Map(
      lines.flatMap((line, index) => (index % 2 === 0 ? [[line, lines[index + 1] ?? '']] : [])),
    );
    expect([...fields.keys()].sort()).toEqual(['inventory', 'sample', 'version']);
    expect(fields.get('version')).toBe(manifest.version);
    expect(sampleSchema.parse(JSON.parse(fields.get('sample') ?? '')).host).toBe(HOST);
    const inventory = inventorySchema.parse(JSON.parse(fields.get('inventory') ?? ''));
    expect(inventory).toMatchObject({
      label: 'Kitchen server',
      labels: { role: 'db' },
      agentVersion: manifest.version,
    });
    expect(received.samples.at(-1)?.inventoryTakenAtMs).toBe(inventory.takenAtMs);
  });

  it('takes the address that it uses towards Redis as its host id', async () => {
    await using all = await startAll({ BOONER_INTERVAL_MS: '500' });
    expect(all.received.samples[0]?.host).toBe('127.0.0.1');
  });

  it('can be distinguished from another that claims the same host id', async () => {
    await using all = await startAll();
    await using _second = await startAgentProcess({ env: { ...quick, REDIS_URL: all.redis.url } });
    const instances = () => new Set(all.received.samples.map(({ instance }) => instance));
    await until('two instances', () => instances().size >= 2);
    expect(instances().size).toBe(2);
  });
});

describe('a stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('on %s says bye and ends with 0 within 5 s', async (signal) => {
    await using all = await startAll();
    const { code } = await endAfter(all.agent, signal);
    expect({ code, stderr: all.agent.lines.stderr }).toEqual({ code: 0, stderr: [] });
    await until('the farewell', () => all.received.byes.length > 0);
    expect(all.received.byes).toEqual([{ host: HOST, instance: all.received.samples[0]?.instance }]);
  });

  it('ends with 0 within 5 s when Redis is frozen', async () => {
    await using all = await startAll();
    all.redis.freeze();
    const published = all.received.samples.length;
    const { code } = await endAfter(all.agent, 'SIGTERM');
    expect({ code, stderr: all.agent.lines.stderr }).toEqual({ code: 0, stderr: [] });
    expect(published).toBeGreaterThan(0);
  });

  it('ends with 0 within 5 s when Redis is frozen and samples are in flight', async () => {
    await using all = await startAll();
    all.redis.freeze();
    await until('the agent to notice', () => outputOf(all.agent).includes('samples are dropped'));
    const { code } = await endAfter(all.agent, 'SIGTERM');
    expect({ code, stderr: all.agent.lines.stderr }).toEqual({ code: 0, stderr: [] });
  });

  it('ends with 0 within 5 s when Redis is dead', async () => {
    await using all = await startAll();
    await all.redis.kill('SIGKILL');
    await until('the agent to notice', () => outputOf(all.agent).includes('samples are dropped'));
    const { code } = await endAfter(all.agent, 'SIGTERM');
    expect({ code, stderr: all.agent.lines.stderr }).toEqual({ code: 0, stderr: [] });
  });

  it('ends with 0 within 5 s while the name of Redis cannot be resolved, which is logged once', async () => {
    await using agent = await startAgentProcess({ env: { REDIS_URL: 'redis://redis.invalid' } });
    const complaints = () => agent.lines.stdout.filter((line) => line.includes('cannot be found yet'));
    await until('a complaint', () => complaints().length > 0);
    const { code } = await endAfter(agent, 'SIGTERM');
    expect({ code, stderr: agent.lines.stderr }).toEqual({ code: 0, stderr: [] });
    expect(complaints()).toHaveLength(1);
    expect(complaints()[0]).toContain('redis.invalid');
  });
});

describe('a restart of Redis', () => {
  it('is followed by new samples, none that was taken meanwhile, and the inventory again', async () => {
    await using all = await startAll();
    const { redis, received, agent } = all;
    await until(
      'the inventory',
      async () => (await redisCli(redis.port, 'hget', `booner:target:${HOST}`, 'inventory'))[0],
    );
    await redis.stop();
    const before = received.samples.length;
    const stoppedAtMs = Date.now();
    await until('three intervals without Redis', () => Date.now() - stoppedAtMs > 1500);
    const restartedAtMs = Date.now();
    await redis.restart(); // empty: nothing is kept
    await until('samples again', () => received.samples.length >= before + 2);

    const later = received.samples.slice(before);
    for (const sample of later) expect(sample.sampledAtMs).toBeGreaterThanOrEqual(restartedAtMs);
    expect(later[0]?.sequence).toBeGreaterThanOrEqual((received.samples[before - 1]?.sequence ?? 0) + 3);
    const key = `booner:target:${HOST}`;
    await until('the inventory again', async () => (await redisCli(redis.port, 'hget', key, 'inventory'))[0]);
    const said = agent.lines.stdout.map((line) => JSON.parse(line).msg as string);
    expect(said.filter((line) => line.includes('samples are dropped'))).toHaveLength(1);
    expect(said.filter((line) => line === 'Redis is available again')).toHaveLength(1);
  });

  it('need not have begun when the agent starts', async () => {
    await using redis = await startRedis();
    await redis.stop();
    await using agent = await startAgentProcess({ env: { ...quick, REDIS_URL: redis.url } });
    await until('the agent to notice', () => outputOf(agent).includes('samples are dropped'));
    await redis.restart();
    await using listening = await startListening(redis.url);
    await until('samples', () => listening.received.samples.length > 0);
  });
});

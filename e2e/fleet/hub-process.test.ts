import { setTimeout as pause } from 'node:timers/promises';
import {
  DaemonEndedError,
  eventually,
  openStatusClient,
  type StartHubOptions,
  startAgent,
  startHub,
  startRedis,
  WARNING_LEVEL,
} from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { allActive } from './statuses.ts';

const EX_CONFIG = 78;

/** Starts a hub that must refuse to start. */
async function refusal(options: StartHubOptions): Promise<DaemonEndedError> {
  try {
    await using hub = await startHub(options);
    throw new Error(`the hub started at ${hub.url}`);
  } catch (error) {
    if (error instanceof DaemonEndedError) return error;
    throw error;
  }
}

describe.concurrent('a hub', () => {
  it('exits with 0 within 5 s of SIGTERM although Redis is frozen, and closes its clients with 1001', async () => {
    await using redis = await startRedis();
    await using hub = await startHub({ redisUrl: redis.url });
    await using agent = await startAgent({ redisUrl: redis.url, hostId: '127.0.0.2' });
    using client = await openStatusClient(hub.url, { version: 1 });
    using client2 = await openStatusClient(hub.url, { version: 2 });
    await eventually(() => allActive(client.latest(), ['127.0.0.2']), {
      what: 'the agent',
    });
    redis.freeze();
    await pause(1200); // what asks Redis each second waits for its answer
    const ends = await Promise.all([hub.stop(), agent.stop()]);
    expect(ends, [...hub.logs(), ...agent.logs()].map(({ msg }) => msg).join('\n')).toEqual([
      { code: 0, signal: null },
      { code: 0, signal: null },
    ]);
    expect(await client.closed).toMatchObject({ code: 1001 });
    expect(await client2.closed).toMatchObject({ code: 1001 });
    expect(hub.lines.stderr).toEqual([]);
    expect(agent.lines.stderr).toEqual([]);
  });

  it('exits with 0 within 5 s of SIGINT while it is still connecting to a Redis that is down', async () => {
    await using redis = await startRedis();
    await redis.stop();
    await using hub = await startHub({ redisUrl: redis.url });
    expect((await hub.get('/healthz')).status).toBe(200);
    const readiness = await hub.get('/readyz');
    expect(readiness.status).toBe(503);
    expect(await readiness.json()).toMatchObject({
      ready: false,
      reason: expect.stringMatching(/bus|Redis/),
    });
    await hub.kill('SIGINT');
    expect(await hub.exited).toEqual({ code: 0, signal: null });
  });

  it('says in one sentence how to change a port that is taken', async () => {
    await using first = await startHub();
    const { end, stderr } = await refusal({ env: { PORT: `${first.port}` } });
    expect(end).toEqual({ code: 1, signal: null });
    expect(stderr).toEqual([
      `Port ${first.port} on 127.0.0.1 is in use. Set PORT (or --port) to another, or stop the process that uses it.`,
    ]);
  });

  it('names all invalid settings at once', async () => {
    const { end, stderr } = await refusal({
      redisUrl: 'http://user:hunter2@127.0.0.1',
      env: {
        PORT: '70000',
        BOONER_INTERVAL_MS: 'fast',
        BOONER_LOG_LEVEL: 'loud',
        BOONER_ALLOWED_ORIGINS: 'x',
      },
      args: ['--max-conections', '7'],
    });
    expect(end).toEqual({ code: EX_CONFIG, signal: null });
    for (const name of [
      'REDIS_URL',
      'PORT',
      'BOONER_INTERVAL_MS',
      'BOONER_LOG_LEVEL',
      'BOONER_ALLOWED_ORIGINS',
      '--max-conections',
    ]) {
      expect(stderr.filter((line) => line.includes(name))).toHaveLength(1);
    }
    expect(stderr.join('\n')).not.toContain('hunter2');
  });

  it('requires sign-in once it is reachable by others, unless configured not to, and rejects contradictory settings', async () => {
    const BOONER_TRUSTED_PROXIES = '127.0.0.9';
    await using reachable = await startHub({
      auth: 'first',
      env: { BOONER_AUTH: 'auto', BOONER_TRUSTED_PROXIES },
    });
    expect((await reachable.get('/targets')).status).toBe(401);
    await using open = await startHub({ env: { BOONER_TRUSTED_PROXIES }, args: ['--insecure'] });
    expect((await open.get('/targets')).status).toBe(200);
    const { end, stderr } = await refusal({ env: { BOONER_AUTH: 'required' }, args: ['--insecure'] });
    expect(end).toEqual({ code: EX_CONFIG, signal: null });
    expect(stderr.join('\n')).toMatch(/BOONER_AUTH: .*--insecure/);
  });

  it('accepts any loopback address, and warns with --insecure', async () => {
    await using quiet = await startHub({ env: { HOST: '127.0.0.2' } });
    expect(quiet.url).toBe(`http://127.0.0.2:${quiet.port}`);
    expect((await quiet.get('/healthz')).status).toBe(200);
    expect(quiet.logs().filter(({ level }) => level >= WARNING_LEVEL)).toEqual([]);
    await using insecure = await startHub({ args: ['--insecure'] });
    await eventually(() => insecure.logs().find(({ msg }) => msg.includes('no authentication')), {
      what: 'the warning',
    });
  });
});

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually, freePort, startHub, startProcess } from '@booner/testkit';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const DOCKER = join(ROOT, 'deploy/docker');
const run = promisify(execFile);
const START_DEADLINE_MS = 60_000;

/** The Redis of the composition, without its container: the same script, users and passwords. */
async function startComposedRedis(port: number, data: string, secrets: string) {
  const child = await startProcess({
    command: 'sh',
    args: [join(DOCKER, 'redis-start.sh'), '--port', `${port}`, '--bind', '127.0.0.1'],
    env: { REDIS_DATA: data, REDIS_SECRETS: secrets, REDIS_USERS: join(DOCKER, 'redis-users.acl') },
  });
  await eventually(() => child.lines.stdout.some((line) => line.includes('Ready to accept connections')), {
    deadlineMs: START_DEADLINE_MS,
    what: 'Redis to start',
  });
  return child;
}

describe('docker-compose.yml', () => {
  it('uses settings that the hub and the agent have', async () => {
    const [hub, agent] = await Promise.all(
      ['hub', 'agent'].map(async (app) => {
        const program = join(ROOT, 'apps', app, 'src/main.ts');
        return (await run(process.execPath, [program, '--help'])).stdout;
      }),
    );
    const text = await readFile(join(ROOT, 'docker-compose.yml'), 'utf8');
    const [, ofHub = '', ofAgent = ''] = text.split(/^ {2}(?:hub|agent):$/m);
    const settingsIn = (part: string) =>
      [...part.matchAll(/^ {6}([A-Z]+_[A-Z_]+):/gm)].map(([, name]) => name!);
    expect(settingsIn(ofHub).length).toBeGreaterThan(8);
    expect(settingsIn(ofHub).filter((name) => !hub!.includes(` ${name} `))).toEqual([]);
    expect(settingsIn(ofAgent).length).toBeGreaterThan(5);
    expect(settingsIn(ofAgent).filter((name) => !agent!.includes(` ${name} `))).toEqual([]);
  });

  it('brings up a Redis that a hub works with, and that keeps the users of hosts', async () => {
    await using stack = new AsyncDisposableStack();
    const directory = await mkdtemp(join(tmpdir(), 'booner-compose-'));
    stack.defer(() => rm(directory, { recursive: true, force: true }));
    const [data, secrets] = [join(directory, 'data'), join(directory, 'secrets')];
    await mkdir(data);
    await run('sh', [join(DOCKER, 'make-secrets.sh'), secrets]);
    expect((await stat(secrets)).mode & 0o777).toBe(0o700);
    const passwordOf = (name: string) => readFile(join(secrets, `redis-${name}-password`), 'utf8');
    const port = await freePort();
    const url = `redis://127.0.0.1:${port}`;
    /** Runs one command as a user. Resolves with the answer, or with the refusal of Redis. */
    const ask = async (username: string, password: string, command: string, ...args: string[]) => {
      const client = new Redis(url, {
        username,
        password,
        lazyConnect: true,
        enableReadyCheck: false, // it would ask for INFO
        maxRetriesPerRequest: 0,
      });
      client.on('error', () => {}); // the command says it
      try {
        return String(await client.call(command, ...args));
      } catch (error) {
        return String(error);
      } finally {
        client.disconnect();
      }
    };

    let redis = stack.use(await startComposedRedis(port, data, secrets));
    expect(await ask('default', '', 'PING')).toMatch(/NOAUTH|WRONGPASS/);
    await using hub = await startHub({
      redisUrl: url,
      auth: 'first',
      env: {
        BOONER_AGENT_REDIS_URL: 'none', // the default of the composition
        REDIS_USERNAME: 'booner-hub',
        REDIS_PASSWORD_FILE: join(secrets, 'redis-hub-password'),
        BOONER_ENROLLER_USERNAME: 'booner-enroller',
        BOONER_ENROLLER_PASSWORD_FILE: join(secrets, 'redis-enroller-password'),
      },
    });
    const untilReady = () =>
      eventually(async () => (await hub.get('/readyz')).ok, {
        deadlineMs: START_DEADLINE_MS,
        what: 'the hub to be ready',
      });
    await untilReady();
    expect(await ask('booner-hub', await passwordOf('hub'), 'CONFIG', 'GET', '*')).toMatch(/NOPERM/);

    const added = await hub.get('/targets', {
      method: 'POST',
      headers: { authorization: `Bearer ${hub.adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ host: '10.0.0.2' }),
    });
    expect([added.status, await added.json()]).toEqual([
      409,
      expect.objectContaining({ detail: expect.stringContaining('Set BOONER_AGENT_REDIS_URL to a URL') }),
    ]);

    const enroller = await passwordOf('enroller');
    const rules = ['on', '>of-a-test', '+ping', '~booner:target:10.0.0.2'];
    expect(await ask('booner-enroller', enroller, 'ACL', 'SETUSER', 'booner-agent-10.0.0.2', ...rules)).toBe(
      'OK',
    );
    expect(await ask('booner-enroller', enroller, 'ACL', 'SAVE')).toBe('OK');
    await writeFile(join(secrets, 'redis-admin-password'), 'another');
    redis.kill('SIGTERM');
    expect(await redis.exited).toMatchObject({ code: 0 });
    redis = stack.use(await startComposedRedis(port, data, secrets));
    expect(await ask('booner-agent-10.0.0.2', 'of-a-test', 'PING')).toBe('PONG');
    expect(await ask('booner-admin', 'another', 'ACL', 'WHOAMI')).toBe('booner-admin');
    const users = (await ask('booner-admin', 'another', 'ACL', 'USERS')).split(',').sort();
    const own = ['booner-admin', 'booner-agent-10.0.0.2', 'booner-enroller', 'booner-hub', 'default'];
    expect(users).toEqual(own);
    await untilReady();
  });
});

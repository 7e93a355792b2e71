import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  clockAheadBy,
  eventually,
  freePort,
  type HubProcess,
  type RedisServer,
  startAgent,
  startHub,
  startRedis,
  startSimulatedFleet,
} from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { type Booner, boonerFor, type CommandOptions } from './booner.ts';
import { startDroppingPort, startForgetfulNginx, startPlainProxy } from './broken-networks.ts';

const HOST = '127.0.0.2';
const OTHER_HOST = '127.0.0.3';
const INTERVAL_MS = 500;
const HOUR_MS = 3_600_000;
const EXIT_PROBLEMS = 6;
const hasNginx = ['/usr/sbin/nginx', '/usr/bin/nginx'].some((path) => existsSync(path));
const env = { BOONER_INTERVAL_MS: `${INTERVAL_MS}` };

type Finding = {
  check: string;
  status: 'ok' | 'warn' | 'fail' | 'skip';
  detail: string;
  mend: string | null;
};
type Report = { ok: boolean; findings: Finding[] };

/** The failed findings of a report. */
const problemsOf = ({ findings }: Report) => findings.filter(({ status }) => status === 'fail');
const statusOf = ({ findings }: Report, check: string) =>
  findings.find((finding) => finding.check === check)?.status;

const examine = (
  booner: Booner,
  args: readonly string[] = [],
  options: CommandOptions = {},
  code = EXIT_PROBLEMS,
) => booner.json<Report>(['doctor', ...args], { ...options, code });

async function startFleet(agentEnv: Readonly<Record<string, string>> = {}) {
  await using starting = new AsyncDisposableStack();
  const redis = starting.use(await startRedis({ appendonly: true }));
  const hub = starting.use(await startHub({ redisUrl: redis.url, env }));
  const agent = starting.use(
    await startAgent({ redisUrl: redis.url, hostId: HOST, env: { ...env, ...agentEnv } }),
  );
  const booner = starting.use(await boonerFor(hub.url));
  await eventually(
    async () =>
      ((await (await hub.get('/agents')).json()) as { agents: { name: string }[] }).agents.some(
        ({ name }) => name === HOST,
      ),
    {
      what: 'the agent to be seen',
    },
  );
  const stack = starting.move();
  return { redis, hub, agent, booner, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** A wrong clock on this machine, then one on an agent's host. */
async function checkClocks(booner: Booner, redis: RedisServer): Promise<void> {
  const [clock, ...others] = problemsOf(
    await examine(booner, [], { env: { NODE_OPTIONS: clockAheadBy(HOUR_MS) } }),
  );
  expect(others).toEqual([]);
  expect(clock).toMatchObject({
    check: 'hub.clock',
    detail: "this machine's clock is 60 min ahead of the hub's",
  });
  expect(clock?.mend).toContain('timedatectl set-ntp true');

  const shifted = { ...env, NODE_OPTIONS: clockAheadBy(-HOUR_MS) };
  await using _agent = await startAgent({ redisUrl: redis.url, hostId: OTHER_HOST, env: shifted });
  await eventually(
    async () => {
      const { findings } = await examine(booner, [], {}, EXIT_PROBLEMS);
      const problems = findings.filter(({ status }) => status === 'fail');
      expect(problems).toMatchObject([{ check: 'agents' }]);
      expect(problems[0]?.detail).toMatch(/^127\.0\.0\.3: its clock is 60 min behind the hub's$/);
      return true;
    },
    { what: 'the clock skew of the agent' },
  );
  await _agent.stop();
}

/** One warning, with one command that upgrades all. */
async function checkOldAgents(booner: Booner, redis: RedisServer): Promise<void> {
  const shape = () => ({ agentVersion: '0.0.9' });
  await using old = await startSimulatedFleet({ redisUrl: redis.url, count: 2, intervalMs: 1000, shape });
  const hosts = old.hosts.join(' ');
  const warnings = await eventually(
    async () => {
      const found = (await examine(booner)).findings.filter(
        ({ check, status }) => check === 'agents' && status === 'warn',
      );
      return found.some(({ mend }) => mend?.includes(hosts)) && found;
    },
    { what: 'the old agents' },
  );
  expect(warnings).toMatchObject([{ mend: `run \`booner target upgrade ${hosts}\`` }]);
  expect((await booner.run(['doctor'])).stdout).toMatch(/^\d problems found\. \d warnings?\.$/m);
}

/**
 * Proxies that do not pass WebSockets on: one of this test's own, and a real nginx if it is
 * installed.
 */
async function checkProxies(booner: Booner, hub: HubProcess): Promise<void> {
  await using old = await startPlainProxy(hub.port);
  const problems = problemsOf(await examine(booner, ['--hub', old.url]));
  expect(problems.map(({ check }) => check)).toEqual(['hub.websocket.status', 'hub.websocket.tasks']);
  for (const { detail, mend } of problems) {
    expect(detail).toMatch(/returns HTTP 426 instead of 101: the proxy via 1\.1 old-proxy does not forward/);
    expect(mend).toContain('Upgrade');
  }
  if (!hasNginx) return;
  await using nginx = await startForgetfulNginx(hub.port);
  const [problem] = problemsOf(await examine(booner, ['--hub', nginx.url]));
  expect(problem).toMatchObject({
    check: 'hub.websocket.status',
    detail: expect.stringMatching(/the proxy nginx/),
  });
  expect(problem?.mend).toContain('proxy_set_header Upgrade $http_upgrade');
}

describe.concurrent('booner doctor', () => {
  it('reports a healthy setup, then problems with clocks, agents, ports and proxies', async () => {
    await using fleet = await startFleet();
    const { booner, hub, redis, agent } = fleet;

    const healthy = await examine(booner, ['--redis-url', redis.url], {}, 0);
    expect(healthy.ok).toBe(true);
    expect(Object.fromEntries(healthy.findings.map(({ check, status }) => [check, status]))).toMatchObject({
      'hub.name': 'ok',
      'hub.port': 'ok',
      'hub.http': 'ok',
      'hub.ready': 'ok',
      'hub.clock': 'ok',
      'hub.access': 'ok',
      'hub.websocket.status': 'ok',
      'hub.websocket.tasks': 'ok',
      agents: 'ok',
      'redis.port': 'ok',
      'redis.login': 'ok',
      'redis.version': expect.stringMatching(/^(ok|warn)$/), // the distribution's may be an old one
      'redis.persistence': 'ok',
      'redis.memory': 'ok',
      'redis.echo': 'ok',
      'redis.latency': 'ok',
    });
    const text = await booner.run(['doctor']);
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/^ok {4}hub\.port +port \d+ of 127\.0\.0\.1 is open/m);
    expect(text.stdout).toContain('No problems found.');

    await checkProxies(booner, hub);
    await checkClocks(booner, redis);

    await agent.kill('SIGKILL');
    await eventually(
      async () =>
        ((await (await hub.get(`/targets/${HOST}`)).json()) as { status: string }).status === 'offline',
      {
        what: 'the agent to be offline',
      },
    );
    const silent = problemsOf(await examine(booner));
    // The agent with the wrong clock is stopped too.
    expect(silent.map(({ check }) => check)).toEqual(['agents', 'agents']);
    expect(silent[0]?.detail).toMatch(/^127\.0\.0\.2: its agent is silent/);
    expect(silent[0]?.mend).toContain('journalctl -u booner-agent');
    await checkOldAgents(booner, redis);
  });

  it('distinguishes a closed port from one behind a firewall', async () => {
    const port = await freePort();
    await using closed = await boonerFor(`http://127.0.0.1:${port}`);
    const report = await examine(closed);
    expect(problemsOf(report)).toMatchObject([
      { check: 'hub.port', detail: expect.stringContaining('refused') },
    ]);
    expect(problemsOf(report)[0]?.mend).toContain('systemctl start booner-hub');
    expect(statusOf(report, 'hub.http')).toBe('skip');

    await using hidden = await startDroppingPort();
    await using booner = await boonerFor(`http://127.0.0.1:${hidden.port}`);
    const [problem] = problemsOf(await examine(booner));
    expect(problem).toMatchObject({ check: 'hub.port', detail: expect.stringContaining('firewall') });
    expect(problem?.mend).toContain(`ufw allow ${hidden.port}/tcp`);
  });

  it('reports that Redis is down, for the hub and from here', async () => {
    await using fleet = await startFleet();
    const { booner, hub, redis } = fleet;
    await redis.stop();
    await eventually(async () => (await hub.get('/readyz')).status === 503, {
      what: 'the hub to notice the outage',
    });
    const problems = problemsOf(await examine(booner, ['--redis-url', redis.url]));
    expect(problems.map(({ check }) => check)).toEqual(['hub.ready', 'redis.port']);
    for (const { mend } of problems) expect(mend).toContain('systemctl start redis-server');
  });

  it('reports a wrong or missing password without showing it', async () => {
    await using redis = await startRedis({
      acl: 'user default off\nuser operator on >right-secret ~* &* +@all\n',
    });
    await using booner = await boonerFor(null);
    const passwordFile = join(booner.configDirectory, 'password');
    await writeFile(passwordFile, 'wrong-secret\n', { mode: 0o600 });
    const hubEnv = { ...env, REDIS_USERNAME: 'operator', REDIS_PASSWORD_FILE: passwordFile };
    await using hub = await startHub({ redisUrl: redis.url, env: hubEnv });
    const args = ['--hub', hub.url, '--redis-url', redis.url];
    const wrong = await booner.run([
      'doctor',
      ...args,
      '--redis-username',
      'operator',
      '--redis-password-file',
      passwordFile,
    ]);
    expect(wrong.code).toBe(EXIT_PROBLEMS);
    expect(wrong.stdout).toMatch(/^FAIL {2}hub\.ready .*WRONGPASS/m);
    expect(wrong.stdout).toMatch(/^FAIL {2}redis\.login +Redis rejects the password of the user operator/m);
    expect(wrong.stdout + wrong.stderr).not.toMatch(/wrong-secret|right-secret/);

    const missing = problemsOf(await examine(booner, args));
    expect(missing.map(({ check }) => check)).toContain('redis.login');
  });
});

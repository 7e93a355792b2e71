import { hostIdSchema } from '@booner/protocol';
import {
  type Daemon,
  eventually,
  type HubProcess,
  type LogRecord,
  openStatusClient,
  openTaskClient,
  startAgent,
  startHub,
  startTcpProxy,
  WARNING_LEVEL,
} from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { shell } from '../tasks/actions.ts';
import { startTaskBed } from '../tasks/task-bed.ts';
import { connectOperator } from './operator.ts';
import { statusIn } from './statuses.ts';

const AGENT_HOST = hostIdSchema.parse('127.0.0.3');
const PASSWORD = 'operator-secret';
const ACL = `user default on nopass ~* &* +@all\nuser booner on >${PASSWORD} ~* &* +@all\n`;
/** Wording of the Redis client and of sockets, which no log may contain. */
const RAW =
  /Connection is closed|Stream isn't|Command timed out|Socket timeout|connect E|read E|Expecting data/;

type Deployment = Awaited<ReturnType<typeof startDeployment>>;

/**
 * Starts a hub, an agent and a runner with a task, all of which reach Redis with a password through
 * one proxy.
 */
async function startDeployment() {
  await using stack = new AsyncDisposableStack();
  const bed = stack.use(
    await startTaskBed({
      redis: { acl: ACL, appendonly: true, args: ['--appendfsync', 'always'] },
      runnerEnv: null,
      actions: () => ({ talk: shell('while sleep 0.1; do echo on; done') }),
    }),
  );
  const operator = stack.use(connectOperator(bed.redis.url)).redis;
  const proxy = stack.use(await startTcpProxy({ targetPort: bed.redis.port }));
  const redisUrl = `redis://booner:${PASSWORD}@127.0.0.1:${proxy.port}`;
  const hub = stack.use(await startHub({ redisUrl, auth: 'first' }));
  const agent = stack.use(await startAgent({ redisUrl, hostId: AGENT_HOST }));
  const runner = await bed.addRunner({ redisUrl });
  await bed.untilOffered(['talk']);
  const task = await bed.create('talk');
  await bed.untilSaid(task, 'on');
  const options = { headers: { authorization: `Bearer ${hub.adminToken}` } };
  const status = stack.use(await openStatusClient(hub.url, { version: 1, ...options }));
  const tasks = stack.use(await openTaskClient(hub.url, { version: 2, ...options }));
  await eventually(() => statusIn(status.latest(), AGENT_HOST) === 'active', {
    what: 'the agent to be seen',
  });
  tasks.send({ type: 'follow', taskId: task });
  await eventually(() => tasks.received.some(({ message }) => message.type === 'log'), {
    what: 'the log to be followed',
  });
  const daemons = { hub, agent, runner };
  const logged = Object.fromEntries(Object.entries(daemons).map(([name, { logs }]) => [name, logs().length]));
  const all = stack.move();
  return {
    bed,
    operator,
    proxy,
    hub,
    get: (path: string, init?: RequestInit) => hub.get(path, { ...options, ...init }),
    daemons,
    /** The lines of each daemon since the start of the deployment. */
    since: (name: string, daemon: Daemon) => daemon.logs().slice(logged[name]),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Waits until each daemon has logged a line with this beginning. */
const untilAllSay = ({ daemons, since }: Deployment, beginning: string) =>
  eventually(
    () =>
      Object.entries(daemons).every(([name, daemon]) =>
        since(name, daemon).some(({ msg }) => msg.startsWith(beginning)),
      ),
    { what: `hub, agent and runner to say "${beginning}"` },
  );

const untilReady = (hub: HubProcess) =>
  eventually(async () => (await hub.get('/readyz')).status === 200, {
    what: 'the hub to be ready',
  });

/**
 * Sends the requests of clients meanwhile. They get the reason as the answer, which is not worth a
 * warning.
 */
async function askMeanwhile({ get, hub }: Deployment): Promise<void> {
  for (const path of ['/tasks?version=2', '/tokens', '/audit']) {
    const answer = await get(path);
    const { detail } = (await answer.json()) as { detail: string };
    expect([path, answer.status, detail]).toEqual([path, 503, expect.stringMatching(/Redis/)]);
    expect(detail).not.toMatch(RAW);
  }
  expect((await get('/tasks', { method: 'POST', body: '{}' })).status).toBeGreaterThanOrEqual(400);
  const { reason } = (await (await hub.get('/readyz')).json()) as { reason: string };
  expect(reason).toMatch(/^Redis has been unavailable for \d+ s: .*Redis/);
  expect(reason).not.toMatch(RAW);
}

/** Log lines of a daemon, as level and text. */
const spelled = (lines: readonly LogRecord[]) => lines.map(({ level, msg }) => `${level} ${msg}`);

const MEANWHILE: Readonly<Record<string, string>> = {
  hub: 'clients keep the last data until it is back',
  agent: 'samples are dropped until it is back',
  runner: 'runs continue, and their outcomes are kept until it is back',
};

/**
 * Expects that each daemon logged these lines of the outage, each naming Redis, and warned of
 * nothing else.
 */
function expectLines(deployment: Deployment, between: readonly string[] = []): void {
  const { daemons, since, proxy } = deployment;
  for (const [name, daemon] of Object.entries(daemons)) {
    const lines = since(name, daemon);
    const ofRedis = lines.filter(({ redis }) => redis !== undefined);
    expect([name, ...spelled(ofRedis)]).toEqual([
      name,
      `40 Redis is unavailable: ${MEANWHILE[name]}`,
      ...between,
      '30 Redis is available again',
    ]);
    for (const { redis } of ofRedis) expect(redis).toBe(`redis://127.0.0.1:${proxy.port}`);
    const warnings = lines.filter(({ level }) => level >= WARNING_LEVEL);
    expect(warnings.filter((line) => !ofRedis.includes(line))).toEqual([]);
    const text = [...daemon.lines.stdout, ...daemon.lines.stderr].join('\n');
    expect(text).not.toMatch(RAW);
    expect(text).not.toContain(PASSWORD);
  }
}

describe.concurrent('the log of an outage of Redis', () => {
  it.each([
    [
      'killed',
      ({ bed }: Deployment) => bed.redis.kill('SIGKILL'),
      ({ bed }: Deployment) => bed.redis.restart(),
    ],
    ['stopped', ({ bed }: Deployment) => bed.redis.stop(), ({ bed }: Deployment) => bed.redis.restart()],
    [
      'behind a black hole',
      async ({ proxy }: Deployment) => proxy.pause(),
      async ({ proxy }: Deployment) => proxy.resume(),
    ],
  ] as const)('has one line when it begins and one when it ends: Redis is %s', async (_, begin, end) => {
    await using deployment = await startDeployment();
    await begin(deployment);
    await untilAllSay(deployment, 'Redis is unavailable');
    await eventually(async () => (await deployment.hub.get('/readyz')).status === 503, {
      what: 'the hub not to be ready',
    });
    await askMeanwhile(deployment);
    await end(deployment);
    await untilAllSay(deployment, 'Redis is available again');
    await untilReady(deployment.hub);
    expectLines(deployment);
  });

  it('has one more line when Redis is up again and refuses the user', async () => {
    await using deployment = await startDeployment();
    const { operator } = deployment;
    const setPassword = (password: string) =>
      operator.call('ACL', 'SETUSER', 'booner', 'resetpass', `>${password}`);
    await setPassword('another one');
    await operator.call('CLIENT', 'KILL', 'USER', 'booner');
    await untilAllSay(deployment, 'Redis can be reached again');
    for (const [name, daemon] of Object.entries(deployment.daemons)) {
      const refusal = deployment
        .since(name, daemon)
        .find(({ msg }) => msg.startsWith('Redis can be reached again'));
      expect(refusal?.reason).toMatch(/^Redis does not accept the user name or password: .* \(WRONGPASS\)$/);
    }
    await setPassword(PASSWORD);
    await untilAllSay(deployment, 'Redis is available again');
    await untilReady(deployment.hub);
    expectLines(deployment, ['40 Redis can be reached again, but refuses the connection']);
  });
});

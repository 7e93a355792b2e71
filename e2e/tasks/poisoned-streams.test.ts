import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runnerRules } from '@booner/bus/redis/acl/host-users';
import { hubRules } from '@booner/bus/redis/acl/hub-users';
import { aclFileLine, HUB_USER, runnerUser } from '@booner/bus/redis/acl/redis-user';
import { startRedisRunner } from '@booner/bus/redis/runner';
import { hashSecret } from '@booner/bus/secrets';
import { type HostId, hostIdSchema, newInstanceId } from '@booner/protocol';
import { logKey, REPORTS_KEY, reportsKey, TARGETS_KEY } from '@booner/protocol/redis-names';
import { eventually, type HubProcess, startHub, startRedis } from '@booner/testkit';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';

const VICTIM = hostIdSchema.parse('10.0.0.2');
const OTHER = hostIdSchema.parse('10.0.0.3');
const PASSWORD = 'secret-of-a-test';
const MIB = 1024 * 1024;
/** As much as the peak of the hub's memory may grow. */
const POISON = Array.from({ length: 64 }, (_, index) => [`field ${index}`, 'x'.repeat(MIB)]).flat();

/** Starts a Redis with users, a hub, and two hosts whose runners end each task at once. */
async function startBed() {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'booner-poison-'));
  stack.defer(() => rm(directory, { recursive: true }));
  const hash = hashSecret(PASSWORD);
  const users = [hubRules(hash), runnerRules(VICTIM, hash), runnerRules(OTHER, hash)];
  const { url } = stack.use(await startRedis({ acl: `${users.map(aclFileLine).join('\n')}\n` }));
  const operator = new Redis(url);
  stack.defer(() => operator.disconnect());
  await operator.hset(TARGETS_KEY, { [VICTIM]: '{}', [OTHER]: '{}' });
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, PASSWORD);
  const env = { REDIS_USERNAME: HUB_USER, REDIS_PASSWORD_FILE: passwordFile };
  const hub = stack.use(await startHub({ redisUrl: url, env, auth: 'first' }));
  for (const host of [VICTIM, OTHER]) stack.use(await startPromptRunner(url, host));
  const thief = new Redis(url, { username: runnerUser(VICTIM), password: PASSWORD, enableReadyCheck: false });
  stack.defer(() => thief.disconnect());

  const headers = { authorization: `Bearer ${hub.adminToken}`, 'content-type': 'application/json' };
  const get = async (path: string) => (await hub.get(path, { headers })).text();
  const owned = stack.move();
  return {
    hub,
    operator,
    thief,
    get,
    /** Runs a task and returns its id. */
    runTask: async (host: HostId) => {
      const body = JSON.stringify({ host, action: 'noop', params: {} });
      const id = await eventually(
        async () => {
          const response = await fetch(`${hub.url}/tasks`, { method: 'POST', headers, body });
          return response.status === 202 ? ((await response.json()) as { task_id: string }).task_id : null;
        },
        { what: 'the task to be accepted' },
      );
      await eventually(async () => (await get(`/tasks/${id}`)).includes('"completed"'), {
        what: `the task ${id} of ${host} to complete`,
      });
      return id;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Starts a runner that ends each task as soon as it is granted. */
async function startPromptRunner(url: string, host: HostId) {
  const me = { host, instance: `${newInstanceId()}.${newInstanceId()}` };
  const runner = await startRedisRunner({
    redis: { url, username: runnerUser(host), password: PASSWORD },
    ...me,
    listener: {
      onOffer: ({ task }) => void runner.report({ type: 'claim', ...me, task }),
      onControl: ({ type, task, ...message }) => {
        if (type !== 'grant' || !('attempt' in message)) return;
        const { attempt } = message;
        const outcome = { status: 'completed', result: null, error: null } as const;
        void runner.report({ type: 'end', ...me, task, attempt, logLines: 0, outcome });
      },
      onServing: () => {},
      onConnection: () => {},
    },
  });
  runner.present({
    version: '0.0.0',
    running: [],
    actions: [{ name: 'noop', description: '', parameters: [], timeoutSeconds: 60 }],
    publicKey: { kty: 'OKP', crv: 'X25519', x: '' },
  });
  return runner;
}

/** The most memory that a process has used so far, in MiB. */
async function peakMiB({ pid }: HubProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

it.runIf(process.platform === 'linux')(
  'entries of 64 MiB in reports and logs reach no hub, are counted, and do not stop the tasks of others',
  async () => {
    await using bed = await startBed();
    const { hub, operator, thief } = bed;
    const id = await bed.runTask(VICTIM);
    await bed.runTask(OTHER);
    const before = await peakMiB(hub);

    for (const key of [reportsKey(VICTIM), REPORTS_KEY]) {
      await thief.xadd(key, '*', ...POISON);
      for (let count = 0; count < 3; count++) await bed.runTask(OTHER);
      await eventually(async () => (await operator.xlen(key)) === 0, { what: `${key} to be empty` });
    }
    await thief.xadd(logKey(id as never), '*', ...POISON);
    for (let count = 0; count < 3; count++) {
      expect(JSON.parse(await bed.get(`/tasks/${id}/log`))).toMatchObject({ lines: [] });
    }
    await bed.runTask(OTHER);
    await bed.runTask(VICTIM);
    expect(await bed.get('/metrics')).toContain('booner_hub_messages_rejected_total{reason="oversized"} 3\n');
    expect((await peakMiB(hub)) - before).toBeLessThan(64);
  },
);

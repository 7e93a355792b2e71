import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hostIdSchema, registrationSchema, type SavedHook } from '@booner/protocol';
import { TARGETS_KEY } from '@booner/protocol/redis-names';
import { eventually, type HubProcess, startHub, startRedis, startRunner } from '@booner/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, makeToken, revoke } from '../access/asking.ts';
import { connectOperator } from '../fleet/operator.ts';

const HOST = hostIdSchema.parse('10.0.0.2');
const DOCUMENTATION = join(import.meta.dirname, '../../docs/hooks.md');
const PUSH = { ref: 'refs/heads/main', after: 'v2.4.0' };

const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
let hub: HubProcess;
let other: HubProcess;
let operator: ReturnType<typeof connectOperator>['redis'];
let token: string;
/** Each line is the version that a task has deployed. */
let deployed: () => Promise<readonly string[]>;

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'booner-hooks-'));
  stack.defer(() => rm(directory, { recursive: true }));
  const actions = join(directory, 'actions.d');
  await mkdir(actions);
  await chmod(actions, 0o755);
  const log = join(directory, 'deployed');
  await writeFile(log, '');
  deployed = async () => (await readFile(log, 'utf8')).split('\n').slice(0, -1);
  const file = join(actions, 'web.deploy.yaml');
  const action = {
    ...{ name: 'web.deploy', schedulable: true, sandbox: 'none' },
    command: ['sh', '-c', 'echo "$1" >> "$2"', 'sh', '{{version}}', log],
    parameters: [{ name: 'version', type: 'string', required: true, pattern: 'v[0-9]+[.][0-9]+[.][0-9]+' }],
  };
  await writeFile(file, JSON.stringify(action)); // JSON is YAML
  await chmod(file, 0o644);
  const secretFile = join(directory, 'secret');
  await writeFile(secretFile, 'the secret that both hubs have');

  const redis = stack.use(await startRedis());
  operator = stack.use(connectOperator(redis.url)).redis;
  const registration = { ...registrationSchema.parse({}), labels: { role: 'web' } };
  await operator.hset(TARGETS_KEY, HOST, JSON.stringify(registration));
  const options = { redisUrl: redis.url, env: { BOONER_ALERT_SECRET_FILE: secretFile } };
  hub = stack.use(await startHub({ ...options, auth: 'first' }));
  other = stack.use(await startHub({ ...options, auth: { adminToken: hub.adminToken } }));
  stack.use(await startRunner({ redisUrl: redis.url, hostId: HOST, actionsDirectory: actions }));
  token = (await makeToken(hub, { name: 'deploys', role: 'operator' })).token;
  const isOffered = async (by: HubProcess) =>
    (await ask(by, 'GET', `/targets/${HOST}/actions`, { token })).json.actions?.length === 1;
  await eventually(async () => (await isOffered(hub)) && (await isOffered(other)), { what: 'the action' });
});

const setHook = async (name: string, more: object = {}, as = token): Promise<SavedHook> => {
  const hook = {
    ...{ action: 'web.deploy', selector: 'role=web', fields: { version: '/after' } },
    ...{ when: { '/ref': 'refs/heads/main' }, ...more },
  };
  const { status, json } = await ask(hub, 'PUT', `/hooks/${name}`, { token: as, body: hook });
  expect(status, JSON.stringify(json)).toBe(200);
  return json;
};

/** Sends a delivery with a signature of its own, as GitHub does. */
const deliver = (
  { url, secret }: SavedHook,
  payload: object,
  id: string,
  by: HubProcess = hub,
  headers: Readonly<Record<string, string>> = {},
) => {
  const signature = createHmac('sha256', `${secret}`).update(JSON.stringify(payload)).digest('hex');
  const signed = { 'x-hub-signature-256': `sha256=${signature}`, 'x-github-delivery': id };
  return ask(by, 'POST', new URL(`${url}`).pathname, { body: payload, headers: { ...signed, ...headers } });
};

it('starts one task for a delivery, however often it is sent, to whichever hub, and takes nothing else from it', async () => {
  const hook = await setHook('web');
  const before = (await deployed()).length;
  const payload = {
    ...PUSH,
    action: 'other',
    host: '10.0.0.9',
    selector: '*',
    params: { version: 'v0.0.0' },
  };
  const answers = await Promise.all(
    [hub, other, hub, other].map((by) => deliver(hook, payload, 'delivery-1', by)),
  );
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
  expect(new Set(answers.map(({ json }) => json.rollout_id)).size).toBe(1);
  expect(answers.filter(({ json }) => json.outcome === 'started')).toHaveLength(1);
  const id = answers[0]?.json.rollout_id;
  const ended = async () =>
    (await ask(other, 'GET', `/rollouts/${id}`, { token })).json.status === 'completed';
  await eventually(ended, { what: 'the rollout' });
  expect((await deployed()).slice(before)).toEqual(['v2.4.0']);
  // Also when the rollout has been forgotten, and to a hub that has restarted.
  await operator.unlink(`booner:rollout:${id}`);
  expect((await deliver(hook, payload, 'delivery-1', other)).json).toEqual({
    ...{ outcome: 'replayed', rollout_id: id },
  });
  expect((await deliver(hook, { ...PUSH, ref: 'refs/heads/other' }, 'delivery-2')).json.outcome).toBe(
    'ignored',
  );
  expect((await deliver(hook, { ...PUSH, after: 'v1; reboot' }, 'delivery-3')).status).toBe(422);
  expect((await ask(other, 'GET', '/hooks/web', { token })).json.deliveries).toMatchObject([
    { id: 'delivery-3', outcome: 'refused' },
    { id: 'delivery-2', outcome: 'ignored' },
    { id: 'delivery-1', outcome: 'replayed' },
    ...answers.map(() => ({ id: 'delivery-1', rolloutId: id })),
  ]);
  expect((await deployed()).slice(before)).toEqual(['v2.4.0']);
});

it('accepts no wrong signature, no large body, and no old key, on no hub', async () => {
  const hook = await setHook('guarded');
  const wrong = await deliver({ ...hook, secret: 'whsec_AAAA' }, PUSH, 'a');
  const unknown = await deliver({ ...hook, url: `${hook.url}x` }, PUSH, 'a');
  expect([wrong.status, wrong.json]).toEqual([401, unknown.json]);
  expect((await deliver(hook, { ...PUSH, more: 'x'.repeat(1024 * 1024) }, 'b')).status).toBe(413);
  const { status, json: rotated } = await ask(other, 'POST', '/hooks/guarded/rotate', { token });
  expect(status).toBe(200);
  for (const by of [hub, other]) expect((await deliver(hook, PUSH, 'c', by)).status).toBe(401);
  expect((await ask(hub, 'GET', '/hooks/guarded', { token })).json.deliveries).toEqual([]);
  expect((await deliver(rotated, PUSH, 'd')).status).toBe(202);

  const logs = JSON.stringify([hub.lines, other.lines]);
  const audit = JSON.stringify((await ask(hub, 'GET', '/audit', { token: hub.adminToken })).json);
  const stored = JSON.stringify(await operator.hgetall('booner:hooks'));
  for (const { url, secret } of [hook, rotated]) {
    const key = `${url}`.split('/').at(-1) as string;
    for (const text of [logs, audit, stored])
      expect([text.includes(key), text.includes(`${secret}`)]).toEqual([false, false]);
  }
  expect(audit).toContain('hook.rotate');
  expect(audit).toContain('no valid signature');
});

it('has the rights of its owner at that time, and pauses when they end', async () => {
  const ada = await makeToken(hub, { name: 'ada', role: 'operator' });
  const hook = await setHook('owned', {}, ada.token);
  await revoke(hub, ada.id);
  expect((await deliver(hook, PUSH, 'a', other)).status).toBe(403);
  expect((await deliver(hook, PUSH, 'b')).status).toBe(409);
  expect((await ask(hub, 'GET', '/hooks/owned', { token })).json).toMatchObject({
    paused: 'the credential that set the hook has ended: set it again',
    deliveries: [{ outcome: 'refused' }, { outcome: 'refused' }],
  });
  const nobody = await setHook('nobody', { selector: '' });
  expect((await deliver(nobody, PUSH, 'a')).status).toBe(422);
});

/** Deliveries of a hook in a minute. */
const DELIVERIES = 60;
const FLOOD = 5 * DELIVERIES;
/** Connections of one address: the hub's server limits these by itself. */
const LANES = 8;

async function inLanes(send: (index: number) => ReturnType<typeof ask>) {
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    const answers: Awaited<ReturnType<typeof ask>>[] = [];
    for (let index = lane; index < FLOOD; index += LANES) answers.push(await send(index));
    return answers;
  });
  return (await Promise.all(lanes)).flat();
}

it('answers 429 to a flood, and goes on serving others', async () => {
  const [flooded, calm] = [await setHook('flooded', { when: { '/ref': 'none' } }), await setHook('calm')];
  const flood = inLanes((index) => deliver(flooded, PUSH, `flood-${index}`));
  const wrong = inLanes((index) => deliver({ ...calm, secret: 'whsec_AAAA' }, PUSH, `wrong-${index}`));
  const served = ask(hub, 'GET', '/targets', { token });
  const answers = await flood;
  const statuses = answers.map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(DELIVERIES);
  const limited = answers.find(({ status }) => status === 429);
  expect(Number(limited?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(new Set((await wrong).map(({ status }) => status))).toEqual(new Set([401, 429]));
  expect((await served).status).toBe(200);
  expect(await deliver(await setHook('fresh'), PUSH, 'after-the-flood')).toMatchObject({ status: 202 });
});

it('works as the documentation says, with curl and openssl', async () => {
  const { url, secret } = await setHook('documented');
  const text = await readFile(DOCUMENTATION, 'utf8');
  const block = /<!-- e2e[^\n]*-->\n```bash\n(.*?)\n```/s.exec(text)?.[1];
  const env = { ...process.env, URL: new URL(new URL(`${url}`).pathname, hub.url).href, SECRET: `${secret}` };
  const { stdout } = await promisify(execFile)('bash', ['-euc', `${block}`], { env });
  expect(JSON.parse(stdout)).toEqual({ outcome: 'started', rollout_id: expect.any(String) });
});

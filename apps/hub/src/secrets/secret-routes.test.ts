import { createMemoryBus } from '@booner/bus/memory';
import {
  ALL_SCOPES,
  type HostId,
  hostIdSchema,
  newInstanceId,
  offeredActionSchema,
  type Role,
  registrationSchema,
  type Scopes,
} from '@booner/protocol';
import { MAX_SECRETS } from '@booner/protocol/limits';
import { expect, it, onTestFinished } from 'vitest';
import { ANYBODY, principalOf } from '../access/principal.ts';
import { Fleet } from '../fleet/fleet.ts';
import { createReadableBy } from '../fleet/read-scopes.ts';
import { createTestApp } from '../testing/test-app.ts';
import { secretRoutes } from './secret-routes.ts';

const hostOf = (text: string) => hostIdSchema.parse(text);
const [DB, WEB, IDLE] = [hostOf('10.0.0.2'), hostOf('10.0.0.3'), hostOf('10.0.0.4')];
const keyOf = (letter: string) => letter.repeat(43);
const sealed = 'a.b.c.d.e';
const deploy = { name: 'deploy', parameters: [], timeoutSeconds: 60, secrets: ['token'] };
const wipe = { ...deploy, name: 'wipe', role: 'admin', secrets: ['wipe-key'] };

/** A hub with three targets. The first two have runners, with the keys `a…` and `b…`. */
function startHub() {
  const memory = createMemoryBus();
  const tasks = memory.startTasks();
  const bus = memory.startSecrets();
  const fleet = new Fleet({ intervalMs: 3000, now: () => ({ monotonicMs: 0, wallMs: 0 }) });
  fleet.onCatchUp([], new Map());
  for (const host of [DB, WEB, IDLE])
    fleet.onRegistration(host, registrationSchema.parse({ labels: { role: host === DB ? 'db' : 'web' } }));
  const startRunner = (host: HostId, letter: string) => {
    const runner = memory.startRunner({
      host,
      instance: `${newInstanceId()}.${newInstanceId()}`,
      listener: { onOffer() {}, onControl() {}, onServing() {}, onConnection() {} },
    });
    runner.present({
      version: '0.0.0',
      running: [],
      actions: [deploy, wipe].map((action) => offeredActionSchema.parse(action)),
      publicKey: { kty: 'OKP', crv: 'X25519', x: keyOf(letter) },
    });
    onTestFinished(() => runner[Symbol.asyncDispose]());
    return runner;
  };
  const runners = [startRunner(DB, 'a'), startRunner(WEB, 'b')];
  const readableBy = createReadableBy(fleet);
  const caller: { role: Role; scopes: Scopes } = { role: 'operator', scopes: ALL_SCOPES };
  const app = createTestApp({
    routes: secretRoutes({
      ...{ bus, tasks, fleet, nowMs: () => 1_000 },
      readableOf: (c) => readableBy(principalOf(c).scopes),
    }),
    authorize: async (c, next) => {
      c.set('principal', { ...ANYBODY, subject: 'PNYOx4KFKhAG ada', ...caller });
      await next();
    },
  });
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await app.request(path, {
      method,
      headers: { host: 'localhost', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
    return { status: response.status, json: (await response.json()) as any };
  };
  const set = (name: string, ...targets: readonly object[]) =>
    ask('PUT', `/secrets/${name}`, { targets: targets.map((target) => ({ sealed, ...target })) });
  return { ask, set, bus, caller, runners, startRunner };
}

it('sets, lists and removes a secret, and says where its runner can no longer open it', async () => {
  const { ask, set, bus, runners, startRunner } = startHub();
  const keys = await ask('GET', '/secret-keys?selector=*');
  expect(keys.json.targets).toEqual([
    { host: DB, runnerKey: keyOf('a') },
    { host: WEB, runnerKey: keyOf('b') },
    { host: IDLE, runnerKey: null },
  ]);
  expect((await ask('GET', '/secret-keys?selector=')).json.targets).toEqual([]);
  expect((await ask('GET', '/secret-keys')).status).toBe(400);
  const both = keys.json.targets.slice(0, 2);
  expect(await set('token', ...both)).toEqual({ status: 200, json: { name: 'token', hosts: [DB, WEB] } });
  expect((await bus.read(WEB, ['token'])).get('token')?.sealed).toBe(sealed);

  await runners[1]?.leave();
  startRunner(WEB, 'c');
  const by = { setAtMs: 1_000, setBy: 'PNYOx4KFKhAG ada' };
  const listed = await ask('GET', '/secrets');
  expect(listed.json.secrets).toEqual([
    {
      name: 'token',
      targets: [
        { host: DB, runnerKey: keyOf('a'), ...by, state: 'usable' },
        { host: WEB, runnerKey: keyOf('b'), ...by, state: 'key_changed' },
      ],
    },
  ]);
  expect(await ask('DELETE', '/secrets/token?selector=role=web')).toMatchObject({ json: { hosts: [WEB] } });
  expect((await ask('DELETE', '/secrets/token?selector=')).status).toBe(404);
  expect(await ask('DELETE', '/secrets/token')).toMatchObject({ json: { hosts: [DB] } });
  expect((await ask('DELETE', '/secrets/token')).status).toBe(404);
  expect((await ask('GET', '/secrets')).json).toEqual({ secrets: [] });
});

it('refuses as a whole what it cannot use, and names the field', async () => {
  const { set, bus } = startHub();
  const good = { host: DB, runnerKey: keyOf('a') };
  const issueOf = async (name: string, ...targets: readonly object[]) => {
    const { status, json } = await set(name, ...targets);
    return [status, json.errors?.[0]?.pointer];
  };
  expect(await issueOf('token', good, { host: WEB, runnerKey: keyOf('a') })).toEqual([
    409,
    '/targets/1/runnerKey',
  ]);
  expect(await issueOf('token', good, { host: IDLE, runnerKey: keyOf('a') })).toEqual([
    409,
    '/targets/1/host',
  ]);
  expect(await issueOf('token', good, { host: '10.9.9.9', runnerKey: keyOf('a') })).toEqual([
    404,
    '/targets/1/host',
  ]);
  expect(await issueOf('token', good, good)).toEqual([400, '/targets/1/host']);
  expect(await issueOf('token', { ...good, sealed: 'in plain text' })).toEqual([400, '/targets/0/sealed']);
  expect(await issueOf('token')).toEqual([400, '/targets']);
  expect(await issueOf('Token', good)).toEqual([400, '/name']);
  expect(await bus.list()).toEqual([]);
  const full = Array.from({ length: MAX_SECRETS }, (_, index) => ({
    ...{ host: hostOf(`host-${index}`), sealed },
    runnerKey: keyOf('a'),
  }));
  await bus.put('others', full, { setAtMs: 1, setBy: null });
  expect(await set('token', good)).toMatchObject({ status: 409, json: { title: 'Too many secrets' } });
});

it('demands the rights to run the actions that receive a secret', async () => {
  const { ask, set, bus, caller } = startHub();
  const db = { host: DB, runnerKey: keyOf('a') };
  const web = { host: WEB, runnerKey: keyOf('b') };
  expect(await set('wipe-key', db)).toMatchObject({ status: 403, json: { title: 'Not allowed' } });
  caller.role = 'admin';
  expect((await set('wipe-key', db)).status).toBe(200);
  caller.role = 'operator';
  expect((await ask('DELETE', '/secrets/wipe-key')).status).toBe(403);

  caller.scopes = { ...ALL_SCOPES, hosts: [WEB] };
  expect((await ask('GET', '/secret-keys?selector=*')).json.targets).toEqual([web]);
  expect((await set('token', web, db)).status).toBe(403);
  expect((await ask('DELETE', '/secrets/wipe-key')).status).toBe(404);
  caller.scopes = { ...ALL_SCOPES, reads: 'role=web' };
  expect((await set('token', db)).status).toBe(404);
  expect((await ask('GET', '/secrets')).json.secrets).toEqual([]);
  caller.scopes = { ...ALL_SCOPES, actions: ['deploy'] };
  expect((await set('other', web)).status).toBe(403);
  expect((await set('token', web)).status).toBe(200);
  caller.scopes = { ...ALL_SCOPES, actions: ['restart'] };
  expect((await set('token', web)).status).toBe(403);
  expect((await bus.list()).map(({ name, host }) => `${name} ${host}`).sort()).toEqual([
    `token ${WEB}`,
    `wipe-key ${DB}`,
  ]);
});

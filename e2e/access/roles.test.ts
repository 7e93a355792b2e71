import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, type HubProcess, startHub } from '@booner/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, type MadeToken, makeToken } from './asking.ts';

const ORDER = ['nobody', 'viewer', 'operator', 'admin'] as const;
type Who = (typeof ORDER)[number];

/**
 * The least role that each route requires. A route of the reference that is missing here fails the
 * test: decide who may use it.
 */
const LEAST: Readonly<Record<string, Who>> = {
  'GET /metrics': 'viewer',
  'GET /healthz': 'nobody',
  'GET /readyz': 'nobody',
  'GET /auth': 'nobody',
  'POST /auth/session': 'nobody',
  'POST /auth/session/confirm': 'viewer',
  'DELETE /auth/session': 'viewer',
  'DELETE /auth/sessions': 'viewer',
  'POST /auth/tickets': 'viewer',
  'POST /auth/links': 'admin',
  'GET /auth/oidc/start': 'nobody',
  'GET /auth/oidc/callback': 'nobody',
  'GET /tokens': 'admin',
  'POST /tokens': 'admin',
  'DELETE /tokens/{id}': 'admin',
  'GET /audit': 'admin',
  'GET /system/status': 'viewer',
  'GET /system/history': 'viewer',
  'GET /history': 'viewer',
  'GET /history/blocks': 'viewer',
  'GET /history/backup': 'admin',
  'GET /history/export': 'viewer',
  'GET /history/stats': 'viewer',
  'GET /alerts': 'viewer',
  'POST /alerts/{id}/ack': 'operator',
  'POST /alert-links/acknowledge': 'nobody',
  'GET /alert-rules': 'viewer',
  'GET /alert-rules/{name}': 'viewer',
  'PUT /alert-rules/{name}': 'admin',
  'DELETE /alert-rules/{name}': 'admin',
  'POST /alert-rules/test': 'operator',
  'GET /silences': 'viewer',
  'POST /silences': 'operator',
  'DELETE /silences/{id}': 'operator',
  'GET /quiet-hours': 'viewer',
  'PUT /quiet-hours/{name}': 'admin',
  'DELETE /quiet-hours/{name}': 'admin',
  'GET /heartbeats': 'viewer',
  'PUT /heartbeats/{name}': 'admin',
  'DELETE /heartbeats/{name}': 'admin',
  'POST /heartbeats/{name}': 'nobody',
  'GET /alert-channels': 'viewer',
  'GET /alert-channels/{name}': 'viewer',
  'PUT /alert-channels/{name}': 'admin',
  'DELETE /alert-channels/{name}': 'admin',
  'POST /alert-channels/{name}/test': 'operator',
  'POST /alert-channels/{name}/subscriptions': 'operator',
  'DELETE /alert-channels/{name}/subscriptions': 'operator',
  'GET /alert-deliveries': 'viewer',
  'POST /alert-deliveries/{id}/retry': 'operator',
  'DELETE /alert-deliveries/{id}': 'operator',
  'GET /agents': 'viewer',
  'GET /ollama/tags': 'viewer',
  'GET /targets': 'viewer',
  'GET /targets/{host}': 'viewer',
  'GET /targets/{host}/history': 'viewer',
  'GET /targets/{host}/actions': 'viewer',
  'GET /targets/{host}/identity': 'viewer',
  'GET /identities': 'viewer',
  'GET /runners': 'viewer',
  'POST /targets': 'admin',
  'PATCH /targets/{host}': 'admin',
  'DELETE /targets/{host}': 'admin',
  'POST /targets/{host}/release': 'admin',
  'POST /targets/{host}/rotate': 'admin',
  'POST /enrol': 'nobody',
  'GET /install.sh': 'nobody',
  'GET /packages/SHA256SUMS': 'nobody',
  'GET /packages/SHA256SUMS.sig': 'nobody',
  'GET /packages/{file}': 'nobody',
  'GET /tasks': 'viewer',
  'POST /tasks': 'operator',
  'GET /tasks/{id}': 'viewer',
  'PATCH /tasks/{id}': 'operator',
  'POST /tasks/{id}/cancel': 'operator',
  'GET /tasks/{id}/artefacts/{name}': 'viewer',
  'GET /tasks/{id}/log': 'viewer',
  'GET /rollouts': 'viewer',
  'POST /rollouts': 'operator',
  'POST /rollouts/plan': 'operator',
  'GET /rollouts/{id}': 'viewer',
  'POST /rollouts/{id}/approve': 'operator',
  'POST /rollouts/{id}/cancel': 'operator',
  'POST /rollouts/{id}/pause': 'operator',
  'POST /rollouts/{id}/resume': 'operator',
  'POST /rollouts/{id}/retry-failed': 'operator',
  'POST /rollouts/{id}/rollback': 'operator',
  'GET /schedules': 'viewer',
  'GET /schedules/{name}': 'viewer',
  'PUT /schedules/{name}': 'operator',
  'DELETE /schedules/{name}': 'operator',
  'POST /schedules/{name}/pause': 'operator',
  'POST /schedules/{name}/resume': 'operator',
  'GET /hooks': 'viewer',
  'GET /hooks/{name}': 'viewer',
  'PUT /hooks/{name}': 'operator',
  'DELETE /hooks/{name}': 'operator',
  'POST /hooks/{name}': 'nobody',
  'POST /hooks/{name}/rotate': 'operator',
  'POST /hooks/{name}/pause': 'operator',
  'POST /hooks/{name}/resume': 'operator',
  'GET /secrets': 'viewer',
  'GET /secret-keys': 'operator',
  'PUT /secrets/{name}': 'operator',
  'DELETE /secrets/{name}': 'operator',
  'POST /game/deploy': 'operator',
  'POST /game/update': 'operator',
  'POST /game/start': 'operator',
  'POST /game/stop': 'operator',
  'POST /game/backup': 'operator',
  'POST /web/deploy': 'operator',
  'POST /web/update': 'operator',
  'POST /web/nginx': 'operator',
  'POST /web/monitoring': 'operator',
  'POST /infrastructure/task': 'operator',
};
/** Routes that the reference does not list. */
const UNDOCUMENTED: Readonly<Record<string, Who>> = {
  'GET /': 'nobody',
  'GET /docs': 'nobody',
  'GET /redoc': 'nobody',
  'GET /docs/start.js': 'nobody',
  'GET /openapi.json': 'nobody',
  'GET /ws/system/status': 'viewer',
  'GET /ws/tasks/updates': 'viewer',
  'GET /ws/alerts': 'viewer',
  'GET /acknowledge': 'nobody',
  'GET /no/such/thing': 'viewer',
  'POST /targets/{host}': 'viewer',
};

let hub: HubProcess;
const tokens = new Map<Who, string | undefined>([['nobody', undefined]]);
beforeAll(async () => {
  hub = await startHub({ auth: 'first' });
  for (const role of ORDER.slice(1)) tokens.set(role, (await makeToken(hub, { name: role, role })).token);
});
afterAll(() => hub[Symbol.asyncDispose]());

const concrete = (path: string) =>
  path.replace('{host}', '127.0.0.1').replace('{id}', 'V1StGXR8_Z5jdHi6B-myT').replace('{file}', 'x');

describe('a hub that requires sign-in', () => {
  it('allows each role exactly what is decided for each route of its reference', async () => {
    const { json } = await ask(hub, 'GET', '/openapi.json');
    const documented = Object.entries(json.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented.filter((route) => LEAST[route] === undefined)).toEqual([]);
    expect(documented.length).toBeGreaterThan(30);
    const wrong: string[] = [];
    for (const [route, least] of [
      ...documented.map((each) => [each, LEAST[each] as Who] as const),
      ...Object.entries(UNDOCUMENTED),
    ]) {
      const [method = '', path = ''] = route.split(' ');
      for (const who of ORDER) {
        const token = tokens.get(who);
        const { status } = await ask(hub, method, concrete(path), token === undefined ? {} : { token });
        const isAllowed = ORDER.indexOf(who) >= ORDER.indexOf(least);
        const refusal = who === 'nobody' ? 401 : 403;
        // A public route answers 401 only if the credential presented is invalid.
        const isRefused = status === refusal && !(isAllowed && least === 'nobody');
        if (isRefused === isAllowed) wrong.push(`${route}: ${who} got ${status}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('explains in its errors how to sign in, and which role is missing', async () => {
    const nobody = await ask(hub, 'GET', '/targets');
    expect(nobody.status).toBe(401);
    expect(nobody.headers.get('www-authenticate')).toBe('Bearer realm="booner"');
    expect(nobody.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const viewer = await ask(hub, 'POST', '/tasks', { token: tokens.get('viewer')!, body: {} });
    expect(viewer.json).toMatchObject({
      status: 403,
      detail: 'This needs the role operator. Yours is viewer.',
    });
  });

  it('grants no more rights than the caller has', async () => {
    const scoped = await makeToken(hub, { name: 'one host', role: 'admin', hosts: ['10.0.0.2'] });
    const make = (body: object) => ask(hub, 'POST', '/tokens', { token: scoped.token, body });
    expect((await make({ name: 'more', role: 'viewer' })).status).toBe(403);
    expect((await make({ name: 'more', role: 'viewer', hosts: ['10.0.0.2', '10.0.0.3'] })).status).toBe(403);
    expect((await make({ name: 'as much', role: 'viewer', hosts: ['10.0.0.2'] })).status).toBe(201);
    const link = await ask(hub, 'POST', '/auth/links', {
      token: scoped.token,
      body: { scopes: { hosts: null, actions: null } },
    });
    expect(link.status).toBe(403);
  });
});

describe('a token for some hosts and actions', () => {
  let scoped: MadeToken;
  beforeAll(async () => {
    const scopes = { hosts: ['127.0.0.1'], actions: ['ping', 'outside'] };
    scoped = await makeToken(hub, { name: 'pings', role: 'operator', ...scopes });
  });
  const start = (body: object, token = scoped.token) => ask(hub, 'POST', '/tasks', { token, body });
  const external = (action: string) => ({ host: '127.0.0.1', action, external: true, status: 'running' });

  it('starts only these', async () => {
    expect(
      (await start({ host: '127.0.0.1', action: 'ping', params: { host: 'localhost' } })).status,
    ).not.toBe(403);
    expect((await start(external('outside'))).status).toBe(202);
    const action = await start({ host: '127.0.0.1', action: 'countdown' });
    expect(action.status).toBe(403);
    expect(action.json).toMatchObject({
      title: 'Out of scope',
      detail: 'countdown is not among the actions of your token: ping, outside.',
      errors: [{ pointer: '/action', detail: 'is not within your actions' }],
    });
    const host = await start({ host: '10.0.0.9', action: 'ping' });
    expect(host.json).toMatchObject({ status: 403, errors: [{ pointer: '/host' }] });
    const other = await ask(hub, 'POST', '/game/deploy', {
      token: scoped.token,
      body: { target_host: '127.0.0.1' },
    });
    expect(other.json).toMatchObject({ status: 403, title: 'Out of scope' });
  });

  it('cancels and drives only these, and sees everything', async () => {
    const own = (await start(external('outside'), hub.adminToken)).json.task_id;
    const foreign = (await start(external('secret-work'), hub.adminToken)).json.task_id;
    const as = { token: scoped.token };
    expect((await ask(hub, 'GET', `/tasks/${foreign}`, as)).status).toBe(200);
    expect((await ask(hub, 'POST', `/tasks/${foreign}/cancel`, as)).json).toMatchObject({ status: 403 });
    expect((await ask(hub, 'PATCH', `/tasks/${foreign}`, { ...as, body: { progress: 5 } })).status).toBe(403);
    expect((await ask(hub, 'GET', `/tasks/${foreign}`, as)).json.status).toBe('running');
    expect((await ask(hub, 'PATCH', `/tasks/${own}`, { ...as, body: { progress: 5 } })).status).toBe(200);
    expect((await ask(hub, 'POST', `/tasks/${own}/cancel`, as)).status).toBe(202);
  });
});

it('lets only admins run an action reserved for them, even with a key that has created a task before', async () => {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'booner-actions-'));
  stack.defer(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'wipe.yaml'), 'name: wipe\nrole: admin\ncommand: ["true"]\n', {
    mode: 0o644,
  });
  const own = stack.use(await startHub({ auth: 'first', env: { BOONER_ACTIONS_DIR: directory } }));
  const { token } = await makeToken(own, { name: 'deploys', role: 'operator' });
  const start = (as: string) =>
    ask(own, 'POST', '/tasks', {
      token: as,
      body: { host: '127.0.0.1', action: 'wipe' },
      headers: { 'idempotency-key': 'the-same' },
    });
  await eventually(async () => (await start(own.adminToken)).status === 202, {
    what: 'the action to be offered',
  });
  const refused = await start(token);
  expect(refused.json).toMatchObject({ status: 403, detail: 'wipe of 127.0.0.1 needs the role admin.' });
  const { actions } = (await ask(own, 'GET', '/targets/127.0.0.1/actions', { token })).json as {
    actions: object[];
  };
  expect(actions).toMatchObject([{ name: 'wipe', role: 'admin' }]);
});

import { createHmac } from 'node:crypto';
import { createMemoryBus } from '@booner/bus/memory';
import {
  ALL_SCOPES,
  type Credential,
  type HostId,
  hostIdSchema,
  newCredential,
  offeredActionSchema,
  type Scopes,
} from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../access/audit-log.ts';
import { type Principal, principalOfCredential } from '../access/principal.ts';
import { rolloutCreator } from '../rollouts/create-rollout.ts';
import { sealingKeyOf } from '../sealing/seal.ts';
import type { SealingKey } from '../sealing/sealing-key.ts';
import { recordingLog } from '../testing/recording-log.ts';
import { createTestApp } from '../testing/test-app.ts';
import { ownerStarter } from '../triggers/start-as-owner.ts';
import { createDeliver } from './deliver.ts';
import { hookDeliveryRoutes } from './hook-delivery-routes.ts';
import { createHookLimits } from './hook-limits.ts';
import { hookRoutes } from './hook-routes.ts';
import { createHookSecrets } from './hook-secrets.ts';
import { KnownHooks } from './known-hooks.ts';

const HOST = hostIdSchema.parse('10.0.0.2');
const ACTION = offeredActionSchema.parse({
  ...{ name: 'web.deploy', schedulable: true, timeoutSeconds: 60 },
  parameters: [{ name: 'version', type: 'string', required: true }],
});
const OTHERS = [
  { ...ACTION, name: 'admin.wipe', role: 'admin' },
  { ...ACTION, name: 'manual', schedulable: false },
];
const HOOK = {
  ...{ action: 'web.deploy', host: HOST, fields: { version: '/after' } },
  when: { '/ref': 'refs/heads/main' },
};
const PUSH = { ref: 'refs/heads/main', after: 'c0ffee' };

const tokenOf = (name: string, scopes: Partial<Scopes> = {}, changes: Partial<Credential> = {}) => ({
  ...newCredential({
    ...{ kind: 'token', name, role: 'operator', expiresAtMs: null, createdBy: 'a test' },
    scopes: { ...ALL_SCOPES, ...scopes },
  }),
  ...changes,
});
const ADA = tokenOf('ada');
const BOB = tokenOf('bob');

/** Hubs that share a bus and a secret. Anybody may sign in as anybody, until a token is revoked. */
function startScene() {
  const memory = createMemoryBus();
  const [bus, rollouts] = [memory.startHooks(), memory.startRollouts()];
  const revoked = new Set<string>();
  const audited: AuditEvent[] = [];
  const startHub = (sealingKey: SealingKey = { ok: true, key: sealingKeyOf('a secret') }) => {
    let principal: Principal = principalOfCredential(ADA);
    const known = new Map([ADA, BOB].map((credential) => [credential.id, credential]));
    const { log } = recordingLog();
    const hooks = new KnownHooks(bus);
    const secrets = createHookSecrets(sealingKey);
    const audit = { record: (event: AuditEvent) => void audited.push(event) };
    const select = (request: { readonly selector: string }) =>
      request.selector === '' ? [] : ([HOST] as HostId[]);
    const presence = { actions: [ACTION, ...OTHERS] };
    const tasks = { readRunner: async () => ({ presence }), list: async () => ({ tasks: [] }) };
    const create = rolloutCreator({
      ...{
        bus: rollouts,
        tasks: tasks as never,
        secrets: memory.startSecrets(),
        onCreated: () => {},
        nowMs: Date.now,
      },
    });
    const creatorOf = async (id: string | null) => {
      const credential = id === null || revoked.has(id) ? undefined : known.get(id);
      return credential === undefined ? null : principalOfCredential(credential);
    };
    const start = ownerStarter({ create, creatorOf, select });
    const app = createTestApp({
      routes: [
        ...hookRoutes({
          ...{ bus, hooks, secrets, select, findActionIssue: async () => null, nowMs: Date.now },
          publicUrl: new URL('https://hub.example.org/'),
        }),
        ...hookDeliveryRoutes({
          ...{ hooks, secrets, audit, limits: createHookLimits(), nowMs: Date.now },
          deliver: createDeliver({ bus, start, audit, log, nowMs: Date.now }),
        }),
      ],
      authorize: async (c, next) => {
        if (c.get('accessRule').role !== null) c.set('principal', principal);
        await next();
      },
    });
    const ask = async (method: string, path: string, body?: unknown, as: Credential = ADA) => {
      known.set(as.id, as);
      principal = principalOfCredential(as);
      const answer = await app.request(path, {
        method,
        headers: { host: 'localhost', ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, json: text === '' ? null : JSON.parse(text) };
    };
    const deliver = async (
      { url, secret }: { readonly url: string; readonly secret: string },
      payload: unknown = PUSH,
      headers: Readonly<Record<string, string>> = {},
    ) => {
      const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
      const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
      const answer = await app.request(new URL(url).pathname, {
        method: 'POST',
        headers: {
          ...{ host: 'localhost', 'content-type': 'application/json', 'x-hub-signature-256': signature },
          ...headers,
        },
        body,
      });
      return { status: answer.status, json: JSON.parse(await answer.text()) };
    };
    return { ask, deliver };
  };
  return { bus, rollouts, revoked, audited, startHub };
}

describe('a hook', () => {
  it('shows its URL and secret once, and stores neither', async () => {
    const { bus, startHub } = startScene();
    const { ask } = startHub();
    const { status, json } = await ask('PUT', '/hooks/web', HOOK);
    expect([status, json.createdBy, json.issue, json.paused]).toEqual([200, `${ADA.id} ada`, null, null]);
    expect(json.url).toMatch(/^https:\/\/hub\.example\.org\/hooks\/bnk_[\w-]{43}$/);
    expect(json.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const again = await ask('PUT', '/hooks/web', { ...HOOK, auth: 'token' });
    expect(again.json).toMatchObject({ url: null, secret: null, hook: { auth: 'token' } });
    const stored = [...(await bus.readAll()).values()].map(({ text }) => text).join();
    const shown = JSON.stringify([await ask('GET', '/hooks'), await ask('GET', '/hooks/web')]);
    for (const hidden of [json.secret, json.url.split('/').at(-1)])
      expect([stored.includes(hidden), shown.includes(hidden)]).toEqual([false, false]);
    expect(shown).not.toMatch(/keySha256|sealed/);
  });

  it('has a new URL and secret with a new owner, who would else answer for what the old one sends', async () => {
    const { startHub, rollouts } = startScene();
    const { ask, deliver } = startHub();
    const first = (await ask('PUT', '/hooks/web', HOOK)).json;
    const kept = (await ask('PUT', '/hooks/web?keepKey=true', HOOK, BOB)).json;
    expect(kept).toMatchObject({ createdBy: `${BOB.id} bob`, url: null });
    const second = (await ask('PUT', '/hooks/web', HOOK)).json;
    const third = (await ask('POST', '/hooks/web/rotate', undefined, BOB)).json;
    expect(third).toMatchObject({ createdBy: `${BOB.id} bob` });
    for (const old of [
      first,
      second,
      { ...third, secret: second.secret },
      { ...second, secret: third.secret },
    ])
      expect((await deliver(old)).status).toBe(401);
    const { status, json } = await deliver(third);
    expect(status).toBe(202);
    expect((await rollouts.read(json.rollout_id))?.credentialId).toBe(BOB.id);
  });

  it('is not changed beyond the scopes of a token, nor owned by a session, and needs a sealing key', async () => {
    const { startHub } = startScene();
    const { ask } = startHub();
    await ask('PUT', '/hooks/web', { ...HOOK, host: undefined, selector: '*' });
    const scoped = tokenOf('scoped', { hosts: [HOST] });
    for (const [method, path, body] of [
      ['PUT', '/hooks/web', HOOK],
      ['PUT', '/hooks/other', { ...HOOK, host: undefined, selector: 'role=web' }],
      ['POST', '/hooks/web/rotate'],
      ['POST', '/hooks/web/pause'],
      ['DELETE', '/hooks/web'],
    ] as const)
      expect([method, (await ask(method, path, body, scoped)).status]).toEqual([method, 403]);
    expect((await ask('PUT', '/hooks/own', HOOK, scoped)).status).toBe(200);
    const session = tokenOf('browser', {}, { kind: 'session', parentId: null });
    expect((await ask('PUT', '/hooks/mine', HOOK, session)).status).toBe(409);
    expect((await ask('POST', '/hooks/web/rotate', undefined, session)).status).toBe(409);
    const keyless = startHub({ ok: false, reason: 'the file is empty' });
    expect((await keyless.ask('PUT', '/hooks/mine', HOOK)).json).toMatchObject({
      status: 409,
      detail: 'Secrets cannot be stored: the file is empty.',
    });
    expect((await ask('GET', '/hooks')).json.hooks.map(({ name }: { name: string }) => name)).toEqual([
      ...['own', 'web'],
    ]);
  });

  it.each([
    [{ ...HOOK, host: undefined }, '/selector'],
    [{ ...HOOK, fields: { Version: '/after' } }, '/fields/Version'],
    [{ ...HOOK, fields: { version: 'after' } }, '/fields/version'],
    [{ ...HOOK, params: { version: 'v1' } }, '/fields/version'],
    [{ ...HOOK, when: { ref: 'x' } }, '/when/ref'],
    [{ ...HOOK, when: { '/ref': ['x'] } }, '/when/~1ref'],
    [{ ...HOOK, secret: 'mine' }, '/secret'],
    [{ ...HOOK, approval: 'before' }, '/approval'],
  ])('points to what is wrong with %o', async (body, pointer) => {
    const { ask } = startScene().startHub();
    const { status, json } = await ask('PUT', '/hooks/web', body);
    expect([status, json.errors?.map((issue: { pointer: string }) => issue.pointer)]).toEqual([
      400,
      [pointer],
    ]);
  });

  it('is gone with its key and its deliveries once it is removed', async () => {
    const { startHub, bus } = startScene();
    const { ask, deliver } = startHub();
    const hook = (await ask('PUT', '/hooks/web', HOOK)).json;
    await deliver(hook);
    expect((await ask('DELETE', '/hooks/web')).status).toBe(204);
    expect((await deliver(hook)).status).toBe(401);
    expect(await bus.readDeliveries(['web'], 5)).toEqual([[]]);
    for (const [method, path] of [
      ['GET', '/hooks/web'],
      ['DELETE', '/hooks/web'],
      ['POST', '/hooks/web/rotate'],
      ['POST', '/hooks/web/pause'],
      ['GET', '/hooks/Bad_Name!'],
    ] as const)
      expect((await ask(method, path)).status).toBe(404);
  });
});

describe('a delivery', () => {
  it('starts one rollout, with the fields that are named and nothing else, and leaves a trace', async () => {
    const { startHub, rollouts, audited } = startScene();
    const [one, other] = [startHub(), startHub()];
    const hook = (await one.ask('PUT', '/hooks/web', HOOK)).json;
    const payload = { ...PUSH, action: 'admin.wipe', host: '10.0.0.9', params: { x: 1 }, selector: '*' };
    const id = { 'x-github-delivery': 'delivery-1' };
    const [first, replay] = [await one.deliver(hook, payload, id), await other.deliver(hook, payload, id)];
    expect(first).toMatchObject({ status: 202, json: { outcome: 'started' } });
    expect(replay).toEqual({ status: 202, json: { ...first.json, outcome: 'replayed' } });
    const rollout = await rollouts.read(first.json.rollout_id);
    expect(rollout).toMatchObject({
      ...{ hook: 'web', schedule: null, createdBy: `${ADA.id} ada`, hosts: [{ host: HOST }] },
      request: { action: 'web.deploy', params: { version: 'c0ffee' }, selector: `host=${HOST}` },
    });
    const { deliveries } = (await other.ask('GET', '/hooks/web')).json;
    expect(deliveries).toMatchObject([
      { id: 'delivery-1', outcome: 'replayed', rolloutId: rollout?.id },
      { id: 'delivery-1', outcome: 'started', rolloutId: rollout?.id },
    ]);
    expect((await one.ask('GET', '/hooks')).json.hooks[0].deliveries).toHaveLength(1);
    expect(audited).toMatchObject([
      { verb: 'hook.deliver', target: 'web', verdict: 'allowed', principal: { subject: `${ADA.id} ada` } },
    ]);
  });

  it('is the same one by its digest if its sender gives it no id', async () => {
    const { startHub } = startScene();
    const { ask, deliver } = startHub();
    const hook = (await ask('PUT', '/hooks/web', HOOK)).json;
    const ids = [PUSH, PUSH, { ...PUSH, after: 'decaf' }].map((push) => deliver(hook, push));
    const [first, same, other] = (await Promise.all(ids)).map(({ json }) => json.rollout_id);
    expect(same).toBe(first);
    expect(other).not.toBe(first);
  });

  it('is refused alike with an unknown key and a wrong signature, and too many are limited', async () => {
    const { startHub, audited } = startScene();
    const { ask, deliver } = startHub();
    const hook = (await ask('PUT', '/hooks/web', HOOK)).json;
    const unknown = await deliver({ ...hook, url: `https://hub.example.org/hooks/bnk_${'x'.repeat(43)}` });
    const wrong = await deliver({ ...hook, secret: 'whsec_AAAA' });
    expect(unknown).toEqual(wrong);
    expect(wrong.status).toBe(401);
    expect(audited).toMatchObject([{ target: 'web', verdict: 'denied', principal: null }]);
    for (let failure = 0; failure < 9; failure += 1) await deliver({ ...hook, secret: 'whsec_AAAA' });
    expect((await deliver({ ...hook, secret: 'whsec_AAAA' })).status).toBe(429);
    expect((await ask('GET', '/hooks/web')).json.deliveries).toEqual([]);
  });

  it('is refused if its body is too large or no JSON, whatever its signature', async () => {
    const { startHub } = startScene();
    const { ask, deliver } = startHub();
    const hook = (await ask('PUT', '/hooks/web', HOOK)).json;
    const large = JSON.stringify({ ...PUSH, more: 'x'.repeat(1024 * 1024) });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const [payload, headers, status] of [
      [large, {}, 413],
      [large, { 'content-length': `${large.length}` }, 413],
      ['{"ref":', {}, 400],
      ['payload=%7B%7D', form, 415],
      [PUSH, { 'x-github-delivery': 'x'.repeat(300) }, 400],
      [{ ref: PUSH.ref }, {}, 422],
      [{ ...PUSH, after: '--help' }, {}, 422],
      [{ ...PUSH, ref: 'refs/heads/other', more: 'x'.repeat(200_000) }, {}, 200],
    ] as const)
      expect((await deliver(hook, payload, headers)).status, JSON.stringify(payload).slice(0, 60)).toBe(
        status,
      );
  });

  it('has the rights of the owner, pauses the hook when these have ended, and tells its sender nothing', async () => {
    const { startHub, revoked } = startScene();
    const { ask, deliver } = startHub();
    const hook = (await ask('PUT', '/hooks/web', HOOK)).json;
    const wipe = (await ask('PUT', '/hooks/wipe', { ...HOOK, action: 'admin.wipe' })).json;
    const refused = await deliver(wipe);
    expect(refused).toMatchObject({
      ...{ status: 403, json: { detail: 'The hook started nothing. GET /hooks says why.' } },
    });
    expect((await ask('GET', '/hooks/wipe')).json).toMatchObject({
      paused: 'admin.wipe needs the role admin',
      deliveries: [{ outcome: 'refused', detail: 'admin.wipe needs the role admin', rolloutId: null }],
    });
    revoked.add(ADA.id);
    expect([(await deliver(hook)).status, (await deliver(hook)).status]).toEqual([403, 409]);
    expect((await ask('GET', '/hooks/web', undefined, BOB)).json.paused).toMatch(/credential .* has ended/);
    await ask('PUT', '/hooks/web?keepKey=true', HOOK, BOB);
    expect((await deliver(hook)).status).toBe(202);
  });

  it('needs the consent of the host, whose file may have changed since the hook was set', async () => {
    const { ask, deliver } = startScene().startHub();
    const hook = (await ask('PUT', '/hooks/web', { ...HOOK, action: 'manual' })).json;
    expect((await deliver(hook)).status).toBe(422);
    const { paused, deliveries } = (await ask('GET', '/hooks/web')).json;
    expect([paused, deliveries[0].detail]).toEqual([
      ...[null, expect.stringContaining('its file must say schedulable: true')],
    ]);
  });

  it('starts nothing while the hook is paused by a person, and with an empty selector', async () => {
    const { startHub } = startScene();
    const { ask, deliver } = startHub();
    const hook = (await ask('PUT', '/hooks/web', HOOK)).json;
    expect((await ask('POST', '/hooks/web/pause')).json.paused).toBe(`paused by ${ADA.id} ada`);
    expect((await deliver(hook)).status).toBe(409);
    await ask('POST', '/hooks/web/resume');
    expect((await deliver(hook)).json.outcome).toBe('started');
    const nobody = (await ask('PUT', '/hooks/nobody', { ...HOOK, host: undefined, selector: '' })).json;
    expect((await deliver(nobody)).status).toBe(422);
    expect((await ask('GET', '/hooks/nobody')).json.deliveries[0].detail).toMatch(/selects no target/);
  });

  it('cannot be checked by a hub with another sealing key, which says so', async () => {
    const { startHub } = startScene();
    const { ask } = startHub();
    const hook = (await ask('PUT', '/hooks/web', HOOK)).json;
    const other = startHub({ ok: true, key: sealingKeyOf('another secret') });
    expect((await other.deliver(hook)).status).toBe(503);
    expect((await other.ask('GET', '/hooks/web')).json.issue).toMatch(/BOONER_ALERT_SECRET_FILE/);
    expect((await ask('GET', '/hooks/web')).json.issue).toBeNull();
  });
});

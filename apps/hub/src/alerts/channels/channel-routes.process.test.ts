import type { AlertBus } from '@booner/bus';
import { createMemoryBus } from '@booner/bus/memory';
import { startReceiver } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { sealingKeyOf } from '../../sealing/seal.ts';
import type { SealingKey } from '../../sealing/sealing-key.ts';
import { createTestApp } from '../../testing/test-app.ts';
import { channelRoutes } from './channel-routes.ts';
import { openChannel, type StoredChannel, storedChannelSchema } from './stored-channel.ts';

const KEY = sealingKeyOf('a secret');
const EMAIL = {
  type: 'email',
  host: 'smtp.example.org',
  user: 'booner',
  password: 's3cr3t-w0rd',
  from: 'booner@example.org',
  to: ['ops@example.org'],
};
const PUSH = { type: 'web-push', subject: 'mailto:ops@example.org' };
const browser = (n: number) => ({
  endpoint: `https://push.example.org/send/${n}`,
  expirationTime: null,
  keys: { p256dh: 'B'.repeat(87), auth: 'a'.repeat(22) },
});

/** Settings as `AlertSettings` has them, over what hubs share. */
function createSettings(bus: Pick<AlertBus, 'readSettings'>) {
  let known: ReadonlyMap<string, StoredChannel> = new Map();
  return {
    isLoaded: false,
    channels: () => known,
    async read() {
      const stored = await bus.readSettings('channels');
      known = new Map([...stored].map(([name, value]) => [name, storedChannelSchema.parse(value)]));
      this.isLoaded = true;
    },
  };
}

/** Hubs that share channels. */
function startScene() {
  const bus = createMemoryBus().startAlerts();
  const stored = () => bus.readSettings('channels');
  const startHub = (sealingKey: SealingKey = { ok: true, key: KEY }) => {
    const notes: unknown[] = [];
    const settings = createSettings(bus);
    const deps = { bus, settings, sealingKey, hubUrl: 'https://hub.example.org/', version: '0.0.0' };
    const app = createTestApp({
      routes: channelRoutes(deps),
      authorize: async (c, next) => {
        await next();
        notes.push(c.get('auditNote'));
      },
    });
    const ask = async (method: string, path: string, body?: unknown) => {
      const response = await app.request(`/alert-channels${path}`, {
        method,
        headers: { host: 'localhost', 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
      return { status: response.status, json: (await response.json()) as any };
    };
    return { ask, notes };
  };
  const opened = async (name: string) => {
    const channel = storedChannelSchema.parse((await stored()).get(name));
    const outcome = await openChannel(channel, { name, key: KEY });
    return outcome.ok ? outcome.settings : null;
  };
  return { bus, stored, startHub, opened, ...startHub() };
}

describe('PUT /alert-channels/:name', () => {
  it('stores a channel with sealed secrets, and shows it without them on every hub', async () => {
    const scene = startScene();
    const { status, json } = await scene.ask('PUT', '/ops', EMAIL);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      name: 'ops',
      type: 'email',
      host: 'smtp.example.org',
      port: 587,
      secrets: ['password'],
      isDefault: true,
      issue: null,
    });
    expect(JSON.stringify([json, ...(await scene.stored()).values()])).not.toContain(EMAIL.password);
    expect(await scene.opened('ops')).toMatchObject({ password: EMAIL.password });
    const other = scene.startHub();
    expect((await other.ask('GET', '/ops')).json).toEqual(json);
    const { json: list } = await other.ask('GET', '');
    expect(list.channels).toEqual([json]);
    expect(list.types).toHaveLength(15);
    expect(scene.notes).toEqual([{ target: 'ops', detail: 'email' }]);
  });

  it('keeps secrets and `default` that are left out', async () => {
    const scene = startScene();
    await scene.ask('PUT', '/ops', { ...EMAIL, default: false });
    const { password: _, ...rest } = EMAIL;
    const { json } = await scene.ask('PUT', '/ops', { ...rest, to: ['night@example.org'] });
    expect(json).toMatchObject({ to: ['night@example.org'], secrets: ['password'], isDefault: false });
    expect(await scene.opened('ops')).toMatchObject({ password: EMAIL.password });
    expect((await scene.ask('PUT', '/ops', { ...rest, default: true })).json.isDefault).toBe(true);
    const moved = await scene.ask('PUT', '/ops', { ...rest, host: 'evil.example.org' });
    expect([moved.status, moved.json.errors]).toEqual([
      400,
      [{ pointer: '/password', detail: 'must be entered again, because host has changed' }],
    ]);
  });

  it('names the field of an issue and the remedy', async () => {
    const { ask } = startScene();
    for (const [name, body, pointer, detail] of [
      ['ops', { type: 'pigeon' }, '/type', /./],
      ['ops', { ...EMAIL, port: 0 }, '/port', /such as 587/],
      ['ops', { ...EMAIL, colour: 'red' }, '/colour', /is not a known field/],
      ['ops', { ...EMAIL, default: 'yes' }, '/default', /true or false/],
      ['Ops', EMAIL, '/name', /a-z/],
    ] as const) {
      const { status, json } = await ask('PUT', `/${name}`, body);
      expect([status, json.errors]).toEqual([400, [{ pointer, detail: expect.stringMatching(detail) }]]);
    }
  });

  it('stores no secrets on a hub without a key, and says why', async () => {
    const scene = startScene();
    await scene.ask('PUT', '/ops', EMAIL);
    const hub = scene.startHub({ ok: false, reason: '/state/alert-secret can neither be read nor created' });
    const { status, json } = await hub.ask('PUT', '/new', EMAIL);
    expect(status).toBe(409);
    expect(json.detail).toBe(
      'Secrets cannot be stored: /state/alert-secret can neither be read nor created.',
    );
    expect((await hub.ask('GET', '/ops')).json).toMatchObject({
      secrets: [],
      issue: '/state/alert-secret can neither be read nor created',
    });
    const webhook = { type: 'webhook', url: 'https://example.org/hook' };
    expect((await hub.ask('PUT', '/hook', webhook)).status).toBe(200);
    expect((await scene.ask('GET', '/hook')).json).toMatchObject({ issue: null });
  });

  it('has a bound', async () => {
    const { ask, bus, stored } = startScene();
    await ask('PUT', '/first', EMAIL);
    const first = (await stored()).get('first')!;
    for (let n = 1; n < 500; n++) await bus.putSetting('channels', `copy-${n}`, first, 500);
    expect((await ask('PUT', '/more', EMAIL)).json).toMatchObject({
      status: 409,
      title: 'Too many channels',
    });
    expect((await ask('PUT', '/first', EMAIL)).status).toBe(200);
  });
});

it('removes a channel', async () => {
  const { ask, stored } = startScene();
  await ask('PUT', '/ops', EMAIL);
  expect(await ask('DELETE', '/ops')).toEqual({ status: 200, json: { name: 'ops' } });
  expect((await stored()).size).toBe(0);
  for (const method of ['DELETE', 'GET']) expect((await ask(method, '/ops')).status).toBe(404);
});

describe('POST /alert-channels/:name/test', () => {
  it('sends a message now, and shows what the other side said', async () => {
    let code = 200;
    await using receiver = await startReceiver((response) => {
      response.statusCode = code;
      response.end('hello');
    });
    const { ask, notes } = startScene();
    await ask('PUT', '/ops', {
      type: 'webhook',
      url: receiver.url,
      secret: '0123456789',
      allowPrivate: true,
    });
    expect((await ask('POST', '/ops/test')).json).toEqual({
      outcomes: [{ type: 'delivered', answer: 'HTTP 200 hello' }],
    });
    expect(JSON.parse(receiver.requests[0]!.body.toString())).toMatchObject({
      kind: 'firing',
      url: 'https://hub.example.org/dashboard/alerts',
    });
    code = 403;
    expect((await ask('POST', '/ops/test')).json.outcomes).toMatchObject([{ type: 'rejected' }]);
    expect(notes.at(-1)).toEqual({ target: 'ops', detail: 'rejected' });
    expect((await ask('POST', '/none/test')).status).toBe(404);
  });

  it('closes the incident that it opens', async () => {
    await using receiver = await startReceiver();
    const { ask } = startScene();
    await ask('PUT', '/ops', { type: 'alertmanager', server: receiver.url, allowPrivate: true });
    expect((await ask('POST', '/ops/test')).json.outcomes).toHaveLength(2);
    expect(receiver.requests).toHaveLength(2);
  });

  it('is limited', async () => {
    await using receiver = await startReceiver();
    const { ask } = startScene();
    await ask('PUT', '/ops', { type: 'webhook', url: receiver.url, allowPrivate: true });
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask('POST', '/ops/test')));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(6).fill(200), 429, 429]);
    expect(receiver.requests).toHaveLength(6);
  });
});

describe('a channel of the type web-push', () => {
  it('gets keys by itself, and keeps them', async () => {
    const { ask, opened } = startScene();
    const { json } = await ask('PUT', '/push', PUSH);
    expect(json).toMatchObject({
      publicKey: expect.stringMatching(/^[\w-]{87}$/),
      secrets: ['privateKey', 'subscriptions'],
    });
    expect(json).not.toHaveProperty('privateKey');
    const before = await opened('push');
    const again = await ask('PUT', '/push', { ...PUSH, subject: 'mailto:night@example.org' });
    expect(again.json.publicKey).toBe(json.publicKey);
    expect(await opened('push')).toEqual({ ...before, subject: 'mailto:night@example.org' });
  });

  it('takes each browser once, and at most 50', async () => {
    const { ask, opened, startHub } = startScene();
    await ask('PUT', '/push', PUSH);
    const path = '/push/subscriptions';
    expect((await ask('POST', path, browser(1))).json).toEqual({ subscriptions: 1 });
    const renewed = { ...browser(1), keys: { ...browser(1).keys, auth: 'b'.repeat(22) } };
    expect((await startHub().ask('POST', path, renewed)).json).toEqual({ subscriptions: 1 });
    expect(await opened('push')).toMatchObject({ subscriptions: [{ keys: { auth: 'b'.repeat(22) } }] });
    await Promise.all(Array.from({ length: 49 }, (_, n) => ask('POST', path, browser(n + 2))));
    expect((await ask('POST', path, browser(51))).json).toMatchObject({
      status: 409,
      title: 'Too many subscriptions',
    });
    const { endpoint } = browser(7);
    expect((await ask('DELETE', path, { endpoint })).json).toEqual({ subscriptions: 49 });
    expect((await ask('DELETE', path, { endpoint })).json).toEqual({ subscriptions: 49 });
    expect((await ask('POST', path, browser(51))).json).toEqual({ subscriptions: 50 });
  });

  it('is the only one that browsers subscribe to', async () => {
    const { ask } = startScene();
    await ask('PUT', '/ops', EMAIL);
    expect((await ask('POST', '/ops/subscriptions', browser(1))).json).toMatchObject({
      status: 409,
      title: 'Not a push channel',
    });
    expect((await ask('POST', '/none/subscriptions', browser(1))).status).toBe(404);
    await ask('PUT', '/push', PUSH);
    const { json } = await ask('POST', '/push/subscriptions', {
      ...browser(1),
      endpoint: 'ftp://example.org',
    });
    expect(json.errors).toMatchObject([{ pointer: '/endpoint' }]);
  });
});

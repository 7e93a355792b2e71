import { createDecipheriv, createECDH, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { type ReceivedRequest, startReceiver } from '@booner/testkit';
import { compactVerify, importJWK } from 'jose';
import { expect, test } from 'vitest';
import { type ChannelSettings, channelSettingsSchema, sendNotification } from './channels.ts';
import { EXAMPLE_NOTIFICATION, RESOLVED_NOTIFICATION } from './testing/example-notification.ts';
import { EXAMPLE_SETTINGS } from './testing/example-settings.ts';
import { trialNotifications } from './trial-notifications.ts';
import { newVapidKeys } from './web-push.ts';

const DEPS = { version: '1.2.3', signal: new AbortController().signal };
const send = (settings: object, notification = EXAMPLE_NOTIFICATION) =>
  sendNotification(notification, channelSettingsSchema.parse(settings), DEPS);

test('a receiver verifies the signature of a webhook over the bytes that it received', async () => {
  await using receiver = await startReceiver();
  const secret = 'a-secret-that-both-know';
  const settings = { type: 'webhook', url: `${receiver.url}/hook`, secret, allowPrivate: true };
  expect(await send(settings)).toEqual({ type: 'delivered', answer: 'HTTP 200 ok' });
  await send(settings);
  const [first, second] = receiver.requests;
  const [algorithm, signature = ''] = String(first?.headers['x-booner-signature']).split('=');
  expect(algorithm).toBe('sha256');
  const expected = createHmac('sha256', secret).update(first!.body).digest();
  expect(timingSafeEqual(Buffer.from(signature, 'hex'), expected)).toBe(true);
  // A second attempt is the same request, so the receiver can drop it.
  expect(second?.headers['idempotency-key']).toBe('n-1');
  expect(second?.body.equals(first!.body)).toBe(true);
});

test('a private receiver is refused unless the channel allows it', async () => {
  await using receiver = await startReceiver();
  const outcome = await send({ type: 'gotify', server: receiver.url, token: 'AbCdEf123456789' });
  expect(outcome).toMatchObject({ type: 'rejected' });
  expect(receiver.requests).toEqual([]);
});

test('secrets are not in the outcome, wherever the receiver repeats them', async () => {
  await using receiver = await startReceiver((response, { path, headers }) =>
    response.writeHead(404).end(`no ${path} for ${headers.authorization}`),
  );
  const url = `${receiver.url}/services/T00000000/B00000000/XXXXXXXX`;
  expect(await send({ type: 'slack', url, allowPrivate: true })).toEqual({
    type: 'rejected',
    answer: 'HTTP 404 no /[redacted]/[redacted]/[redacted]/[redacted] for undefined',
  });
  const ntfy = { type: 'ntfy', server: receiver.url, topic: 'ops', token: 'tk_abcdef', allowPrivate: true };
  expect((await send(ntfy)).answer).toBe('HTTP 404 no / for Bearer [redacted]');
});

test('an Apprise API without a configuration is a refusal, although it answers 204', async () => {
  await using receiver = await startReceiver((response) => response.writeHead(204).end());
  expect(await send({ type: 'apprise', server: receiver.url, key: 'ops', allowPrivate: true })).toEqual({
    type: 'rejected',
    answer: 'HTTP 204: the Apprise API has no configuration under this key',
  });
});

/** Keys of a browser that subscribed. */
function newBrowser() {
  const ecdh = createECDH('prime256v1');
  const p256dh = ecdh.generateKeys('base64url');
  const auth = Buffer.alloc(16, 7);
  return { ecdh, auth, keys: { p256dh, auth: auth.toString('base64url') } };
}

/** Decrypts a push as a browser does: RFC 8291 over RFC 8188, in one record. */
function decryptPush({ body }: ReceivedRequest, { ecdh, auth }: ReturnType<typeof newBrowser>): unknown {
  const salt = body.subarray(0, 16);
  const senderKey = body.subarray(21, 21 + body[20]!);
  const sealed = body.subarray(21 + body[20]!);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), ecdh.getPublicKey(), senderKey]);
  const secret = Buffer.from(hkdfSync('sha256', ecdh.computeSecret(senderKey), auth, info, 32));
  const derive = (name: string, length: number) =>
    Buffer.from(hkdfSync('sha256', secret, salt, `Content-Encoding: ${name}\0`, length));
  const decipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
  decipher.setAuthTag(sealed.subarray(-16));
  const padded = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  return JSON.parse(padded.subarray(0, padded.lastIndexOf(2)).toString());
}

const webPushSettings = async (endpoints: readonly string[], browser: ReturnType<typeof newBrowser>) => ({
  type: 'web-push',
  subject: 'mailto:ops@example.org',
  ...(await newVapidKeys()),
  subscriptions: endpoints.map((endpoint) => ({ endpoint, keys: browser.keys })),
  allowPrivate: true,
});

test('a browser decrypts a push, whose sender the push service can verify', async () => {
  await using service = await startReceiver((response) => response.writeHead(201).end());
  const browser = newBrowser();
  const settings = await webPushSettings([`${service.url}/push/abcdefgh`], browser);
  expect(await send(settings)).toEqual({ type: 'delivered', answer: '1 of 1 browsers' });
  await send(settings);
  const [request, repeated] = service.requests;
  expect(decryptPush(request!, browser)).toEqual({
    tag: 'n-1',
    title: '[crit] Disk usage on db-1',
    body: '• db-1 (10.0.0.2): 93 % (over 90 %), since 2026-11-30 14:02 UTC ▂▃▅▇\nThe disk /var is filling up.',
    url: 'https://hub.example.org/targets/10.0.0.2?at=1',
    acknowledgeUrl: 'https://hub.example.org/ack/abc',
  });
  expect(request?.headers).toMatchObject({ ttl: '86400', urgency: 'high', 'content-encoding': 'aes128gcm' });
  expect(request?.headers.topic).toMatch(/^[\w-]{32}$/);
  expect(repeated?.headers.topic).toBe(request?.headers.topic);

  const [, token = '', key = ''] =
    /^vapid t=([^,]+), k=(.+)$/.exec(String(request?.headers.authorization)) ?? [];
  expect(key).toBe(settings.publicKey);
  const point = Buffer.from(key, 'base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'));
  const publicKey = await importJWK({ kty: 'EC', crv: 'P-256', x: x!, y: y! }, 'ES256');
  const { payload } = await compactVerify(token, publicKey);
  expect(JSON.parse(new TextDecoder().decode(payload))).toMatchObject({
    aud: service.url,
    sub: 'mailto:ops@example.org',
  });
});

test('a browser that is gone does not hold up the others', async () => {
  await using service = await startReceiver((response, { path }) =>
    response.writeHead(path === '/gone' ? 410 : path === '/busy' ? 503 : 201).end(),
  );
  const [gone, busy, here] = ['/gone', '/busy', '/here'].map((path) => `${service.url}${path}`);
  const to = async (...endpoints: (string | undefined)[]) =>
    send(await webPushSettings(endpoints as string[], newBrowser()));
  expect(await to(gone, here)).toEqual({
    type: 'delivered',
    answer: '1 of 2 browsers; another said: HTTP 410',
  });
  expect(await to(gone)).toEqual({ type: 'rejected', answer: 'HTTP 410' });
  expect(await to(busy, here)).toMatchObject({ type: 'retry', answer: 'HTTP 503' });
  expect(await to()).toMatchObject({ type: 'rejected', answer: expect.stringContaining('subscribe one') });
});

test('a push has at most 4096 bytes, whatever is in it', async () => {
  await using service = await startReceiver();
  const url = `https://hub.example.org/${'x'.repeat(970)}`;
  const text = '"\n'.repeat(3000);
  const notification = { ...EXAMPLE_NOTIFICATION, title: text.slice(0, 300), text, url, acknowledgeUrl: url };
  await send(await webPushSettings([service.url], newBrowser()), notification);
  expect(service.requests[0]?.body.byteLength).toBeLessThanOrEqual(4096);
  expect(service.requests[0]?.body.byteLength).toBeGreaterThan(3000);
});

test('a key that no browser has is a refusal', async () => {
  await using service = await startReceiver();
  const browser = newBrowser();
  const keys = { ...browser.keys, p256dh: 'A'.repeat(87) };
  const settings = await webPushSettings([service.url], { ...browser, keys });
  expect(await send(settings)).toMatchObject({ type: 'rejected' });
  expect(service.requests).toEqual([]);
});

test('a test of a channel is one message, and closes the incident that it opens', () => {
  const trial = { id: 'trial-1', url: 'https://hub.example.org/channels', at: new Date(0) };
  const kindsOf = (settings: unknown) => {
    const sent = trialNotifications(channelSettingsSchema.parse(settings) as ChannelSettings, trial);
    return sent.map(({ id, episode, kind }) => [id, episode, kind]);
  };
  expect(kindsOf(EXAMPLE_SETTINGS.slack)).toEqual([['trial-1', 'trial-1', 'firing']]);
  expect(kindsOf(EXAMPLE_SETTINGS.pagerduty)).toEqual([
    ['trial-1', 'trial-1', 'firing'],
    ['trial-1.resolved', 'trial-1', 'resolved'],
  ]);
});

test('a resolved push is less urgent', async () => {
  await using service = await startReceiver((response) => response.writeHead(201).end());
  await send(await webPushSettings([`${service.url}/push`], newBrowser()), RESOLVED_NOTIFICATION);
  expect(service.requests[0]?.headers.urgency).toBe('normal');
});

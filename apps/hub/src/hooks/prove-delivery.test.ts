import { createHash, createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { newSigningSecret } from './hook-secrets.ts';
import { deliveryIdOf, proveDelivery } from './prove-delivery.ts';

const SECRET = newSigningSecret();
const BODY = Buffer.from('{"ref":"refs/heads/main"}');
const NOW_MS = Date.parse('2026-06-01T00:00:00Z');
const NOW_SECONDS = `${NOW_MS / 1000}`;

const hubSignature = (secret = SECRET, body = BODY) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
const standardSignature = (id: string, seconds = NOW_SECONDS, secret = SECRET) => {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${BODY}`).digest('base64')}`;
};
const standard = (id: string, signature: string, seconds = NOW_SECONDS) => ({
  ...{ 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signature },
});
const received = (headers: Readonly<Record<string, string>>) => ({
  ...{ header: (name: string) => headers[name], body: BODY, nowMs: NOW_MS },
});
const prove = (headers: Readonly<Record<string, string>>, auth: 'signature' | 'token' = 'signature') =>
  proveDelivery(received(headers), { secret: SECRET, auth });

it('accepts the example of the documentation of GitHub', () => {
  const delivery = {
    header: (name: string) =>
      name === 'x-hub-signature-256'
        ? 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'
        : undefined,
    body: Buffer.from('Hello, World!'),
    nowMs: NOW_MS,
  };
  const secret = "It's a Secret to Everybody";
  expect(proveDelivery(delivery, { secret, auth: 'signature' })).toEqual({ signedId: null });
});

it('accepts the example of Standard Webhooks, whose signature covers the id', () => {
  const headers: Readonly<Record<string, string>> = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };
  const delivery = {
    header: (name: string) => headers[name],
    body: Buffer.from('{"test": 2432232314}'),
    nowMs: 1614265330_000,
  };
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  expect(proveDelivery(delivery, { secret, auth: 'signature' })).toEqual({
    signedId: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  });
});

it.each<Readonly<Record<string, string>>>([
  {},
  { 'x-hub-signature-256': hubSignature(newSigningSecret()) },
  { 'x-hub-signature-256': hubSignature(SECRET, Buffer.from('{}')) },
  { 'x-hub-signature-256': hubSignature().slice('sha256='.length) },
  { 'x-hub-signature-256': 'sha256=' },
  { 'x-hub-signature': hubSignature() },
  standard('a', standardSignature('b')),
  standard('a', standardSignature('a', NOW_SECONDS, newSigningSecret())),
  standard('a', standardSignature('a').replace('v1', 'v2')),
  standard('a', ''),
  standard('a', standardSignature('a'), `${Number(NOW_SECONDS) + 1}`),
  standard('a', standardSignature('a', `${Number(NOW_SECONDS) - 301}`), `${Number(NOW_SECONDS) - 301}`),
  standard('a', standardSignature('a', `${Number(NOW_SECONDS) + 301}`), `${Number(NOW_SECONDS) + 301}`),
  standard('a', standardSignature('a', 'NaN'), 'NaN'),
  { 'x-gitlab-token': SECRET },
])('accepts no other signature, and no token unless the hook allows it: %o', (headers) => {
  expect(prove(headers)).toBeNull();
});

it('accepts one of several signatures, an old time within the tolerance, and a token where it is allowed', () => {
  const old = `${Number(NOW_SECONDS) - 299}`;
  const two = `${standardSignature('a', old, newSigningSecret())} ${standardSignature('a', old)}`;
  expect(prove(standard('a', two, old))).toEqual({ signedId: 'a' });
  expect(prove({ 'x-gitlab-token': SECRET }, 'token')).toEqual({ signedId: null });
  expect(prove({ 'x-gitlab-token': `${SECRET}x` }, 'token')).toBeNull();
  expect(prove({ 'x-gitlab-token': '' }, 'token')).toBeNull();
});

it.each([
  [{ 'x-github-delivery': 'one', 'idempotency-key': 'two' }, null, 'one'],
  [{ 'idempotency-key': 'two', 'x-gitlab-event-uuid': 'shared' }, null, 'two'],
  [{ 'x-gitlab-event-uuid': 'three' }, null, 'three'],
  [{ 'x-github-delivery': 'forged' }, 'signed', 'signed'],
  [{ 'x-github-delivery': '' }, null, null],
  [{ 'x-github-delivery': 'x'.repeat(256) }, null, null],
  [{ 'x-github-delivery': 'ä' }, null, null],
  [{}, null, `sha256:${createHash('sha256').update(BODY).digest('hex')}`],
])('takes the id that is signed, else that of the sender, else the digest: %o', (headers, signedId, id) => {
  expect(deliveryIdOf(received(headers), { signedId })).toBe(id);
});

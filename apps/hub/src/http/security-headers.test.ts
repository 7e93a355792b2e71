import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { recognizeClient } from './client-address.ts';
import { securityHeaders } from './security-headers.ts';
import { parseTrustedProxies } from './trusted-proxies.ts';

async function policyOf(path: string) {
  const app = new Hono().use(securityHeaders()).all('*', (c) => c.text('in'));
  const { headers } = await app.request(path);
  return (headers.get('content-security-policy') ?? '').split('; ').sort();
}

const STRICT = [
  "base-uri 'none'",
  "connect-src 'self'",
  "default-src 'none'",
  "font-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "img-src 'self' data:",
  "manifest-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
];

it.each(['/', '/dashboard/tasks', '/assets/a.js', '/targets', '/docsy'])(
  'no page runs or shows what stands in it: %s',
  async (path) => {
    expect(await policyOf(path)).toEqual(STRICT);
  },
);

it.each(['/docs', '/docs/start.js'])('the reference alone may style its elements: %s', async (path) => {
  const styled = STRICT.map((part) => (part.startsWith('style') ? `${part} 'unsafe-inline'` : part));
  expect(await policyOf(path)).toEqual(styled);
});

it('tells browsers to guess no types, to be framed by nobody, and to tell no other site where they were', async () => {
  const app = new Hono().use(securityHeaders()).get('/', (c) => c.text('in'));
  const { headers } = await app.request('/');
  expect(Object.fromEntries(headers)).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'x-permitted-cross-domain-policies': 'none',
    'permissions-policy': expect.stringContaining('camera=(), microphone=(), geolocation=()'),
  });
  expect(headers.has('strict-transport-security')).toBe(false);
});

it('has no cache keep an answer that says nothing of caches', async () => {
  const app = new Hono().use(securityHeaders());
  app.get('/api', (c) => c.json({}));
  app.get('/asset', (c) => c.body('', 200, { 'cache-control': 'public, max-age=60' }));
  expect((await app.request('/api')).headers.get('cache-control')).toBe('no-store');
  expect((await app.request('/nowhere')).headers.get('cache-control')).toBe('no-store');
  expect((await app.request('/asset')).headers.get('cache-control')).toBe('public, max-age=60');
});

it('has who came over TLS come so again, be it to a trusted proxy, and nobody else', async () => {
  const app = new Hono<{ Bindings: object }>();
  app.use(recognizeClient(parseTrustedProxies('127.0.0.1'))).use(securityHeaders());
  app.get('/', (c) => c.text('in'));
  const hstsOf = async (socket: object, headers: Record<string, string> = {}) =>
    (await app.request('/', { headers }, { incoming: { socket } })).headers.get('strict-transport-security');
  const overTls = { 'x-forwarded-proto': 'https' };
  expect(await hstsOf({ remoteAddress: '192.0.2.1', encrypted: true })).toBe('max-age=15552000');
  expect(await hstsOf({ remoteAddress: '127.0.0.1' }, overTls)).toBe('max-age=15552000');
  expect(await hstsOf({ remoteAddress: '192.0.2.1' }, overTls)).toBeNull();
});

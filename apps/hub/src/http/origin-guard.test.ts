import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { recognizeClient } from './client-address.ts';
import { guardOrigin } from './origin-guard.ts';
import { parseTrustedProxies } from './trusted-proxies.ts';

const app = new Hono();
app.use(guardOrigin({ allowedOrigins: ['https://status.example.org'], hostNames: ['hub-1'] }));
app.get('/', (c) => c.text('in'));
const statusOf = async (headers: Record<string, string>) => (await app.request('/', { headers })).status;

describe('the guard of hosts and origins', () => {
  it.each([
    'localhost:8000',
    '127.0.0.1',
    '10.0.0.1:8000',
    '[::1]:8000',
    'hub-1:8000',
    'HUB-1',
    'a.localhost',
    'status.example.org',
  ])('knows the host %s', async (host) => expect(await statusOf({ host })).toBe(200));

  it.each([
    'evil.example',
    'evil.example:8000',
    'localhost.evil.example',
    'a@localhost',
    'local host',
    '127.0.0.1.evil.example',
    '',
  ])('refuses the host %j: a name that was pointed at this hub', async (host) =>
    expect(await statusOf({ host })).toBe(403),
  );

  it('allows pages of its own origin, of a listed one, and requests without an origin', async () => {
    expect(await statusOf({ host: 'localhost:8000', origin: 'http://localhost:8000' })).toBe(200);
    expect(await statusOf({ host: 'localhost:8000', origin: 'https://status.example.org' })).toBe(200);
  });

  it.each([
    'http://evil.example',
    'null',
    'http://localhost:9000',
    'https://status.example.org:444',
    'garbage',
  ])('refuses pages of %s', async (origin) =>
    expect(await statusOf({ host: 'localhost:8000', origin })).toBe(403),
  );
});

describe('behind a trusted proxy', () => {
  const proxied = new Hono<{ Bindings: object }>();
  proxied.use(recognizeClient(parseTrustedProxies('127.0.0.1')));
  proxied.use(
    guardOrigin({ allowedOrigins: [], hostNames: ['hub-1'], publicOrigin: 'https://hub.example.org' }),
  );
  proxied.get('/', (c) => c.text('in'));
  const env = (from: string) => ({ incoming: { socket: { remoteAddress: from } } });
  const statusFrom = async (from: string, headers: Record<string, string>) =>
    (await proxied.request('/', { headers }, env(from))).status;
  const forwarded = (host: string, origin: string, proto = 'https') => ({
    host: '127.0.0.1:8000',
    origin,
    'x-forwarded-host': host,
    'x-forwarded-proto': proto,
  });

  it('its own pages are those of the name and the scheme that the proxy names', async () => {
    const own = forwarded('10.0.0.1:8443', 'https://10.0.0.1:8443');
    expect(await statusFrom('127.0.0.1', own)).toBe(200);
    expect(await statusFrom('192.0.2.1', own)).toBe(403);
    const plain = forwarded('10.0.0.1', 'http://10.0.0.1');
    expect(await statusFrom('127.0.0.1', plain)).toBe(403);
    expect(await statusFrom('127.0.0.1', { ...plain, 'x-forwarded-proto': 'http' })).toBe(200);
  });

  it('a name that it is not known by is foreign wherever it stands', async () => {
    const named = forwarded('evil.example', 'https://evil.example');
    expect(await statusFrom('127.0.0.1', named)).toBe(403);
    const passedOn = { host: 'evil.example', origin: 'http://evil.example', 'x-forwarded-host': 'localhost' };
    expect(await statusFrom('127.0.0.1', passedOn)).toBe(403);
  });

  it('the public URL names the hub and its pages, also where the proxy says nothing', async () => {
    const silent = { host: 'hub.example.org', origin: 'https://hub.example.org' };
    expect(await statusFrom('192.0.2.1', silent)).toBe(200);
    expect(await statusFrom('192.0.2.1', { ...silent, host: 'hub-1:8000' })).toBe(200);
    expect(await statusFrom('192.0.2.1', { ...silent, origin: 'https://hub.example.org.evil.example' })).toBe(
      403,
    );
  });
});

it('a page that came over TLS is its own where nothing is known of TLS, and of another scheme it is not', async () => {
  expect(await statusOf({ host: 'localhost', origin: 'https://localhost' })).toBe(200);
  expect(await statusOf({ host: 'localhost:443', origin: 'https://localhost' })).toBe(200);
  expect(await statusOf({ host: 'localhost', origin: 'ftp://localhost' })).toBe(403);
});

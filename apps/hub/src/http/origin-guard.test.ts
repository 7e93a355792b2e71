import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { guardOrigin } from './origin-guard.ts';

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

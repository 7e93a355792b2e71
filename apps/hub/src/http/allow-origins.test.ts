import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { allowOrigins } from './allow-origins.ts';

const SITE = 'https://status.example.org';

const ask = (origin: string | undefined, method = 'GET') => {
  const app = new Hono().use(allowOrigins([SITE])).get('/', (c) => c.json({}, 200, { vary: 'Accept' }));
  const headers = { ...(origin === undefined ? {} : { origin }), 'access-control-request-method': 'GET' };
  return app.request('/', { method, headers });
};

it('lets pages of an allowed site read answers, with cookies', async () => {
  const { headers } = await ask(SITE);
  expect(headers.get('access-control-allow-origin')).toBe(SITE);
  expect(headers.get('access-control-allow-credentials')).toBe('true');
});

it.each(['https://other.example.org', 'null', undefined])(
  'lets no other page read them: %s',
  async (origin) => {
    const { headers } = await ask(origin);
    expect(headers.has('access-control-allow-origin')).toBe(false);
    expect(headers.has('access-control-allow-credentials')).toBe(false);
  },
);

it('tells caches that answers depend on the origin', async () => {
  for (const origin of [SITE, undefined]) {
    expect((await ask(origin)).headers.get('vary')).toBe('Accept, Origin');
  }
});

it('answers preflights of allowed sites', async () => {
  const allowed = await ask(SITE, 'OPTIONS');
  expect(allowed.status).toBe(204);
  expect(allowed.headers.get('access-control-allow-origin')).toBe(SITE);
  expect(allowed.headers.get('access-control-allow-methods')).toContain('POST');
  const other = await ask('https://other.example.org', 'OPTIONS');
  expect(other.headers.has('access-control-allow-origin')).toBe(false);
});

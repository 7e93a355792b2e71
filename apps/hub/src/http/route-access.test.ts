import type { Context } from 'hono';
import { expect, it } from 'vitest';
import { createTestApp } from '../testing/test-app.ts';
import { type AccessRule, PUBLIC, route, serve } from './route.ts';

const VIEWER: AccessRule = { role: 'viewer' };
const get = (path: string, access: AccessRule) =>
  serve(route({ method: 'get', path, access }), (c) => c.text('served'));
const routes = [
  get('/open', PUBLIC),
  get('/things/{id}', VIEWER),
  get('/overlap/{id}', PUBLIC),
  get('/overlap/*', { role: 'operator', verb: 'overlap' }),
];

/** The access rule by which a request is decided. */
async function ruleOf(path: string, method = 'GET') {
  const app = createTestApp({ routes, authorize: async (c: Context) => c.json(c.get('accessRule')) });
  app.get('/undeclared', (c) => c.text('served'));
  app.all('/undeclared/*', (c) => c.text('served'));
  const answer = await app.request(path, { method, headers: { host: 'localhost' } });
  return answer.json();
}

it('is the rule that the route declares, for a HEAD too', async () => {
  expect(await ruleOf('/open')).toEqual(PUBLIC);
  expect(await ruleOf('/things/1')).toEqual(VIEWER);
  const app = createTestApp({
    routes,
    authorize: async (c) => c.body(null, { status: 204, headers: { role: `${c.get('accessRule').role}` } }),
  });
  const head = await app.request('/things/1', { method: 'HEAD', headers: { host: 'localhost' } });
  expect(head.headers.get('role')).toBe('viewer');
});

it('is the strictest rule if several routes match', async () => {
  expect(await ruleOf('/overlap/1')).toEqual({ role: 'operator', verb: 'overlap' });
});

it('is admin for routes that were registered without a declaration', async () => {
  for (const path of ['/undeclared', '/undeclared/below'])
    expect(await ruleOf(path)).toEqual({ role: 'admin' });
});

it('is viewer if no route matches, so that only clients who are signed in learn that', async () => {
  for (const [path, method] of [
    ['/nowhere', 'GET'],
    ['/open', 'POST'],
    ['/things/1/more', 'GET'],
  ] as const) {
    expect(await ruleOf(path, method)).toEqual(VIEWER);
  }
});

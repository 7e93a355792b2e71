import type { MiddlewareHandler } from 'hono';
import { expect, it } from 'vitest';
import { createTestApp } from '../testing/test-app.ts';
import { problem } from './problem.ts';
import { type AccessRule, PUBLIC, route, serve } from './route.ts';

it('leaves the body of a rejected request unread', async () => {
  const authorize: MiddlewareHandler = async (c) => problem(c, 401, 'Not signed in', 'Sign in.');
  const app = createTestApp({ authorize, routes: [] });
  let pulls = 0;
  const body = new ReadableStream(
    {
      pull: (controller) => {
        pulls += 1;
        controller.enqueue(new Uint8Array(1024));
      },
    },
    { highWaterMark: 0 },
  );
  const init = { method: 'POST', headers: { host: 'localhost' }, body, duplex: 'half' };
  expect([(await app.request('/tokens', init as RequestInit)).status, pulls]).toEqual([401, 0]);
});

it('is 4 KiB on public routes, 256 KiB on others, or what a route says', async () => {
  const app = (access: AccessRule) =>
    createTestApp({
      routes: [serve(route({ method: 'post', path: '/x', access }), async (c) => c.text(await c.req.text()))],
    });
  for (const [access, kib, status] of [
    [PUBLIC, 4, 200],
    [PUBLIC, 5, 413],
    [{ ...PUBLIC, maxBodyKib: 8 }, 8, 200],
    [{ ...PUBLIC, maxBodyKib: 8 }, 9, 413],
    [{ role: 'viewer' }, 256, 200],
    [{ role: 'viewer' }, 257, 413],
  ] as const) {
    const text = 'x'.repeat(kib * 1024);
    for (const length of [{}, { 'content-length': `${text.length}` }]) {
      const headers = { host: 'localhost', ...length };
      const answer = await app(access).request('/x', { method: 'POST', headers, body: text });
      expect([kib, answer.status]).toEqual([kib, status]);
    }
  }
});

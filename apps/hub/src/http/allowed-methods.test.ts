import { expect, it } from 'vitest';
import { createTestApp } from '../testing/test-app.ts';
import { PUBLIC, route, serve } from './route.ts';

const declared = [
  ['get', '/things'],
  ['post', '/things'],
  ['patch', '/things/{id}'],
  ['get', '/pages/*'],
] as const;
const routes = declared.map(([method, path]) =>
  serve(route({ method, path, access: PUBLIC }), (c) => (path === '/pages/*' ? c.notFound() : c.text('ok'))),
);
const app = createTestApp({ routes });
const ask = (method: string, path: string) => app.request(path, { method, headers: { host: 'localhost' } });

it.each([
  ['PUT', '/things', 'GET, HEAD, POST'],
  ['DELETE', '/things', 'GET, HEAD, POST'],
  ['GET', '/things/1', 'PATCH'],
  ['HEAD', '/things/1', 'PATCH'],
  ['POST', '/pages/some/where', 'GET, HEAD'],
])('answers 405 to %s %s and lists what is allowed there', async (method, path, allow) => {
  const answer = await ask(method, path);
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
  if (method === 'HEAD') return;
  expect(await answer.json()).toMatchObject({ status: 405, detail: expect.stringContaining(allow) });
});

it('answers 404 where there is nothing', async () => {
  for (const [method, path] of [
    ['GET', '/nothing'],
    ['PUT', '/things/1/parts'],
    ['GET', '/pages/of-nobody'],
  ] as const) {
    const answer = await ask(method, path);
    expect([answer.status, answer.headers.get('allow')]).toEqual([404, null]);
  }
});

import { z } from '@hono/zod-openapi';
import { expect, it } from 'vitest';
import { createTestApp } from '../testing/test-app.ts';
import { jsonAnswer, wholeNumber } from './openapi.ts';
import { PUBLIC, type Routes, route, serve } from './route.ts';

const HEADERS = { host: 'localhost' };
const thingRoute = route({
  method: 'post',
  path: '/things/{id}/parts',
  access: { role: 'operator', verb: 'part.add' },
  summary: 'Add a part',
  tag: 'things',
  request: {
    params: z.object({ id: z.string() }),
    query: z.object({ limit: wholeNumber({ minimum: 1, maximum: 9, default: 5 }) }),
    body: z.strictObject({ name: z.string().max(3) }),
  },
  responses: { 201: jsonAnswer('The part', z.object({ limit: z.int(), name: z.string() })) },
  errors: { 404: 'No such thing' },
});
const routes: Routes = [
  serve(thingRoute, (c, { query, body }) => c.json({ ...query, ...body }, 201)),
  serve(
    route({
      method: 'get',
      path: '/open',
      access: PUBLIC,
      summary: 'Open',
      responses: { 200: { description: 'Ok' } },
    }),
    (c) => c.text('ok'),
  ),
  serve(
    route({
      method: 'get',
      path: '/seen',
      access: { role: 'viewer' },
      responses: { 200: { description: 'Ok' } },
    }),
    (c) => c.text('ok'),
  ),
  serve(route({ method: 'get', path: '/hidden', access: PUBLIC }), (c) => c.text('ok')),
];
const app = createTestApp({ routes });
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
const json = async (answer: Response): Promise<any> => answer.json();
const document = async () => json(await app.request('/openapi.json', { headers: HEADERS }));

it('describes a route with the problems that its access rule and its schemas imply', async () => {
  const { paths, components } = await document();
  const { post } = paths['/things/{id}/parts'];
  expect(post).toMatchObject({
    operationId: 'postThingsByIdParts',
    summary: 'Add a part',
    tags: ['things'],
    security: [{ bearer: [] }],
    requestBody: { required: true },
  });
  expect(Object.keys(post.responses)).toEqual([
    '201',
    '400',
    '401',
    '403',
    '404',
    '413',
    '415',
    '429',
    '503',
  ]);
  expect(post.responses['404']).toEqual({
    description: 'No such thing',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  });
  expect(Object.keys(paths['/seen'].get.responses)).toEqual(['200', '401', '403', '429', '503']);
  expect(components.securitySchemes.bearer).toMatchObject({ type: 'http', scheme: 'bearer' });
});

it('shows credentials as optional on a hub that does not require them', async () => {
  const open = createTestApp({ routes, authRequired: false });
  const { paths } = await json(await open.request('/openapi.json', { headers: HEADERS }));
  expect(paths['/seen'].get.security).toEqual([{}, { bearer: [] }]);
  expect(paths['/open'].get.security).toEqual([]);
});

it('leaves out problems that a public route cannot answer with, and routes without responses', async () => {
  const { paths } = await document();
  expect(paths['/open'].get).toMatchObject({ operationId: 'getOpen', security: [] });
  expect(Object.keys(paths['/open'].get.responses)).toEqual(['200', '403']);
  expect(Object.keys(paths)).not.toContain('/hidden');
});

it('shows the schemas by which requests are parsed', async () => {
  const { paths } = await document();
  const limit = paths['/things/{id}/parts'].post.parameters.find(
    (each: { name: string }) => each.name === 'limit',
  );
  expect(limit).toMatchObject({
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 9, default: 5 },
  });
  const ask = (query: string, body: object) =>
    app.request(`/things/1/parts${query}`, {
      method: 'POST',
      headers: { ...HEADERS, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const made = await ask('', { name: 'abc' });
  expect([made.status, await json(made)]).toEqual([201, { limit: 5, name: 'abc' }]);
  for (const [query, body, title, pointer] of [
    ['?limit=10', { name: 'abc' }, 'Invalid query', '/limit'],
    ['?limit=x', { name: 'abc' }, 'Invalid query', '/limit'],
    ['?limit=9', { name: 'abcd' }, 'Invalid request body', '/name'],
    ['', { name: 'abc', more: 1 }, 'Invalid request body', '/more'],
  ] as const) {
    const answer = await json(await ask(query, body));
    expect(answer).toMatchObject({ status: 400, title, errors: [{ pointer }] });
  }
});

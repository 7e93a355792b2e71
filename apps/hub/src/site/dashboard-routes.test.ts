import { expect, it } from 'vitest';
import { createTestApp } from '../testing/test-app.ts';
import { dashboardRoutes } from './dashboard-routes.ts';

const routes = dashboardRoutes({ version: '1.2.3', directory: '/there/is/no/such/folder' });
const app = createTestApp({ routes });
const ask = async (path: string, accept: string) =>
  app.request(path, { headers: { host: 'localhost', accept } });

it('a hub without a built dashboard lists what it knows, and says how to get one', async () => {
  const answer = await ask('/', 'text/html');
  expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
  const page = await answer.text();
  expect(page).toContain('Booner 1.2.3');
  expect(page).toContain('npm run build --workspace apps/dashboard');
  expect(page).toContain('href="/docs"');
  expect(await (await ask('/', 'application/json')).json()).toEqual({
    message: 'Booner hub',
    version: '1.2.3',
  });
  for (const path of ['/dashboard/tasks', '/assets/a.js']) {
    expect((await ask(path, 'text/html')).status).toBe(404);
  }
});

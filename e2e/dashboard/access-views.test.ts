import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulatedFleet } from '@booner/testkit';
import type { PageSize } from '@booner/testkit/browser-page';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { ageSession } from '../access/age-session.ts';
import { ask, makeToken } from '../access/asking.ts';
import { startEnrolledBed } from '../access/enrolled-bed.ts';
import { CLIENT_ID, startIdentityProvider } from '../access/identity-provider.ts';
import { it } from './browser-test.ts';
import { inspectView, inspectWidth } from './inspect-view.ts';
import { SOON_MS } from './page-parts.ts';
import { becomeWith } from './signed-in.ts';

const SIZES: readonly PageSize[] = ['desk', 'phone'];
const ALL_VIEWS_MS = 240_000;
const OLD = '10.0.0.1';

type View = {
  readonly name: string;
  /** Absent: the view opens on the current page. */
  readonly path?: string;
  readonly ready: (page: Page) => Promise<unknown>;
  /** Problems in the console that belong to the view. */
  readonly expected?: RegExp;
};

let bed: Awaited<ReturnType<typeof startEnrolledBed>>;
const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
beforeAll(async () => {
  const provider = stack.use(
    await startIdentityProvider({
      people: { ada: { preferred_username: 'ada', groups: ['ops'] } },
      name: 'localhost',
    }),
  );
  const directory = await mkdtemp(join(tmpdir(), 'booner-oidc-'));
  stack.defer(() => rm(directory, { recursive: true }));
  const secretFile = join(directory, 'client-secret');
  await writeFile(secretFile, provider.clientSecret);
  bed = stack.use(
    await startEnrolledBed({
      enroller: false,
      hubEnv: {
        BOONER_OIDC_ISSUER: provider.issuer,
        BOONER_OIDC_CLIENT_ID: CLIENT_ID,
        BOONER_OIDC_CLIENT_SECRET_FILE: secretFile,
        BOONER_OIDC_ROLES: 'admin=ops',
        BOONER_OIDC_LABEL: 'Sign in with Example ID',
      },
    }),
  );
  provider.serve([`${bed.hub.url}/auth/oidc/callback`]);
  const { username, password } = bed.operator;
  stack.use(
    await startSimulatedFleet({
      redisUrl: bed.redis.url.replace('//', `//${username}:${password}@`),
      count: 3,
      intervalMs: 2000,
      shape: (index) => ({ label: 'web', ...(index === 0 ? { agentVersion: '0.0.9' } : {}) }),
    }),
  );
  await bed.untilStatus(OLD, 'active');
  const long = { name: 'deploys of the game server, from CI', role: 'operator', expiresInDays: null };
  const { token } = await makeToken(bed.hub, {
    ...long,
    hosts: ['10.0.0.2', 'game.example.org'],
    actions: ['deploy'],
  });
  for (const path of ['/targets', '/tokens']) await ask(bed.hub, 'GET', path, { token });
  await ask(bed.hub, 'POST', '/tasks', { token, body: { host: OLD, action: 'deploy' } });
});

const text = (wanted: string | RegExp) => (page: Page) => page.getByText(wanted).first().waitFor();
const click =
  (role: 'button' | 'link' | 'radio', name: string | RegExp, then: View['ready']): View['ready'] =>
  async (page) => {
    await page.getByRole(role, { name }).first().click();
    await then(page);
  };

const NOBODYS: readonly View[] = [
  { name: 'sign-in', path: '/', ready: text('Sign in with Example ID') },
  {
    name: 'sign-in-error',
    path: '/dashboard/sign-in?reason=ended',
    async ready(page) {
      await page.getByText('Your session has ended').waitFor();
      await page.getByLabel('Token', { exact: true }).fill('hunter2');
      await click('button', 'Sign in', text('This is not a token'))(page);
    },
  },
];
const ADMINS: readonly View[] = [
  { name: 'account', path: '/', ready: click('button', /^Account/, text('Sign out everywhere')) },
  { name: 'add-host', path: '/?status=active', ready: click('button', 'Add host', text('Allow tasks')) },
  {
    name: 'add-host-waiting',
    async ready(page) {
      await page.getByLabel('Host', { exact: true }).fill('10.0.0.77');
      await page.getByRole('form').getByRole('button', { name: 'Add host' }).click();
      await page.getByText('Waiting for 10.0.0.77').waitFor();
      await page.getByText(/ACL SETUSER booner-agent-10\.0\.0\.77/).waitFor();
      await page.getByText('Not appearing?').click();
    },
  },
  { name: 'target-behind', path: `/dashboard/targets/${OLD}`, ready: text('outdated (hub: ') },
  { name: 'upgrade', ready: click('button', 'Upgrade', text(/current\/upgrade/)) },
  {
    name: 'remove-host',
    path: `/dashboard/targets/${OLD}?range=5m`,
    ready: click('button', 'Remove', text('to confirm')),
  },
  { name: 'tokens', path: '/dashboard/tokens', ready: text('from CI') },
  { name: 'new-token', ready: click('button', 'New token', click('radio', /^operator/, text('Hosts'))) },
  {
    name: 'sign-in-again',
    expected: /status of 403.*\/tokens/,
    async ready(page) {
      await page.getByLabel('Name').fill('backup');
      const [cookie] = await page.context().cookies(bed.hub.url);
      await ageSession(bed, `${cookie?.name}=${cookie?.value}`);
      await click('button', 'Create token', text('Confirm that it’s you'))(page);
    },
  },
  {
    name: 'sign-in-again-refused',
    expected: /status of 403.*\/auth\/session\/confirm/,
    async ready(page) {
      const dialog = page.getByRole('dialog', { name: 'Confirm that it’s you' });
      await dialog.getByLabel('Token', { exact: true }).fill(`bnr_${'A'.repeat(43)}`);
      await dialog.getByRole('button', { name: 'Confirm' }).click();
      await dialog.getByText('This is not the token that you signed in with').waitFor();
    },
  },
  {
    name: 'token-made',
    async ready(page) {
      const dialog = page.getByRole('dialog', { name: 'Confirm that it’s you' });
      await dialog.getByLabel('Token', { exact: true }).fill(bed.hub.adminToken);
      await dialog.getByRole('button', { name: 'Confirm' }).click();
      await page.getByText(/^bnr_/).first().waitFor();
    },
  },
  { name: 'audit', path: '/dashboard/audit', ready: text('task.create') },
  {
    name: 'audit-none-found',
    path: '/dashboard/audit?q=nothing-is-called-so',
    ready: text('Clear filter'),
  },
];
const VIEWERS: readonly View[] = [
  { name: 'run-as-viewer', path: '/dashboard/run', ready: text('not allowed to run') },
];

describe.for(SIZES)('on a %s', (size) => {
  it('sign-in and access views are accessible in light and dark, and fit', {
    timeout: ALL_VIEWS_MS,
  }, async ({ open }) => {
    const { hub } = bed;
    const { page, problems, expectProblems } = await open({ url: hub.url, size, reducedMotion: true });
    page.setDefaultTimeout(SOON_MS);
    const complaints: string[] = [];
    const inspectAll = async (views: readonly View[]) => {
      for (const { name, path, ready, expected } of views) {
        const stopExpecting = expected === undefined ? () => {} : expectProblems(expected);
        const problemsBefore = problems().length;
        const wrong: unknown[] = [];
        if (path !== undefined) await page.goto(new URL(path, hub.url).href);
        await ready(page).catch((error) => wrong.push(error));
        const inspect = size === 'desk' ? inspectView : inspectWidth;
        wrong.push(...(await inspect(page, `${name}-${size}`)), ...problems().slice(problemsBefore));
        stopExpecting();
        complaints.push(...wrong.map((each) => `${name}: ${each}`));
      }
    };
    await inspectAll(NOBODYS);
    await becomeWith(page, hub, hub.adminToken);
    await inspectAll(ADMINS);
    const viewer = await makeToken(hub, { name: `viewer ${size}`, role: 'viewer' });
    await becomeWith(page, hub, viewer.token);
    await inspectAll(VIEWERS);
    expect(complaints).toEqual([]);
  });
});

it('signs in at an identity provider, and continues to the requested page', async ({ open }) => {
  const { page, expectProblems } = await open({ url: `${bed.hub.url}/dashboard/tasks?status=failed` });
  expectProblems(/favicon\.ico/); // of pages that are not the dashboard
  page.setDefaultTimeout(SOON_MS);
  await page.getByRole('link', { name: 'Sign in with Example ID' }).click();
  await page.getByRole('link', { name: 'ada' }).click();
  await page.waitForURL(`${bed.hub.url}/dashboard/tasks?status=failed`);
  await page.getByRole('button', { name: /^Account.*ada/ }).waitFor();
});

it('asks the identity provider again before it creates a token, and keeps what was typed', async ({
  open,
}) => {
  const { hub } = bed;
  const { page, expectProblems } = await open({ url: `${hub.url}/dashboard/tokens` });
  expectProblems(/favicon\.ico|status of 403.*\/tokens/);
  page.setDefaultTimeout(SOON_MS);
  await page.getByRole('link', { name: 'Sign in with Example ID' }).click();
  await page.getByRole('link', { name: 'ada' }).click();
  await page.getByRole('button', { name: 'New token' }).click();
  await page.getByLabel('Name').fill('kept');
  await page.getByRole('button', { name: 'Create token' }).click();
  const dialog = page.getByRole('dialog', { name: 'Confirm that it’s you' });
  const opening = page.context().waitForEvent('page');
  await dialog.getByRole('button', { name: 'Sign in with Example ID' }).click();
  const provider = await opening;
  await provider.getByRole('link', { name: 'ada' }).click({ timeout: SOON_MS });
  await page.getByRole('dialog', { name: 'Token kept' }).getByText(/^bnr_/).waitFor();
});

import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, startHub, startSimulatedFleet } from '@booner/testkit';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { ask, madeUp, makeToken, revoke } from '../access/asking.ts';
import { startEnrolledBed } from '../access/enrolled-bed.ts';
import { it } from './browser-test.ts';
import { SOON_MS, untilConnection } from './page-parts.ts';
import { signedIn } from './signed-in.ts';

const HOST = '127.0.0.2';
/** Its agent is older than the hub; it has a runner once a test has started one. */
const BEHIND = '10.0.0.1';

let bed: Awaited<ReturnType<typeof startEnrolledBed>>;
const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
beforeAll(async () => {
  bed = stack.use(await startEnrolledBed());
});

const tokenField = (page: Page) => page.getByLabel('Token', { exact: true });
const enter = async (page: Page, token: string) => {
  await tokenField(page).fill(token);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
};
const account = (page: Page) => page.getByRole('button', { name: /^Account/ });

it('asks a visitor to sign in, continues to the requested page, and forgets them when they sign out', async ({
  open,
}) => {
  const { hub } = bed;
  let sockets = 0;
  const { page, expectProblems } = await open({
    url: `${hub.url}/dashboard/tasks?status=failed`,
    prepare: (prepared) => void prepared.on('websocket', () => sockets++),
  });
  page.setDefaultTimeout(SOON_MS);
  await page.getByRole('heading', { name: 'Sign in to Booner' }).waitFor();
  expect([new URL(page.url()).pathname, sockets]).toEqual(['/dashboard/sign-in', 0]);

  await enter(page, 'nonsense');
  await page.getByText('This is not a token').waitFor();
  const listen = expectProblems(/status of 401/);
  await enter(page, madeUp());
  await page.getByText('does not know this token').waitFor();
  listen();
  await enter(page, `Bearer ${hub.adminToken} `);
  await page.waitForURL('**/dashboard/tasks?status=failed');
  await untilConnection(page, 'Live');
  const kept = await page.evaluate(() => [
    document.cookie,
    ...Object.values({ ...localStorage, ...sessionStorage }),
  ]);
  expect(kept.join()).not.toContain('bnr_');

  expectProblems(/status of 401/); // of what was on its way
  await account(page).click();
  await page.getByText('admin: also manages').waitFor();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByText('You have signed out.').waitFor();
  await page.goBack();
  await tokenField(page).waitFor();
  const { json } = await ask(hub, 'GET', '/tokens', { token: hub.adminToken });
  expect(json.tokens.filter(({ kind }: { kind: string }) => kind === 'session')).toEqual([]);
});

it('signs one browser in by a link, shows what it may do, and signs it out when it is revoked', async ({
  open,
}) => {
  const { hub } = bed;
  const link = await ask(hub, 'POST', '/auth/links', {
    token: hub.adminToken,
    body: { name: 'phone', role: 'viewer' },
  });
  const { page, expectProblems } = await open({ url: link.json.url, size: 'phone' });
  page.setDefaultTimeout(SOON_MS);
  await untilConnection(page, 'Live');
  expect(page.url()).toBe(`${hub.url}/`);
  expect(await page.getByRole('button', { name: /^Theme/ }).count()).toBe(0); // its menu has them
  await account(page).click();
  const themes = page.getByRole('group', { name: 'Theme' });
  await themes.getByRole('button', { name: 'dark' }).click();
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
  await page.reload();
  await account(page).click();
  await themes.getByRole('button', { name: 'dark', pressed: true }).waitFor();
  await themes.getByRole('button', { name: 'system' }).click();
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBeUndefined();
  await page.keyboard.press('Escape');
  expect(await page.getByRole('button', { name: 'Add host' }).count()).toBe(0);
  await page.getByRole('link', { name: /^Tasks/ }).click();
  await page.getByText('No tasks yet').waitFor();
  expect(await page.getByRole('link', { name: 'Run an action' }).count()).toBe(0);
  expectProblems(/status of (?:401|403)/);
  for (const [path, text] of [
    ['run', 'You are not allowed to run actions'],
    ['tokens', 'Tokens and sessions: for admins'],
    ['audit', 'Audit log: for admins'],
  ]) {
    await page.goto(`${hub.url}/dashboard/${path}`);
    await page.getByRole('heading', { name: text }).waitFor();
  }

  const { json } = await ask(hub, 'GET', '/tokens', { token: hub.adminToken });
  const session = json.tokens.find(({ subject }: { subject: string }) => subject === 'phone');
  await untilConnection(page, 'Live');
  await revoke(hub, session.id);
  await page.getByText('Your session has ended').waitFor();
  expect(new URL(page.url()).searchParams.get('return')).toBe('/dashboard/audit');

  const again = await open({ url: link.json.url });
  again.expectProblems(/status of 401/);
  await again.page.getByText('This link is no longer valid').waitFor({ timeout: SOON_MS });
  expect(await again.page.evaluate(() => [location.href, history.length])).toEqual([
    `${hub.url}/dashboard/sign-in`,
    expect.any(Number),
  ]);
});

it('adds a host, waits with the reader until it reports, and removes it', async ({ open }) => {
  const { page, expectProblems } = await open({ url: bed.hub.url, prepare: signedIn(bed.hub) });
  page.setDefaultTimeout(SOON_MS);
  await page.getByText('No targets yet').waitFor();
  await page.getByRole('button', { name: 'Add host' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add' });
  await dialog.getByLabel('Host', { exact: true }).fill('no host');
  await dialog.getByRole('button', { name: 'Add host' }).click();
  await dialog.getByText(/^✕.*It must be/).waitFor();
  await dialog.getByLabel('Host', { exact: true }).fill(HOST);
  await dialog.getByLabel('Label').fill('game server');
  await dialog.getByRole('button', { name: 'Add host' }).click();

  const line = await dialog.getByText(/^curl .*install\.sh/).innerText();
  const key = /echo (bne_[\w-]{43}) \|/.exec(line)?.[1] ?? '';
  await dialog.getByText(`Waiting for ${HOST}`).waitFor();
  expect(await dialog.getByRole('timer').innerText()).toMatch(/^1[45]/);
  const { status, text } = await bed.enrol(key);
  expect(status).toBe(200);
  await bed.startAgent(
    Object.fromEntries(
      text
        .trimEnd()
        .split('\n')
        .map((each) => each.split(/=(.*)/s, 2)),
    ),
  );
  await dialog.getByText(`${HOST} is connected`).waitFor();
  await dialog.getByRole('link', { name: 'Show host' }).click();

  await page.getByRole('heading', { name: HOST }).waitFor();
  await page.getByText('game server').first().waitFor();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  const question = page.getByRole('alertdialog');
  const remove = question.getByRole('button', { name: 'Remove host' });
  await question.getByRole('textbox').fill('127.0.0.3');
  expect(await remove.getAttribute('aria-disabled')).toBe('true');
  await question.getByRole('textbox').fill(HOST);
  expectProblems(/status of 404.*\/(?:targets|history)/); // what the page asked for meanwhile
  await remove.click();
  await page.getByText('No targets yet').waitFor();
  expect((await bed.asAdmin('GET', `/targets/${HOST}`)).status).toBe(404);
});

it('replaces the identity of a host only on request, and shows that it was replaced', async ({ open }) => {
  const { hub } = bed;
  const host = '127.0.0.8';
  await bed.enrolHost({ host });
  const { page, expectProblems } = await open({
    url: `${hub.url}/dashboard/targets/${host}`,
    prepare: signedIn(hub),
  });
  page.setDefaultTimeout(SOON_MS);
  await page.getByRole('heading', { name: host }).waitFor();
  expect(await page.getByText('identity was replaced').count()).toBe(0);
  await page.goto(hub.url);
  await page.getByRole('button', { name: 'Add host' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add' });
  await dialog.getByLabel('Host', { exact: true }).fill(host);
  const stop = expectProblems(/status of 409/);
  const replace = dialog.getByRole('checkbox', { name: 'Replace its identity' });
  expect(await replace.count()).toBe(0);
  await dialog.getByRole('button', { name: 'Add host' }).click();
  await dialog.getByText('This host is already enrolled').waitFor();
  stop();
  await replace.check();
  await dialog.getByRole('button', { name: 'Add host' }).click();
  const line = await dialog.getByText(/^curl .*install\.sh/).innerText();
  expect((await bed.enrol(/echo (bne_[\w-]{43}) \|/.exec(line)?.[1] ?? '')).status).toBe(200);

  await page.goto(`${hub.url}/dashboard/targets/${host}`);
  await page.getByText(/Its identity was replaced on .* with a key of [\w-]{12} first admin/).waitFor();
  await page.goto(`${hub.url}/dashboard/audit`);
  await page.getByText(/replaced \S+, added by [\w-]{12} first admin/).waitFor();
  await bed.asAdmin('DELETE', `/targets/${host}`);
});

it('creates a token, shows it once, revokes it, and lists all of that in the audit log', async ({ open }) => {
  const { hub } = bed;
  const { page, expectProblems } = await open({ url: `${hub.url}/dashboard/tokens`, prepare: signedIn(hub) });
  page.setDefaultTimeout(SOON_MS);
  expectProblems(/status of 400/);
  await page.getByText('this browser').waitFor();
  await page.getByRole('button', { name: 'New token' }).click();
  const form = page.getByRole('form', { name: 'New token' });
  await form.getByRole('button', { name: 'Create token' }).click();
  await form.getByText('Enter a name').waitFor();
  await form.getByLabel('Name').fill('deployer');
  await form.getByRole('radio', { name: /^operator/ }).check();
  await form.getByLabel('Hosts').fill('10.0.0.2, ?');
  await form.getByRole('button', { name: 'Create token' }).click();
  await form.getByText(/^✕/).waitFor();
  await form.getByLabel('Hosts').fill('10.0.0.2, 10.0.0.3');
  await form.getByRole('button', { name: 'Create token' }).click();
  const token = await page.getByRole('dialog').getByText(/^bnr_/).innerText();
  const seen = await ask(hub, 'GET', '/auth', { token });
  expect(seen.json.signedIn).toMatchObject({
    subject: 'deployer',
    role: 'operator',
    scopes: { hosts: ['10.0.0.2', '10.0.0.3'], actions: null },
  });
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  expect(await page.content()).not.toContain(token);

  const row = page.getByRole('listitem').filter({ hasText: 'deployer' });
  await row.getByText('May run everything on 10.0.0.2, 10.0.0.3').waitFor();
  await row.getByRole('button', { name: /^Revoke/ }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('alertdialog').waitFor({ state: 'hidden' }); // until then nothing behind it has a role
  await row.waitFor({ state: 'detached' });
  expect((await ask(hub, 'GET', '/targets', { token })).status).toBe(401);

  await account(page).click();
  await page.getByRole('link', { name: 'Audit log' }).click();
  const entries = page.getByRole('table', { name: 'Audit log' }).getByRole('row');
  await entries.filter({ hasText: 'token.revoke' }).filter({ hasText: '127.0.0.1' }).first().waitFor();
  await page.getByRole('searchbox', { name: 'Filter entries' }).fill('operator deployer');
  await page.waitForURL('**/dashboard/audit?q=operator+deployer');
  await expect.poll(() => entries.count()).toBe(2); // with the head
  await entries.filter({ hasText: 'token.create' }).filter({ hasText: 'allowed' }).waitFor();
});

it('says how long to wait after many failures, and why a hub without Redis cannot add hosts', async ({
  open,
  own,
}) => {
  const hub = own(await startHub({ auth: 'first' }));
  for (let index = 0; index < 11; index += 1) {
    await ask(hub, 'POST', '/auth/session', { body: { token: madeUp(`${index}`) } });
  }
  const { page, expectProblems } = await open({ url: hub.url });
  page.setDefaultTimeout(SOON_MS);
  expectProblems(/status of 429/);
  await enter(page, madeUp('last'));
  await page.getByText(/Too many failed attempts.*Try again in \d/).waitFor();
  expect(await page.getByRole('button', { name: 'Sign in', exact: true }).getAttribute('aria-disabled')).toBe(
    'true',
  );

  const other = await open({ url: hub.url, prepare: signedIn(hub) });
  await other.page.getByRole('button', { name: 'Add host' }).click({ timeout: SOON_MS });
  const dialog = other.page.getByRole('dialog', { name: 'Add host' });
  await dialog.getByText('This hub runs without Redis').waitFor({ timeout: SOON_MS });
  expect(await dialog.getByRole('textbox').count()).toBe(0);
});

it('says that an agent is older than the hub, and upgrades it if its runner offers that', async ({
  open,
  own,
}) => {
  const { hub, redis, operator } = bed;
  const host = BEHIND;
  own(
    await startSimulatedFleet({
      redisUrl: redis.url.replace('//', `//${operator.username}:${operator.password}@`),
      count: 1,
      intervalMs: 500,
      shape: () => ({ agentVersion: '0.0.9' }),
    }),
  );
  const actions = await mkdtemp(join(bed.directory, 'actions-'));
  await chmod(actions, 0o755);
  const upgrade = {
    name: 'booner-upgrade',
    description: 'Upgrades',
    parameters: [{ name: 'version', type: 'string', pattern: '[0-9.]+', required: true }],
    command: ['/bin/echo', 'now at', '{{version}}'],
  };
  await writeFile(join(actions, 'booner-upgrade.yaml'), JSON.stringify(upgrade), { mode: 0o644 });
  await bed.startRunner(await bed.enrolHost({ host, withTasks: true }), actions);
  await eventually(async () => (await bed.asAdmin('GET', `/targets/${host}/actions`)).json.online, {
    what: 'the runner',
  });
  const { page } = await open({ url: `${hub.url}/dashboard/targets/${host}`, prepare: signedIn(hub) });
  page.setDefaultTimeout(SOON_MS);
  await page.getByText('outdated (hub: ').waitFor();
  await page.getByRole('button', { name: 'Upgrade' }).click();
  await page.getByRole('button', { name: /^Upgrade to \d/ }).click();
  await page.waitForURL(/\/dashboard\/tasks\/./);
  await page
    .getByText(/^now at \d/)
    .first()
    .waitFor();
});

it('an operator may run actions within the scopes of the token, and sees what is outside of them', async ({
  open,
}) => {
  const { hub } = bed;
  const { token } = await makeToken(hub, { name: 'night shift', role: 'operator', hosts: ['10.0.0.9'] });
  const { page } = await open({ url: `${hub.url}/dashboard/tasks`, prepare: signedIn(hub, token) });
  page.setDefaultTimeout(SOON_MS);
  await page.getByRole('link', { name: 'Run an action' }).first().waitFor();
  await account(page).click();
  await page.getByText('May run everything on 10.0.0.9').waitFor();
  expect(await page.getByRole('link', { name: 'Audit log' }).count()).toBe(0);
  await page.goto(`${hub.url}/dashboard/run?host=${BEHIND}`);
  await page.getByText(`You are not allowed to run anything on ${BEHIND}.`).waitFor();
  await page.goto(`${hub.url}/dashboard/targets/${BEHIND}`);
  const run = page.getByRole('button', { name: 'Run', exact: true });
  expect(await run.getAttribute('aria-disabled')).toBe('true');
  await page.getByText('outdated (hub: ').waitFor();
  expect(await page.getByRole('button', { name: /^(?:Upgrade|Remove)$/ }).count()).toBe(0);
});

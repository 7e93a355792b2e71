import { eventually, type HubProcess, startHub, startRedis, startSimulatedFleet } from '@booner/testkit';
import type { PageSize } from '@booner/testkit/browser-page';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { ask } from '../access/asking.ts';
import { it } from './browser-test.ts';
import { inspectView } from './inspect-view.ts';
import { SOON_MS, untilConnection } from './page-parts.ts';

const SIZES: readonly PageSize[] = ['desk', 'phone'];
const ROLES = ['db', 'db', 'web'];
const VIEWS_MS = 240_000;

let hub: HubProcess;
let hosts: readonly string[];
const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
beforeAll(async () => {
  const redis = stack.use(await startRedis());
  hub = stack.use(await startHub({ redisUrl: redis.url, env: { BOONER_INTERVAL_MS: '1000' } }));
  const shape = (index: number) => ({ labels: { role: ROLES[index] ?? '' } });
  const fleet = await startSimulatedFleet({ redisUrl: redis.url, count: 3, intervalMs: 1000, shape });
  stack.use(fleet);
  ({ hosts } = fleet);
  await eventually(
    async () => {
      const { json } = await ask(hub, 'GET', '/targets?selector=role');
      return json.targets.length === hosts.length;
    },
    { what: 'the labels of the agents' },
  );
  for (const host of hosts) {
    const body = { external: true, status: 'running', host, action: 'backup', params: { level: 'role=db' } };
    expect((await ask(hub, 'POST', '/tasks', { body })).status).toBe(202);
  }
});

const hostsShown = async (page: Page): Promise<readonly string[]> => {
  const texts = await page.getByRole('main').getByRole('row').allInnerTexts();
  return hosts.filter((host) => texts.some((text) => text.includes(host)));
};

it('lists the tasks of the targets that a selector matches, which is in the address', async ({ open }) => {
  const { page } = await open({ url: `${hub.url}/dashboard/tasks` });
  page.setDefaultTimeout(SOON_MS);
  await expect.poll(() => hostsShown(page)).toEqual(hosts);
  const field = page.getByRole('searchbox', { name: 'Target selector' });
  await field.fill('role!=db');
  await page.waitForURL((url) => url.searchParams.get('selector') === 'role!=db');
  await expect.poll(() => hostsShown(page)).toEqual(hosts.slice(2));
  await page.getByRole('button', { name: /Running\s*1/i }).waitFor(); // the counts are of these tasks

  // The other search field searches words, in parameters too.
  await field.fill('');
  await page.waitForURL((url) => !url.searchParams.has('selector'));
  await page.getByRole('searchbox', { name: 'Search tasks' }).fill('level=role=db');
  await page.waitForURL((url) => url.searchParams.has('q'));
  await expect.poll(() => hostsShown(page)).toEqual(hosts);

  await field.fill('role=');
  await page
    .getByRole('alert')
    .filter({ hasText: 'The selector has the end where a value must be' })
    .waitFor();
  expect(await hostsShown(page)).toEqual([]);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect.poll(() => hostsShown(page)).toEqual(hosts);
});

it('shows no task for an empty selector in the address', async ({ open }) => {
  for (const selector of ['', '%20']) {
    const { page } = await open({ url: `${hub.url}/dashboard/tasks?selector=${selector}` });
    page.setDefaultTimeout(SOON_MS);
    await untilConnection(page, 'Live');
    await page.getByText('No tasks match').waitFor();
    expect(await hostsShown(page)).toEqual([]);
    expect(new URL(page.url()).searchParams.has('selector')).toBe(true);
  }
});

it('saves views, opens them, renames and removes them, with the keyboard alone', async ({ open }) => {
  const { page } = await open({ url: `${hub.url}/?q=role%3Ddb&sort=-cpu&columns=cpu` });
  page.setDefaultTimeout(SOON_MS);
  await untilConnection(page, 'Live');
  const button = page.getByRole('button', { name: 'Saved views' });
  const panel = page.getByRole('dialog', { name: 'Saved views' });
  const name = panel.getByRole('textbox', { name: 'Name of the current view' });
  const views = panel.getByRole('link');
  const press = (key: string) => page.keyboard.press(key);
  const tabTo = async (role: 'link' | 'button', label: string) => {
    const wanted = panel.getByRole(role, { name: label, exact: true });
    await wanted.waitFor();
    for (let tabs = 0; tabs < 12; tabs++) {
      await press('Tab');
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
    }
    throw new Error(`Tab does not reach ${label}`);
  };

  await button.focus();
  await press('Enter');
  await name.waitFor();
  await press('Tab');
  await press('Enter');
  await panel.getByText('Enter a name, such as Databases.').waitFor();
  await page.keyboard.type('Databases');
  await press('Enter');
  await panel.getByRole('link', { name: 'Databases' }).waitFor();
  expect(await views.first().getAttribute('aria-current')).toBe('page');
  await page.keyboard.type('Databases');
  await press('Enter');
  await panel.getByText('A view has this name already. Choose another one.').waitFor();
  await press('Escape');
  await panel.waitFor({ state: 'hidden' });

  await page.goto(hub.url); // the views outlive the page
  await untilConnection(page, 'Live');
  await button.focus();
  await press('Enter');
  await tabTo('link', 'Databases');
  expect(await views.first().getAttribute('aria-current')).toBeNull();
  await press('Enter');
  await page.waitForURL((url) => url.search === '?q=role%3Ddb&sort=-cpu&columns=cpu');
  await panel.waitFor({ state: 'hidden' });
  await expect.poll(() => hostsShown(page)).toEqual(hosts.slice(0, 2));

  await button.focus();
  await press('Enter');
  await tabTo('button', 'Rename Databases');
  await press('Enter');
  await panel.getByRole('textbox', { name: 'New name of Databases' }).waitFor();
  await page.keyboard.type('Storage'); // the old name is selected
  await press('Enter');
  await panel.getByRole('link', { name: 'Storage' }).waitFor();
  expect(await views.allTextContents()).toEqual(['Storage']);

  await page.goto(`${hub.url}/dashboard/tasks?status=running`);
  await button.click();
  await name.fill('Now');
  await panel.getByRole('button', { name: 'Save' }).click();
  await panel.getByRole('link', { name: 'Now' }).waitFor();
  expect(await views.allTextContents()).toEqual(['Now']); // those of this page
  await panel.getByRole('button', { name: 'Remove Now' }).click();
  await panel.getByText(/^Save the search, filters/).waitFor();

  await page.goto(hub.url);
  await button.click();
  await panel.getByRole('link', { name: 'Storage' }).waitFor();
});

describe.for(SIZES)('on a %s', (size) => {
  it('is accessible in light and dark, and fits', { timeout: VIEWS_MS }, async ({ open }) => {
    const { page } = await open({
      url: `${hub.url}/dashboard/tasks?selector=role%3Ddb`,
      size,
      reducedMotion: true,
    });
    page.setDefaultTimeout(SOON_MS);
    const button = page.getByRole('button', { name: 'Saved views' });
    const panel = page.getByRole('dialog', { name: 'Saved views' });
    await untilConnection(page, 'Live');
    await button.waitFor();
    if (size === 'phone') await page.getByRole('button', { name: /^Filters/ }).click();
    const complaints = [...(await inspectView(page, `tasks-selector-${size}`))];
    await page.goto(`${hub.url}/?q=role%3Ddb`);
    await untilConnection(page, 'Live');
    await button.click();
    const name = panel.getByRole('textbox', { name: 'Name of the current view' });
    for (const text of ['Databases', 'A view with a name that is much too long for a small menu']) {
      await name.fill(text);
      await panel.getByRole('button', { name: 'Save' }).click();
      await panel.getByRole('link', { name: text }).waitFor();
    }
    complaints.push(...(await inspectView(page, `saved-views-${size}`)));
    expect(complaints).toEqual([]);
  });
});

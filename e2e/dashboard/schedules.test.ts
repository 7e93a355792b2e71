import type { HostId } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import type { PageSize } from '@booner/testkit/browser-page';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { ask } from '../access/asking.ts';
import { DEPLOY, startRolloutBed } from '../rollouts/rollout-bed.ts';
import { it } from './browser-test.ts';
import { inspectView, inspectWidth } from './inspect-view.ts';
import { SOON_MS } from './page-parts.ts';

const SIZES: readonly PageSize[] = ['desk', 'phone'];
const BACKUP = { ...DEPLOY, name: 'backup', description: 'Backs the host up.', schedulable: true };

it('sets a schedule, sees it fire, pauses it and removes it, in views that are accessible and fit', async ({
  open,
  own,
}) => {
  const bed = own(await startRolloutBed({ hosts: 2 }));
  const { hub } = bed;
  const [host] = bed.names as [HostId];
  bed.hosts.get(host)?.offer([BACKUP, DEPLOY]);
  const schedule = { action: 'backup', params: { version: 'v1' }, host };
  const put = (name: string, body: object) =>
    ask(hub, 'PUT', `/schedules/${name}`, { body: { ...schedule, ...body } });
  const nightly = { cron: '0 3 * * *', timeZone: 'Europe/Berlin', tooLongSeconds: 3600 };
  await eventually(async () => (await put('nightly', nightly)).status === 200, { what: 'the action' });
  expect((await put('nobody', { cron: '* * * * * *', host: undefined, selector: '' })).status).toBe(200);

  const { page, expectProblems } = await open({ url: `${hub.url}/dashboard/rollouts` });
  expectProblems(/status of 400.*\/schedules\/often/);
  page.setDefaultTimeout(SOON_MS);
  await page.getByRole('link', { name: 'Schedules' }).click();
  await page.getByText('At 03:00, every day (Europe/Berlin)').waitFor();
  await page.getByRole('link', { name: 'New schedule' }).click();
  await page.getByLabel('Name').fill('nightly');
  await page.getByLabel('Cron expression').fill('99 * * * * *');
  await page.getByLabel('Time zone').fill('UTC');
  await page.getByLabel('Targets').fill(`host=${host}`);
  await page.getByText('1 target matches.').waitFor();
  await page.getByLabel('Action').selectOption('web.deploy');
  await page.getByText('Schedules cannot start it').waitFor();
  await page.getByLabel('Action').selectOption('backup');
  await page.getByLabel('version').fill('v2');
  const create = page.getByRole('button', { name: 'Create schedule' });
  await create.click();
  await page.getByText('A schedule has this name.').waitFor();
  await page.getByLabel('Name').fill('often');
  await create.click();
  await expect.poll(() => page.getByLabel('Cron expression').getAttribute('aria-invalid')).toBe('true');
  await page.getByLabel('Cron expression').fill('*/2 * * * * *');
  await create.click();

  await page.getByRole('heading', { name: 'often' }).waitFor();
  await page.getByText('Every 2 seconds').waitFor();
  const times = page.getByRole('list', { name: 'Next times' }).getByRole('listitem');
  await expect.poll(() => times.count()).toBe(5);
  const firings = page.getByRole('list', { name: 'Last firings' });
  await firings.getByText('completed').first().waitFor();
  const rollout = await firings.getByRole('link', { name: 'Rollout' }).first().getAttribute('href');
  expect(rollout).toMatch(/^\/dashboard\/rollouts\/./);
  expect(bed.started[0]).toMatchObject({ host, offer: { action: 'backup', params: { version: 'v2' } } });

  await page.getByRole('link', { name: 'Edit' }).click();
  await expect.poll(() => page.getByLabel('version').inputValue()).toBe('v2');
  expect(await page.getByLabel('Cron expression').inputValue()).toBe('*/2 * * * * *');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Pause often' }).click();
  await page.getByText('It is paused. Resume it to let it fire.').waitFor();

  const complaints: string[] = [];
  for (const size of SIZES) {
    const seen = await open({ url: hub.url, size, reducedMotion: true });
    seen.page.setDefaultTimeout(SOON_MS);
    for (const { name, path, ready } of VIEWS) {
      await seen.page.goto(new URL(path, hub.url).href);
      await ready(seen.page);
      const inspect = size === 'desk' ? inspectView : inspectWidth;
      const wrong = [...(await inspect(seen.page, `${name}-${size}`)), ...seen.problems()];
      complaints.push(...wrong.map((each) => `${name}: ${each}`));
    }
  }
  expect(complaints).toEqual([]);

  await page.getByRole('button', { name: 'Remove often' }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('heading', { name: 'Schedules' }).waitFor();
  await page.getByRole('link', { name: 'nightly' }).waitFor();
  await page.getByRole('link', { name: 'often' }).waitFor({ state: 'hidden' });
  expect((await ask(hub, 'GET', '/schedules/often')).status).toBe(404);
});

type View = {
  readonly name: string;
  readonly path: string;
  readonly ready: (page: Page) => Promise<unknown>;
};

const VIEWS: readonly View[] = [
  {
    name: 'schedules',
    path: '/dashboard/schedules',
    ready: (page) => page.getByText('refused').first().waitFor(),
  },
  {
    name: 'schedule',
    path: '/dashboard/schedules/often',
    ready: (page) => page.getByText('completed').first().waitFor(),
  },
  {
    name: 'schedule-next',
    path: '/dashboard/schedules/nightly',
    ready: (page) => page.getByRole('list', { name: 'Next times' }).waitFor(),
  },
  {
    name: 'schedule-edit',
    path: '/dashboard/schedules/nightly/edit',
    ready: (page) => page.getByLabel('version').waitFor(),
  },
];

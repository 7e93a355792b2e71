import type { HostId } from '@booner/protocol';
import type { PageSize } from '@booner/testkit/browser-page';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import {
  COMPLETED,
  failed,
  type RolloutBed,
  type StartedTask,
  startRolloutBed,
} from '../rollouts/rollout-bed.ts';
import { it } from './browser-test.ts';
import { inspectView, inspectWidth } from './inspect-view.ts';
import { SOON_MS } from './page-parts.ts';

const SIZES: readonly PageSize[] = ['desk', 'phone'];
/** Pictures show a grid of a size that people have. */
const HOSTS = process.env.BOONER_SCREENSHOTS === undefined ? 20 : 240;
const ERROR = 'exit code 1: cannot bind port 80';

let bed: RolloutBed;
const broken = new Set<HostId>();
const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
beforeAll(async () => {
  bed = stack.use(await startRolloutBed({ hosts: HOSTS, run: outcomeOf }));
});

/** The version `v3` fails on some hosts for two reasons, and does not end on the last ones. */
function outcomeOf({ host, offer }: StartedTask) {
  if (offer.params.version !== 'v3') return broken.has(host) ? failed(ERROR) : COMPLETED;
  const index = bed.names.indexOf(host);
  if (index % 9 === 2) return failed(ERROR);
  if (index % 13 === 5) return failed(`cannot reach the registry from ${host}`);
  return index < HOSTS * 0.6 ? COMPLETED : new Promise<never>(() => undefined);
}

it('plans a rollout, starts it, sees a host fail, and retries it until all is green', async ({ open }) => {
  const [first, second] = bed.names as [HostId, HostId];
  broken.add(second);
  const { page } = await open({ url: `${bed.hub.url}/dashboard/rollouts` });
  page.setDefaultTimeout(SOON_MS);
  await page.getByText('No rollouts yet').waitFor();
  await page.getByRole('link', { name: 'New rollout' }).click();
  await page.getByText('An empty selector selects nothing.').waitFor();
  await page.getByLabel('Targets').fill(`host in (${bed.names.slice(0, 3).join()})`);
  await page.getByText('3 targets match.').waitFor();
  await page.getByLabel('Action').selectOption('web.deploy');
  await page.getByLabel('Sizes').fill('1');
  await page.getByLabel('Order').selectOption('host');
  const plan = page.getByRole('button', { name: 'Plan' });
  await page.getByLabel('version').waitFor();
  await plan.click();
  await expect.poll(() => page.getByLabel('version').getAttribute('aria-invalid')).toBe('true');
  await page.getByLabel('version').fill('v2');
  await plan.click();
  await page.getByText('3 hosts in 3 batches').waitFor();
  await page.getByText('3 ready').waitFor();
  expect(bed.started).toEqual([]);

  await page.getByRole('button', { name: 'Start rollout' }).click();
  const cell = (host: string, status: string) =>
    page.getByRole('link', { name: new RegExp(`^${host.replaceAll('.', '\\.')}: ${status}`) });
  await cell(second, `failed: ${ERROR}`).waitFor();
  await cell(first, 'completed').waitFor();
  const failures = page.getByRole('region', { name: 'Failures' });
  await failures.getByText(ERROR).waitFor();
  await failures.getByRole('link', { name: second }).waitFor();

  broken.clear();
  await page.getByRole('button', { name: 'Retry failed' }).click();
  await page.getByRole('status').filter({ hasText: 'completed' }).waitFor();
  await failures.waitFor({ state: 'hidden' });
  await cell(first, 'completed').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/dashboard\/tasks\/./);
  const third = bed.started.find(({ host }) => host === bed.names[2]);
  expect(new URL(page.url()).pathname).toBe(`/dashboard/tasks/${third?.offer.task}`);
  await page.locator('a[href^="/dashboard/rollouts/"]').click();
  await page.getByRole('heading', { name: 'web.deploy' }).waitFor();
});

type View = {
  readonly name: string;
  /** Absent: the view opens on the current page. */
  readonly path?: string;
  readonly ready: (page: Page) => Promise<unknown>;
};

/** Fills the form in, and plans. */
async function planned(page: Page): Promise<void> {
  await page.getByLabel('Action').selectOption('web.deploy');
  await page.getByLabel('version').fill('v3');
  await page.getByRole('button', { name: 'Plan' }).click();
  await page.getByText(/hosts in \d batches/).waitFor();
}

const viewsOf = (running: string, ended: string): readonly View[] => [
  {
    name: 'rollouts',
    path: '/dashboard/rollouts',
    ready: (page) => page.getByText('role=web').first().waitFor(),
  },
  {
    name: 'rollout-running',
    path: `/dashboard/rollouts/${running}`,
    ready: (page) => page.getByRole('region', { name: 'Failures' }).waitFor(),
  },
  {
    name: 'rollout-cancel',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Cancel …' }).click();
      await page.getByText('Let running tasks finish').waitFor();
    },
  },
  {
    name: 'rollout-rollback',
    path: `/dashboard/rollouts/${ended}`,
    ready: async (page) => {
      await page.getByRole('button', { name: 'Roll back …' }).click();
      await page.getByRole('form', { name: 'Roll back' }).getByLabel('version').waitFor();
    },
  },
  { name: 'rollout-new', path: '/dashboard/rollouts/new?selector=role%3Dweb', ready: planned },
];

describe('views of rollouts', () => {
  let running: string;
  let ended: string;
  beforeAll(async () => {
    const gates = { batches: [1, '10%', '50%'], maxFailures: '50%', between: { healthy: false } };
    ended = await bed.create({ batches: ['100%'], params: { version: 'v1' } });
    await bed.until(ended, 'the end', ({ status }) => status === 'completed');
    running = await bed.create({ ...gates, params: { version: 'v3' } });
    await bed.until(
      running,
      'hosts that run',
      ({ batch, counts }) => batch === 2 && counts.queued === undefined,
    );
  });

  it.for(SIZES)('are accessible in light and dark, and fit on a %s', async (size, { open }) => {
    const { page, problems } = await open({ url: bed.hub.url, size, reducedMotion: true });
    page.setDefaultTimeout(SOON_MS);
    const complaints: string[] = [];
    for (const { name, path, ready } of viewsOf(running, ended)) {
      const problemsBefore = problems().length;
      const wrong: unknown[] = [];
      if (path !== undefined) await page.goto(new URL(path, bed.hub.url).href);
      await ready(page).catch((error) => wrong.push(error));
      const inspect = size === 'desk' ? inspectView : inspectWidth;
      wrong.push(...(await inspect(page, `${name}-${size}`)), ...problems().slice(problemsBefore));
      complaints.push(...wrong.map((each) => `${name}: ${each}`));
    }
    expect(complaints).toEqual([]);
  });
});

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { it } from './browser-test.ts';
import { record } from './figures.ts';
import { type HistoryBed, startHistoryBed } from './history-bed.ts';
import { inspectView, inspectWidth } from './inspect-view.ts';
import { SOON_MS, untilConnection } from './page-parts.ts';

const HOUR_MS = 3_600_000;
/** A busy machine needs seconds for each. */
const ALL_VIEWS_MS = 300_000;

let bed: HistoryBed;
const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
beforeAll(async () => {
  bed = stack.use(await startHistoryBed());
});

const chart = (page: Page, title: string) =>
  page.getByRole('img', { name: new RegExp(`^${title}:`) }).first();
const search = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams);

/** Drags the mouse over a part of a chart. */
async function drag(page: Page, title: string, from: number, to: number): Promise<void> {
  const box = await chart(page, title).boundingBox();
  const at = (share: number): [number, number] => [
    (box?.x ?? 0) + 72 + ((box?.width ?? 0) - 80) * share,
    (box?.y ?? 0) + 60,
  ];
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at(to), { steps: 5 });
  await page.mouse.up();
}

it('shows ranges of a target, zooms in and back, and keeps it all in the URL', async ({ open }) => {
  const host = bed.hosts[0] ?? '';
  const { page, expectProblems } = await open({ url: `${bed.hub.url}/dashboard/targets/${host}` });
  page.setDefaultTimeout(SOON_MS);
  await untilConnection(page, 'Live');
  const ranges = page.getByRole('navigation', { name: 'Time range' });
  await ranges.getByRole('link', { name: '24h' }).click();
  await page.waitForURL('**?range=24h');
  await page.getByRole('img', { name: /^CPU: avg \d+%, min \d+%, max \d+%/ }).waitFor();
  await page.getByText(/Each point is the average of/).waitFor();

  // The day has annotations: a mark says what happened, and leads to its task.
  const events = page.getByRole('list', { name: 'Events' });
  await events.getByRole('button', { name: /: offline$/ }).hover();
  await events.getByText('offline', { exact: true }).waitFor();
  const mark = events.getByRole('button', { name: /web\.deploy failed/ });
  await mark.focus();
  const link = events.getByRole('link', { name: 'web.deploy failed' });
  await link.waitFor();
  expect(await link.getAttribute('href')).toMatch(/^\/dashboard\/tasks\/[\w-]{21}$/);

  await drag(page, 'CPU', 0.2, 0.6);
  await page.waitForURL(/from=\d+&to=\d+/);
  const day = search(page);
  expect(Number(day.to) - Number(day.from)).toBeGreaterThan(8 * HOUR_MS);
  expect(Number(day.to) - Number(day.from)).toBeLessThan(11 * HOUR_MS);
  await page.getByRole('button', { name: 'Back', exact: true }).waitFor();
  await drag(page, 'Network', 0.5, 0.7);
  await page.waitForURL((url) => url.searchParams.get('from') !== day.from);
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await page.waitForURL((url) => url.searchParams.get('from') === day.from);
  await page.getByRole('button', { name: /Reset zoom/ }).click();
  await page.waitForURL((url) => url.search === '?range=24h');

  await page.getByRole('button', { name: 'Compare with the period before' }).click();
  await page.waitForURL('**compare=before');
  await page.getByRole('img', { name: /^CPU: avg .*, before \d+%/ }).waitFor();
  const choose = async (name: string) => {
    await page.getByRole('button', { name: 'More about CPU', exact: true }).click();
    await page.getByRole('button', { name }).click();
  };
  const download = page.waitForEvent('download');
  await choose('Export CSV');
  expect((await download).suggestedFilename()).toBe(`${host}-cpu.csv`);
  const picture = page.waitForEvent('download');
  await choose('Export PNG');
  expect((await picture).suggestedFilename()).toBe(`${host}-cpu.png`);
  await choose('Open full size');
  await page.waitForURL('**chart=cpu');
  await page
    .getByRole('dialog', { name: /^CPU, / })
    .getByRole('img', { name: /^CPU: avg/ })
    .waitFor();

  // A link shows the same to someone else.
  const { page: other } = await open({ url: page.url() });
  await other.getByRole('dialog', { name: /^CPU, / }).waitFor({ timeout: SOON_MS });
  await other.keyboard.press('Escape');
  await other.waitForURL((url) => !url.searchParams.has('chart'));

  await page.goto(
    `${bed.hub.url}/dashboard/targets/${host}?from=${Date.now() - 50 * HOUR_MS}&to=${Date.now() - 40 * HOUR_MS}`,
  );
  await page.getByRole('img', { name: /^CPU: avg/ }).waitFor();
  expectProblems(/status of 404.*\/tasks\//);
});

it('draws a month of charts in short tasks, and records how long it takes', async ({ open }) => {
  const host = bed.hosts[0] ?? '';
  const { page } = await open({
    url: `${bed.hub.url}/dashboard/targets/${host}?range=24h`,
    prepare: async (prepared) => void (await prepared.addInitScript(observeLongTasks)),
  });
  page.setDefaultTimeout(SOON_MS);
  await page.getByText(/Each point is the average of/).waitFor();
  await expect.poll(() => page.locator('[data-chart]:not(:has(canvas))').count()).toBe(0);
  const figures = await page.evaluate(async () => {
    const resolution = () => document.querySelector('main')?.textContent?.match(/average of \S+/)?.[0];
    const before = resolution();
    const link = [...document.querySelectorAll<HTMLAnchorElement>('nav[aria-label="Time range"] a')].find(
      ({ textContent }) => textContent === '30d',
    );
    const startMs = performance.now();
    link?.click();
    while (resolution() === before) await new Promise(requestAnimationFrame);
    const charts = document.querySelectorAll('[data-chart] canvas').length;
    // Each chart is drawn in a task of its own.
    for (let chart = 0; chart < charts; chart++) await new Promise((resolve) => setTimeout(resolve));
    await new Promise(requestAnimationFrame);
    const shownMs = performance.now() - startMs;
    // Idle: nothing is left to draw, and long tasks have been reported.
    await new Promise((resolve) => requestIdleCallback(resolve));
    const { longTasks } = window as unknown as { longTasks: { atMs: number; durationMs: number }[] };
    const longest = longTasks.filter(({ atMs }) => atMs >= startMs).map(({ durationMs }) => durationMs);
    return { charts, shownMs, longestTaskMs: Math.max(0, ...longest) };
  });
  expect(figures.charts).toBeGreaterThanOrEqual(12);
  const { charts, shownMs, longestTaskMs } = figures;
  await record('history', {
    charts,
    rangeChangeMs: Math.round(shownMs),
    longestTaskMs: Math.round(longestTaskMs),
  });
});

/** Runs in the page. */
function observeLongTasks(): void {
  const longTasks: { atMs: number; durationMs: number }[] = [];
  Object.assign(window, { longTasks });
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries())
      longTasks.push({ atMs: startTime, durationMs: duration });
  }).observe({ type: 'longtask' });
}

it('ranks targets, and compares those that are selected in the fleet', async ({ open }) => {
  const [first = '', second = '', third = ''] = bed.hosts;
  const { page } = await open({ url: `${bed.hub.url}/?view=table` });
  page.setDefaultTimeout(SOON_MS);
  await page.getByRole('link', { name: 'Ranking' }).click();
  await page.waitForURL('**/dashboard/ranking');
  const rows = page.getByRole('table', { name: 'Ranking' }).getByRole('row');
  await rows.nth(3).waitFor();
  const hosts = async () => (await rows.getByRole('link').allTextContents()).join();
  expect(await hosts()).toBe([third, second, first].join());
  await page.getByRole('button', { name: 'Maximum' }).click();
  await page.waitForURL('**by=max');
  await page.getByRole('navigation', { name: 'Time range' }).getByRole('link', { name: '7d' }).click();
  await page.waitForURL('**range=7d');
  await rows.getByRole('link', { name: third }).click();
  await page.waitForURL(`**/targets/${third}?range=7d`);

  await page.goto(`${bed.hub.url}/?view=table&columns=cpu,day`);
  await page
    .getByText(/CPU, last 24 hours: average \d+%/)
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Select', exact: true }).click();
  for (const host of [first, third]) {
    await page.getByRole('row').filter({ hasText: host }).click();
    await page.getByRole('checkbox', { name: `Select ${host}`, checked: true }).waitFor();
  }
  await page.getByRole('link', { name: 'Compare 2' }).click();
  await page.waitForURL(/\/dashboard\/compare\?hosts=/);
  const compared = page.getByRole('img', { name: new RegExp(`^CPU: ${first} \\d+%, ${third} \\d+%`) });
  await compared.waitFor();
  await page
    .getByRole('textbox', { name: 'Target to add' })
    .or(page.getByRole('combobox'))
    .last()
    .fill(second);
  await page.getByRole('button', { name: 'Add' }).click();
  await page.getByRole('img', { name: new RegExp(`${second} \\d+%`) }).waitFor();
  await page.getByRole('button', { name: `Remove ${first}` }).click();
  await page.waitForURL((url) => url.searchParams.get('hosts') === `${third},${second}`);
});

it('says why the history is not recorded, and hides what a hub without one cannot show', async ({ open }) => {
  const host = bed.hosts[0] ?? '';
  const recording = { state: 'stopped', reason: 'the disk is full', sinceMs: Date.now() };
  let answer: { readonly status: number; readonly json: object } = { status: 200, json: { recording } };
  const { page, expectProblems } = await open({
    url: `${bed.hub.url}/dashboard/targets/${host}`,
    prepare: async (prepared) =>
      void (await prepared.route('**/history/stats', (route) => route.fulfill(answer))),
  });
  expectProblems(/status of 409/);
  page.setDefaultTimeout(SOON_MS);
  await page
    .getByRole('status')
    .filter({ hasText: /not recorded.*the disk is full/ })
    .waitFor();
  answer = { status: 409, json: { title: 'No history', detail: 'It is off.', status: 409 } };
  await page.reload();
  await page.getByText(/keeps the last 15 minutes only/).waitFor();
  const ranges = page.getByRole('navigation', { name: 'Time range' });
  expect(await ranges.getByRole('link').allTextContents()).toEqual(['1m', '2m', '5m', '10m', '15m']);
  await page.goto(bed.hub.url);
  await page.getByText(/3 targets/).waitFor();
  expect(await page.getByRole('link', { name: 'Ranking' }).count()).toBe(0);
  await page.goto(`${bed.hub.url}/dashboard/compare`);
  await page.getByText(/keeps the last 15 minutes only/).waitFor();
});

it('is accessible in light and dark, and fits on a phone', { timeout: ALL_VIEWS_MS }, async ({ open }) => {
  const [first = '', second = ''] = bed.hosts;
  const views = {
    'target-24h': `/dashboard/targets/${first}?range=24h&compare=before`,
    ranking: '/dashboard/ranking',
    compare: `/dashboard/compare?hosts=${first},${second}&range=7d`,
    'fleet-day': '/?view=table&columns=cpu,day,memory',
  };
  const complaints: string[] = [];
  for (const size of ['desk', 'phone'] as const) {
    const { page, problems } = await open({ url: bed.hub.url, size, reducedMotion: true });
    page.setDefaultTimeout(SOON_MS);
    for (const [name, path] of Object.entries(views)) {
      const problemsBefore = problems().length;
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto(new URL(path, bed.hub.url).href);
      const shown = page.locator('main canvas, main table, main ul[data-rows]').first();
      await Promise.all([untilConnection(page, 'Live'), shown.waitFor({ state: 'attached' })]);
      const inspect = size === 'desk' ? inspectView : inspectWidth;
      const wrong = [
        ...(await inspect(page, `history-${name}-${size}`)),
        ...problems().slice(problemsBefore),
      ];
      complaints.push(...wrong.map((each) => `${name} on a ${size}: ${each}`));
    }
  }
  expect(complaints).toEqual([]);
});

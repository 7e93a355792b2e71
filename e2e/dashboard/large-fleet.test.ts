import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { it } from './browser-test.ts';
import { record } from './figures.ts';
import { startFleetBed } from './fleet-bed.ts';
import { SOON_MS, untilConnection } from './page-parts.ts';

const COUNT = 1000;
const INTERVAL_MS = 3000;
const UPDATES = 3;
/** Far more than are visible at once. */
const ROWS_MAX = 100;

type LongTasks = { readonly longTasks: { readonly atMs: number; readonly durationMs: number }[] };

it('shows 1,000 targets in few rows, scrolls through them, and records the longest tasks', async ({
  open,
  own,
}) => {
  const bed = own(await startFleetBed({ count: COUNT, intervalMs: INTERVAL_MS }));
  let frames = 0;
  const { page } = await open({
    url: bed.hub.url,
    async prepare(prepared) {
      await prepared.addInitScript(observeLongTasks);
      prepared.on('websocket', (socket) => void socket.on('framereceived', () => frames++));
    },
  });
  const untilFrames = (count: number) =>
    expect
      .poll(() => frames, { timeout: (count + 1) * INTERVAL_MS + SOON_MS })
      .toBeGreaterThanOrEqual(frames + count);
  await untilConnection(page, 'Live');
  await page.getByText(/1,000 targets/).waitFor({ timeout: SOON_MS });
  await page.waitForLoadState('networkidle');
  await untilFrames(1);

  const rows = page.getByRole('table').getByRole('row');
  expect(await rows.count()).toBeGreaterThan(10);
  expect(await rows.count()).toBeLessThan(ROWS_MAX);
  const onUpdates = await longestTaskDuring(page, () => untilFrames(UPDATES));

  const link = page.getByRole('link', { name: '10.0.3.232', exact: true });
  expect(await link.count()).toBe(0);
  const whileScrolling = await longestTaskDuring(page, async () => {
    await page.mouse.move(700, 700);
    for (let wheel = 0; wheel < 200 && (await link.count()) === 0; wheel++) await page.mouse.wheel(0, 600);
    await link.waitFor({ timeout: SOON_MS });
  });
  expect(await rows.count()).toBeLessThan(ROWS_MAX);
  await record('large-fleet', {
    targets: COUNT,
    longestTaskOnUpdatesMs: onUpdates,
    longestTaskWhileScrollingMs: whileScrolling,
  });
});

/**
 * Runs in the page. Chromium reports tasks longer than 50 ms (Long Tasks API,
 * https://w3c.github.io/longtasks/).
 */
function observeLongTasks(): void {
  const longTasks: LongTasks['longTasks'] = [];
  Object.assign(window, { longTasks } satisfies LongTasks);
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries())
      longTasks.push({ atMs: startTime, durationMs: duration });
  }).observe({ type: 'longtask' });
}

/** @returns milliseconds; 0 when no task took more than 50 */
async function longestTaskDuring(page: Page, action: () => Promise<unknown>): Promise<number> {
  const fromMs = await page.evaluate(() => performance.now());
  await action();
  const longest = await page.evaluate((sinceMs) => {
    const { longTasks } = window as unknown as LongTasks;
    return Math.max(
      0,
      ...longTasks.filter(({ atMs }) => atMs >= sinceMs).map(({ durationMs }) => durationMs),
    );
  }, fromMs);
  return Math.round(longest);
}

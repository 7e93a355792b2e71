import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildHistory, readRecording } from '@booner/history/testing';
import { startRedis } from '@booner/testkit';
import { openBrowser } from '@booner/testkit/browser';
import { openPage } from '@booner/testkit/browser-page';
import { hostOf } from '@booner/testkit/simulated-host';
import { INTERVAL_MS, startAgents } from '../ingest/agent-fleet.ts';
import { watchLongTasks } from '../measure/long-tasks.ts';
import type { PartContext, PartResult } from '../part-result.ts';
import { startHubProcess } from '../processes/hub-process.ts';
import { type DashboardFigures, presentDashboard, type RangeChange } from './dashboard-table.ts';

/** Days of history, and the number of times that each range is opened. */
type Plan = { readonly days: number; readonly rounds: number };
const FULL: Plan = { days: 30, rounds: 20 };
const SHORT: Plan = { days: 2, rounds: 1 };

const RANGES = ['30d', '24h'];
const DAY_MS = 86_400_000;
/** Pages go on loading other things after the first pixels. */
const SETTLE_MS = 1500;

/** Measures, in a browser, how long the charts of a target take to show another range. */
export async function runDashboardBench({ isShort, signal, progress }: PartContext): Promise<PartResult> {
  const plan = isShort ? SHORT : FULL;
  await using scope = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'booner-bench-'));
  scope.defer(() => rm(directory, { recursive: true }));
  const host = hostOf(0);
  progress(`history: ${plan.days} days of one host, without the hub`);
  const nowMs = Date.now();
  buildHistory(directory, {
    hosts: [host],
    fromMs: nowMs - plan.days * DAY_MS,
    nowMs,
    recording: readRecording(),
    intervalMs: INTERVAL_MS,
  });
  const redis = scope.use(await startRedis());
  const env = { BOONER_HISTORY_DIR: directory };
  const hub = scope.use(await startHubProcess({ redisUrl: redis.url, intervalMs: INTERVAL_MS, env }));
  await startAgents({ redisUrl: redis.url, hub, total: 1 }, scope);
  progress('history: a browser');
  const browser = await openBrowser();
  scope.defer(() => browser.close());
  const url = `http://127.0.0.1:${hub.port}/dashboard/targets/${host}?range=${RANGES.at(-1)}`;
  const { page } = scope.use(await openPage(browser, { url }));
  await page.locator('canvas').first().waitFor();
  await delay(SETTLE_MS, undefined, { signal });
  const takeLongTasks = await watchLongTasks(page);
  const changes: RangeChange[] = [];
  for (let change = 0; change < plan.rounds * RANGES.length; change++) {
    const range = RANGES[change % RANGES.length] as string;
    const ms = await page.evaluate<number>(`(${CHANGE_RANGE})(${JSON.stringify(range)})`);
    await delay(SETTLE_MS, undefined, { signal });
    changes.push({ range, ms, longTasksMs: await takeLongTasks() });
  }
  const charts = await page.locator('canvas').count();
  hub.assertRuns();
  const figures: DashboardFigures = { days: plan.days, charts, changes };
  return presentDashboard(figures);
}

/**
 * Resolves with the time from the click to the frame after the first chart has changed. Code for
 * the page is text: this package is compiled without the types of browsers.
 */
const CHANGE_RANGE = `(range) => {
  const canvas = document.querySelector('canvas');
  const context = canvas.getContext('2d');
  const axisPx = 40;
  const read = () => {
    const { data } = context.getImageData(0, canvas.height - axisPx, canvas.width, axisPx);
    let sum = 0;
    for (let at = 0; at < data.length; at += 16) sum = (31 * sum + data[at] + data[at + 3]) | 0;
    return sum;
  };
  const before = read();
  const button = [...document.querySelectorAll('a, button, label')].find((one) => one.textContent.trim() === range);
  const clickedMs = performance.now();
  button.click();
  return new Promise((resolve, reject) => {
    const look = () => {
      const hasChanged = document.querySelector('canvas') !== canvas || read() !== before;
      if (hasChanged) requestAnimationFrame(() => resolve(performance.now() - clickedMs));
      else if (performance.now() - clickedMs > 10_000) reject(new Error('the chart stays as it was'));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}`;

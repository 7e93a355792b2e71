import { eventually, startAgent, startHub, startRedis } from '@booner/testkit';
import type { Locator } from 'playwright-core';
import { expect } from 'vitest';
import { askDf } from '../clients/ask-df.ts';
import { it } from './browser-test.ts';
import { untilConnection } from './page-parts.ts';

const AGENT = '127.0.0.2';
const WAIT = { timeout: 60_000 };
/** `df` rounds up, and the disk is written to while the test runs. */
const POINTS = 1.5;

it('disks are as full as `df` says, and the last metrics of an offline target are not shown as current', async ({
  open,
  own,
}) => {
  const env = { BOONER_INTERVAL_MS: '500' };
  const redis = own(await startRedis());
  const hub = own(await startHub({ redisUrl: redis.url, env }));
  const agent = own(await startAgent({ redisUrl: redis.url, hostId: AGENT, env }));
  const { page } = await open({ url: `${hub.url}/?view=table` });
  const row = page.locator(`tr[data-host="${AGENT}"]`);
  // Notes on trouble have the same words.
  const shares = row
    .locator('.sr-only')
    .filter({ hasText: /^(CPU|Memory|Disk)\s*$/ })
    .locator('..')
    .filter({ hasText: /\d+%/ });
  await expect.poll(() => shares.count()).toBe(3);
  const df = await askDf();
  const near = async (shown: Locator, what: string) => {
    const percent = Number(/(\d+)%/.exec((await shown.textContent()) ?? '')?.[1] ?? Number.NaN);
    expect(Math.abs(percent - df.percent), `${what}: ${percent} %, df: ${df.percent} %`).toBeLessThan(POINTS);
  };
  await near(shares.nth(2), 'the table');
  const mainServer = page.getByRole('region', { name: 'Main server' });
  await near(mainServer.getByText(/^Disk/).locator('..'), 'the main server');

  const { page: target } = await open({ url: `${hub.url}/dashboard/targets/${AGENT}` });
  const fileSystems = target.getByRole('table', { name: 'File systems' });
  const root = fileSystems.getByRole('row').nth(1); // mounted first
  await near(root.getByText(/^Used \d+%/), 'the page of the target');

  // A mouse that is dragged over a chart zooms into that time.
  const plot = await target.getByRole('img', { name: /^CPU:/ }).boundingBox();
  const pointAt = (share: number): [number, number] => [
    (plot?.x ?? 0) + (plot?.width ?? 0) * share,
    (plot?.y ?? 0) + (plot?.height ?? 0) / 2,
  ];
  await target.mouse.move(...pointAt(0.4));
  await target.mouse.down();
  await target.mouse.move(...pointAt(0.7), { steps: 5 });
  await target.mouse.up();
  await target.waitForURL(/[?&]from=\d+&to=\d+/, WAIT);
  await target.getByRole('button', { name: /Reset zoom/ }).click(WAIT);
  await target.waitForURL((url) => url.search === '', WAIT);

  await agent.kill('SIGKILL');
  await row.getByText('offline').waitFor(WAIT);
  await expect.poll(() => row.textContent()).toMatch(/CPU –.*Memory –.*Disk –/);
  expect(await row.textContent()).not.toMatch(/\d%|\d B\/s|°C/);
  await target.getByText(/No data since .* are from then/).waitFor(WAIT);
  const filter = await fileSystems.evaluate(
    (table) => getComputedStyle(table.parentElement as Element).filter,
  );
  expect(filter).toContain('grayscale');

  // Without Redis, data are as old as the last sample, although the hub goes on broadcasting.
  await redis.stop();
  await untilConnection(page, 'Cut off');
  await page.getByText(/Redis unreachable since/).waitFor(WAIT);
  await page.getByRole('button', { name: /^Connection/ }).click();
  const age = page.locator('dt:has-text("Age of the data") + dd');
  expect(Number.parseFloat(await age.innerText())).toBeGreaterThan(1);
});

it('a completed task has no time left', async ({ open, own }) => {
  const hub = own(await startHub());
  const ask = async (path: string, method: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await hub.get(path, { method, headers, body: JSON.stringify(body) });
    return (await answer.json()) as { task_id: string };
  };
  const [target] = await eventually(
    async () => {
      const { targets } = (await (await hub.get('/targets')).json()) as { targets: { host: string }[] };
      return targets.length > 0 ? targets : null;
    },
    { deadlineMs: WAIT.timeout, what: 'a target' },
  );
  const made = { external: true, host: target?.host, action: 'nightly-backup', status: 'running' };
  const { task_id: id } = await ask('/tasks', 'POST', made);
  await ask(`/tasks/${id}`, 'PATCH', { progress: 90, message: '1 s left' });
  await ask(`/tasks/${id}`, 'PATCH', { status: 'completed' });
  const ready = {
    '/dashboard/tasks': (main: Locator) => main.locator(`a[href$="${id}"]`).first(),
    [`/dashboard/tasks/${id}`]: (main: Locator) => main.getByRole('region', { name: 'Result' }),
  };
  for (const [path, shown] of Object.entries(ready)) {
    const { page } = await open({ url: `${hub.url}${path}` });
    const main = page.getByRole('main');
    await shown(main).waitFor(WAIT);
    expect(await main.textContent()).not.toMatch(/s left|90 ?%/);
    expect(await main.getByRole('progressbar').count()).toBe(0);
  }
});

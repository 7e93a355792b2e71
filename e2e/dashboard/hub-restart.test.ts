import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { taskIdSchema } from '@booner/protocol';
import { logKey } from '@booner/protocol/redis-names';
import { eventually, startSimulatedFleet } from '@booner/testkit';
import { expect } from 'vitest';
import { shell } from '../tasks/actions.ts';
import { fieldsOf, HOST, startTaskBed } from '../tasks/task-bed.ts';
import { it } from './browser-test.ts';
import { NETWORK_ERRORS, rowOf, SOON_MS, untilChanged, untilConnection } from './page-parts.ts';

const INTERVAL_MS = 500;
/**
 * Lines written before, during and after the restart: few enough that all are in view, since the
 * page renders only those.
 */
const LINES_EACH = 6;

it('says so while the hub is down, and continues when it is up: every target and every line of a log once', async ({
  open,
  own,
}) => {
  const bed = own(
    await startTaskBed({
      hubEnv: { BOONER_INTERVAL_MS: `${INTERVAL_MS}` },
      actions: (directory) => ({
        // Prints some lines at once, as many more for each of the files `more1` and `more2`, and
        // then the end.
        count: shell(
          `n=0; for part in 0 1 2; do
             while [ $part -gt 0 ] && [ ! -e "$1/more$part" ]; do sleep 0.05; done
             for k in $(seq ${LINES_EACH}); do n=$((n + 1)); echo "line $n"; done
           done; echo the end`,
          directory,
        ),
      }),
    }),
  );
  const fleet = own(
    await startSimulatedFleet({
      redisUrl: bed.redis.url,
      count: 8,
      intervalMs: INTERVAL_MS,
    }),
  );
  const id = await bed.create('count');
  const sayMore = (part: number) => writeFile(join(bed.directory, `more${part}`), '');
  const fleetPage = await open({ url: bed.hub.url });
  const taskPage = await open({ url: `${bed.hub.url}/dashboard/tasks/${id}` });
  const pages = [fleetPage, taskPage];
  await Promise.all(pages.map(({ page }) => untilConnection(page, 'Live')));
  const row = rowOf(fleetPage.page, HOST);
  await row.waitFor();
  const log = taskPage.page.getByRole('log');
  const untilShown = (text: string) => log.getByText(text, { exact: true }).waitFor({ timeout: SOON_MS });
  await untilShown(`line ${LINES_EACH}`);

  const ends = pages.map(({ expectProblems }) => expectProblems(NETWORK_ERRORS));
  await bed.hub.kill('SIGKILL');
  await Promise.all(pages.map(({ page }) => untilConnection(page, 'Offline')));
  expect(await fleetPage.page.title()).toMatch(/^Offline/);
  expect(await row.count()).toBe(1); // what was known stays
  for (const { page } of pages) await page.getByText(/Hub unreachable since/).waitFor({ timeout: SOON_MS });
  const main = fleetPage.page.locator('main');
  await expect.poll(() => main.getAttribute('data-stale')).toBe('true');
  const again = taskPage.page.getByRole('button', { name: 'Run again', disabled: true });
  await again.waitFor({ timeout: SOON_MS });
  await sayMore(1);
  await eventually(
    async () => {
      const [last] = await bed.operator.xrevrange(logKey(taskIdSchema.parse(id)), '+', '-', 'COUNT', 1);
      // Several lines share one entry.
      return fieldsOf(last?.[1] ?? []).text?.endsWith(`line ${2 * LINES_EACH}`);
    },
    { what: 'lines of a task while no hub is there' },
  );
  await bed.hub.restart();
  await Promise.all(pages.map(({ page }) => untilConnection(page, 'Live')));
  for (const end of ends) end();
  expect(await fleetPage.page.getByText(/Hub unreachable/).count()).toBe(0);
  await taskPage.page.getByRole('link', { name: 'Run again' }).waitFor({ timeout: SOON_MS });

  await untilChanged(row, 'the row after the restart');
  const hosts = await fleetPage.page.getByRole('row').getByRole('link').allInnerTexts();
  expect(hosts.filter((text) => text.startsWith('10.0.0.')).sort()).toEqual([...fleet.hosts].sort());
  await untilShown(`line ${2 * LINES_EACH}`);
  await sayMore(2);
  await untilShown('the end');
  expect((await log.innerText()).match(/line \d+$/gm)).toEqual(
    Array.from({ length: 3 * LINES_EACH }, (_, index) => `line ${index + 1}`),
  );
});

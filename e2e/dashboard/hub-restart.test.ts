import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSimulatedFleet } from '@booner/testkit';
import { expect } from 'vitest';
import { shell } from '../tasks/actions.ts';
import { HOST, startTaskBed } from '../tasks/task-bed.ts';
import { it } from './browser-test.ts';
import { NETWORK_FAULTS, rowOf, untilChanged, untilConnection } from './page-parts.ts';

const INTERVAL_MS = 500;
const LIVE_AGAIN_WITHIN_MS = 40_000;

it('says so while the hub is away, and goes on when it is back: every target and every line of a log once', async ({
  open,
  own,
}) => {
  const bed = own(
    await startTaskBed({
      hubEnv: { BOONER_INTERVAL_MS: `${INTERVAL_MS}` },
      actions: (directory) => ({
        count: shell(
          'n=1; while [ ! -e "$1/go" ]; do echo "line $n"; n=$((n + 1)); sleep 0.2; done; echo the end',
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
  await bed.untilSaid(id, 'line 3');
  const fleetPage = await open({ url: bed.hub.url });
  const taskPage = await open({ url: `${bed.hub.url}/dashboard/tasks/${id}` });
  const pages = [fleetPage, taskPage];
  await Promise.all(pages.map(({ page }) => untilConnection(page, 'Live')));
  const row = rowOf(fleetPage.page, HOST);
  await row.waitFor();
  await taskPage.page.getByRole('log').getByText('line 3', { exact: true }).waitFor();

  const ends = pages.map(({ expectFaults }) => expectFaults(NETWORK_FAULTS));
  await bed.hub.kill('SIGKILL');
  await Promise.all(pages.map(({ page }) => untilConnection(page, 'Offline')));
  expect(await fleetPage.page.title()).toMatch(/^Offline/);
  expect(await row.count()).toBe(1); // what was known stays
  await bed.hub.restart();
  await Promise.all(pages.map(({ page }) => untilConnection(page, 'Live', LIVE_AGAIN_WITHIN_MS)));
  for (const end of ends) end();

  await untilChanged(row, 'the row after the restart');
  const hosts = await fleetPage.page.getByRole('row').getByRole('link').allInnerTexts();
  expect(hosts.filter((text) => text.startsWith('10.0.0.')).sort()).toEqual([...fleet.hosts].sort());
  const before = await bed.log(id);
  await bed.untilSaid(id, `line ${before.length + 3}`);
  await writeFile(join(bed.directory, 'go'), '');
  const log = taskPage.page.getByRole('log');
  await log.getByText('the end', { exact: true }).waitFor();
  const said = (await log.innerText()).match(/line \d+$/gm) ?? [];
  expect(said.length).toBeGreaterThan(5);
  expect(new Set(said).size).toBe(said.length);
});

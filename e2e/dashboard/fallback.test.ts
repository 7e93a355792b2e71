import { startSimulatedFleet } from '@booner/testkit';
import { expect } from 'vitest';
import { it } from './browser-test.ts';
import { startFleetBed } from './fleet-bed.ts';
import { NETWORK_ERRORS, rowOf, untilChanged, untilConnection } from './page-parts.ts';
import { startUpgradeProxy } from './upgrade-proxy.ts';

/** A WebSocket is retried with pauses of up to 15 s. */

it('polls within 5 s when WebSockets are blocked, keeps showing changes, and is live again by itself', async ({
  open,
  own,
}) => {
  const bed = own(await startFleetBed());
  const proxy = own(await startUpgradeProxy({ targetPort: bed.hub.port }));
  const { page, expectProblems } = await open({ url: proxy.url });
  const [host] = bed.fleet.hosts;
  const row = rowOf(page, host!);
  await untilConnection(page, 'Live');
  await untilChanged(row, 'the row over a WebSocket');

  const end = expectProblems(NETWORK_ERRORS);
  proxy.block();
  await untilConnection(page, 'Polling');
  await untilChanged(row, 'the row by polling');
  const more = own(await startSimulatedFleet({ redisUrl: bed.redis.url, count: 5, intervalMs: 500 }));
  await rowOf(page, more.hosts[4]!).waitFor();
  await page.getByRole('button', { name: 'Connection: Polling' }).click();
  await page.getByRole('dialog').getByText('polls over HTTP').waitFor();
  await page.keyboard.press('Escape');

  proxy.unblock();
  await untilConnection(page, 'Live');
  end();
  await untilChanged(row, 'the row over a WebSocket again');
  expect(await page.getByRole('row').filter({ hasText: host! }).count()).toBe(1);
});

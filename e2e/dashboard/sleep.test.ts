import { setTimeout as delay } from 'node:timers/promises';
import { startTcpProxy } from '@booner/testkit';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { it } from './browser-test.ts';
import { startFleetBed } from './fleet-bed.ts';
import { NETWORK_ERRORS, rowOf, SOON_MS, untilChanged, untilConnection } from './page-parts.ts';

/** Longer than the client takes for a page that was merely slow. */
const SLEEP_MS = 8000;

it('is live again after waking from a sleep in which the network was lost', async ({
  browser,
  open,
  own,
}) => {
  const bed = own(await startFleetBed());
  const proxy = own(await startTcpProxy({ targetPort: bed.hub.port }));
  const { page, expectProblems } = await open({ url: `http://127.0.0.1:${proxy.port}` });
  const [host, other] = bed.fleet.hosts;
  const row = rowOf(page, host!);
  await untilConnection(page, 'Live');
  await row.waitFor();

  const renderers = await rendererPids(browser, page);
  expectProblems(NETWORK_ERRORS);
  for (const pid of renderers) process.kill(pid, 'SIGSTOP');
  proxy.cut();
  bed.fleet.silence(other!);
  await delay(SLEEP_MS); // the sleep itself
  for (const pid of renderers) process.kill(pid, 'SIGCONT');
  await page.getByText('1 offline').first().waitFor({ timeout: SOON_MS });
  await untilConnection(page, 'Live');
  await untilChanged(row, 'the row after the sleep');
});

/** The processes that run pages; this browser has one page. */
async function rendererPids(browser: Browser, page: Page): Promise<readonly number[]> {
  expect(browser.contexts().flatMap((context) => context.pages())).toEqual([page]);
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const pids = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  expect(pids.length).toBeGreaterThan(0);
  return pids;
}

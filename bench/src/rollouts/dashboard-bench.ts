import { setTimeout as delay } from 'node:timers/promises';
import { openBrowser } from '@booner/testkit/browser';
import { openPage } from '@booner/testkit/browser-page';
import { watchLongTasks } from '../measure/long-tasks.ts';
import type { PartContext, PartResult } from '../part-result.ts';
import { presentRolloutPage, type RolloutPageFigures } from './dashboard-table.ts';
import { startRolloutBed } from './rollout-bed.ts';

type Plan = { readonly hosts: number; readonly batch: number; readonly rounds: number };

const FULL: Plan = { hosts: 500, batch: 50, rounds: 10 };
const SHORT: Plan = { hosts: 40, batch: 10, rounds: 1 };
/** The page shows the end a moment after the rollout. */
const SETTLE_MS = 1500;

/** Measures, in a browser, what holds the page of a rollout while its cells fill. */
export async function runRolloutPageBench({ isShort, signal, progress }: PartContext): Promise<PartResult> {
  const plan = isShort ? SHORT : FULL;
  await using scope = new AsyncDisposableStack();
  const bed = await startRolloutBed(plan.hosts, scope);
  const browser = await openBrowser();
  scope.defer(() => browser.close());
  const { page, expectProblems } = scope.use(
    await openPage(browser, { url: `http://127.0.0.1:${bed.hub.port}/dashboard/rollouts` }),
  );
  expectProblems(/status of 409.*\/history\/stats/); // this hub keeps no history
  await page.getByRole('heading', { name: 'Rollouts' }).waitFor();
  const takeLongTasks = await watchLongTasks(page);
  const rounds: RolloutPageFigures['rounds'][number][] = [];
  for (let round = 0; round <= plan.rounds; round += 1) {
    progress(`rollouts: page, round ${round} of ${plan.rounds}`);
    await delay(SETTLE_MS, undefined, { signal });
    await takeLongTasks();
    const id = await bed.create(plan.batch);
    await page.locator(`a[href$="/rollouts/${id}"]`).first().click();
    await page.locator('[data-host-grid] [data-index]').first().waitFor();
    const openingMs = await takeLongTasks();
    await bed.untilDone(id);
    await delay(SETTLE_MS, undefined, { signal });
    const updatingMs = await takeLongTasks();
    const cells = await page.locator('[data-host-grid] [data-index]').count();
    // The first round compiles code.
    if (round > 0) rounds.push({ cells, openingMs, updatingMs });
    await page.goBack();
  }
  await bed.assertSound();
  return presentRolloutPage({ ...plan, rounds });
}

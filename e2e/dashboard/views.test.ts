import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { PageSize } from '@booner/testkit/browser-page';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { it, SCREENSHOTS } from './browser-test.ts';
import { SOON_MS, untilConnection } from './page-parts.ts';
import { startViewsBed, type ViewsBed } from './views-bed.ts';

const SIZES: readonly PageSize[] = ['desk', 'phone'];
/** A busy machine needs seconds for each. */
const ALL_VIEWS_MS = 300_000;

let bed: ViewsBed;
const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
beforeAll(async () => {
  bed = stack.use(await startViewsBed());
});

describe.for(SIZES)('on a %s', (size) => {
  it('every view is accessible in light and dark, not wider than the page, and draws without an error', {
    timeout: ALL_VIEWS_MS,
  }, async ({ open }) => {
    const { page, faults, expectFaults } = await open({ url: bed.url, size, reducedMotion: true });
    page.setDefaultTimeout(SOON_MS);
    expectFaults(/status of 404.*\/(?:tasks|targets)\//); // Chromium's words about what does not exist
    const complaints: string[] = [];
    for (const { name, path, ready } of bed.views) {
      const faultsBefore = faults().length;
      const wrong: unknown[] = [];
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto(new URL(path, bed.url).href);
      await Promise.all([untilConnection(page, 'Live'), ready(page)]).catch((error) => wrong.push(error));
      await takePicture(page, `${name}-${size}-light`);
      wrong.push(...(await findExcess(page)), ...(await findViolations(new AxeBuilder({ page }))));
      await page.emulateMedia({ colorScheme: 'dark' });
      await takePicture(page, `${name}-${size}-dark`);
      wrong.push(...(await findViolations(new AxeBuilder({ page }).withRules('color-contrast'))));
      wrong.push(...faults().slice(faultsBefore));
      complaints.push(...wrong.map((each) => `${name}: ${each}`));
    }
    expect(complaints).toEqual([]);
  });
});

const takePicture = (page: Page, name: string) => page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });

async function findExcess(page: Page): Promise<readonly string[]> {
  const excessPx = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  return excessPx > 0 ? [`it is ${excessPx} px too wide`] : [];
}

async function findViolations(axe: AxeBuilder): Promise<readonly string[]> {
  const { violations } = await axe.setLegacyMode(true).analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.slice(0, 3).map(({ target, failureSummary = '' }) => {
      const reason = failureSummary.split('\n').at(1)?.trim() ?? '';
      return `${id}: ${help} (${target.join(' ')}): ${reason}`;
    }),
  );
}

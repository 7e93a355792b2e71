import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openBrowser } from '@booner/testkit/browser';
import { type BrowserPage, type OpenPageOptions, openPage } from '@booner/testkit/browser-page';
import { test } from 'vitest';

const BUILT = join(import.meta.dirname, '../../apps/dashboard/dist/index.html');
/** Chromium's words about the answer of hubs without a history. */
const NO_HISTORY = /status of (?:403|409).*\/history\/stats/;
/** Git does not keep it. */
export const SCREENSHOTS = join(import.meta.dirname, 'screenshots');

/**
 * A test with a real browser, shared by all tests of its worker. An unexpected problem on a page
 * fails its test.
 */
export const it = test
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads there which fixtures this one needs
  .extend('browser', { scope: 'worker' }, async ({}, { onCleanup }) => {
    if (!existsSync(BUILT)) {
      throw new Error(
        'the dashboard is not built; `npm test` builds it, and so does `npm run build -w apps/dashboard`',
      );
    }
    const browser = await openBrowser();
    onCleanup(() => browser.close());
    return browser;
  })
  // Servers outlive the pages that show them: a page whose server goes complains of it.
  // biome-ignore lint/correctness/noEmptyPattern: as above
  .extend('own', async ({}, { onCleanup }) => {
    const stack = new AsyncDisposableStack();
    onCleanup(() => stack.disposeAsync());
    return <Resource extends AsyncDisposable>(resource: Resource): Resource => stack.use(resource);
  })
  .extend('open', async ({ browser, task, own: _ }, { onCleanup }) => {
    const opened: BrowserPage[] = [];
    onCleanup(async () => {
      await using stack = new AsyncDisposableStack();
      for (const page of opened) stack.use(page);
      if (task.result?.state === 'fail') await takePictures(task.name, opened);
    });
    return async (options: OpenPageOptions): Promise<BrowserPage> => {
      const page = await openPage(browser, options);
      page.expectProblems(NO_HISTORY);
      opened.push(page);
      return page;
    };
  });

/** Takes screenshots of the pages of a failed test. */
async function takePictures(name: string, opened: readonly BrowserPage[]): Promise<void> {
  const prefix = join(SCREENSHOTS, `failed-${name.replaceAll(/\W+/g, '-').slice(0, 60)}`);
  for (const [index, { page }] of opened.entries()) await page.screenshot({ path: `${prefix}-${index}.png` });
}

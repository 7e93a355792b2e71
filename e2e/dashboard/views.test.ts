import type { PageSize } from '@booner/testkit/browser-page';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { it } from './browser-test.ts';
import { inspectView, inspectWidth } from './inspect-view.ts';
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
    const { page, problems, expectProblems } = await open({ url: bed.url, size, reducedMotion: true });
    page.setDefaultTimeout(SOON_MS);
    expectProblems(/status of 404.*\/(?:tasks|targets)\//); // Chromium's words about what does not exist
    const complaints: string[] = [];
    for (const { name, path, ready } of bed.views) {
      const problemsBefore = problems().length;
      const wrong: unknown[] = [];
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto(new URL(path, bed.url).href);
      await Promise.all([untilConnection(page, 'Live'), ready(page)]).catch((error) => wrong.push(error));
      const inspect = size === 'desk' ? inspectView : inspectWidth;
      wrong.push(...(await inspect(page, `${name}-${size}`)), ...problems().slice(problemsBefore));
      complaints.push(...wrong.map((each) => `${name}: ${each}`));
    }
    expect(complaints).toEqual([]);
  });
});

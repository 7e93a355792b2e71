import type { BrowserPage } from '@booner/testkit/browser-page';

/** A long task by definition, in milliseconds: https://www.w3.org/TR/longtasks-1/ */
export const LONG_TASK_MS = 50;

// Code for the page is text: this package is compiled without the types of browsers.

const WATCH = `
  globalThis.longTasksMs = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longTasksMs.push(duration);
  }).observe({ type: 'longtask' });`;

/**
 * Watches a page for tasks that hold its main thread.
 * @returns a function that takes the durations in milliseconds of those since the last call
 */
export async function watchLongTasks(page: BrowserPage['page']): Promise<() => Promise<number[]>> {
  await page.evaluate(WATCH);
  return () => page.evaluate<number[]>('longTasksMs.splice(0)');
}

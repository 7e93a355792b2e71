import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

export type PageSize = 'desk' | 'phone';
export type PageTheme = 'light' | 'dark';

export type OpenPageOptions = {
  readonly url: string;
  /** Default: `desk`. */
  readonly size?: PageSize;
  /** The system's colour scheme. Default: `light`. */
  readonly theme?: PageTheme;
  /** Makes the system ask for reduced motion. */
  readonly reducedMotion?: boolean;
  /** Called before the page loads, to add listeners. */
  readonly prepare?: (page: Page) => void | Promise<void>;
};

/**
 * A page in a browser context of its own, without a shared cache. Disposing of it closes it, and
 * throws an Error that lists the problems in the page, unless they were expected.
 */
export type BrowserPage = AsyncDisposable & {
  readonly page: Page;
  /** Unexpected console errors, uncaught errors and Content-Security-Policy violations. */
  problems(): readonly string[];
  /** Expects problems that match, until the returned function is called. */
  expectProblems(pattern: RegExp): () => void;
};

const SIZES: Readonly<Record<PageSize, BrowserContextOptions>> = {
  desk: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
};

/** Opens a page. Returns when its document is loaded, possibly before anything is drawn. */
export async function openPage(
  browser: Browser,
  { url, size = 'desk', theme = 'light', reducedMotion = false, prepare }: OpenPageOptions,
): Promise<BrowserPage> {
  const context = await browser.newContext({
    ...SIZES[size],
    colorScheme: theme,
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  });
  try {
    const page = await context.newPage();
    const { problems, expectProblems } = watchProblems(page);
    await prepare?.(page);
    await page.goto(url, { waitUntil: 'commit' });
    return {
      page,
      problems,
      expectProblems,
      async [Symbol.asyncDispose]() {
        await context.close();
        if (problems().length > 0) throw new Error(`in the page at ${url}:\n${problems().join('\n')}`);
      },
    };
  } catch (error) {
    await context.close();
    throw error;
  }
}

/** Chromium reports Content-Security-Policy violations as console errors. */
function watchProblems(page: Page): Pick<BrowserPage, 'problems' | 'expectProblems'> {
  const problems: string[] = [];
  const expected = new Set<{ readonly pattern: RegExp }>();
  const take = (problem: string) => {
    if (![...expected].some(({ pattern }) => pattern.test(problem))) problems.push(problem);
  };
  page.on('console', (message) => {
    if (message.type() === 'error') take(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => take(`uncaught: ${error.stack ?? error.message}`));
  page.on('crash', () => take('the page crashed'));
  return {
    problems: () => problems,
    expectProblems(pattern) {
      const expectation = { pattern };
      expected.add(expectation);
      return () => void expected.delete(expectation);
    },
  };
}

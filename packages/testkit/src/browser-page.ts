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
  faults(): readonly string[];
  /** Expects problems that match, until the returned function is called. */
  expectFaults(pattern: RegExp): () => void;
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
    const { faults, expectFaults } = watchFaults(page);
    await prepare?.(page);
    await page.goto(url, { waitUntil: 'commit' });
    return {
      page,
      faults,
      expectFaults,
      async [Symbol.asyncDispose]() {
        await context.close();
        if (faults().length > 0) throw new Error(`in the page at ${url}:\n${faults().join('\n')}`);
      },
    };
  } catch (error) {
    await context.close();
    throw error;
  }
}

/** Chromium reports Content-Security-Policy violations as console errors. */
function watchFaults(page: Page): Pick<BrowserPage, 'faults' | 'expectFaults'> {
  const faults: string[] = [];
  const expected = new Set<{ readonly pattern: RegExp }>();
  const take = (fault: string) => {
    if (![...expected].some(({ pattern }) => pattern.test(fault))) faults.push(fault);
  };
  page.on('console', (message) => {
    if (message.type() === 'error') take(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => take(`uncaught: ${error.stack ?? error.message}`));
  page.on('crash', () => take('the page crashed'));
  return {
    faults: () => faults,
    expectFaults(pattern) {
      const expectation = { pattern };
      expected.add(expectation);
      return () => void expected.delete(expectation);
    },
  };
}

import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

export type PageSize = 'desk' | 'phone';
export type PageTheme = 'light' | 'dark';

export type OpenPageOptions = {
  readonly url: string;
  /** Default: `desk`. */
  readonly size?: PageSize;
  /** What the reader's system prefers; default: `light`. */
  readonly theme?: PageTheme;
  /** Whether the reader's system asks for little motion. */
  readonly reducedMotion?: boolean;
  /** Called before anything is loaded, to listen in. */
  readonly prepare?: (page: Page) => void | Promise<void>;
};

/**
 * A page of a reader of its own: nothing is shared with other pages, and nothing is cached. Disposing of it closes it, and
 * throws an Error that names what went wrong in it, unless that was expected.
 */
export type BrowserPage = AsyncDisposable & {
  readonly page: Page;
  /** Errors in the console, uncaught errors and violations of the Content-Security-Policy that nobody expected. */
  faults(): readonly string[];
  /** Faults that match are expected from now on, until what is returned is called. */
  expectFaults(pattern: RegExp): () => void;
};

const SIZES: Readonly<Record<PageSize, BrowserContextOptions>> = {
  desk: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
};

/** Opens a page, and returns when its document is there, which need not have drawn anything yet. */
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

/** Violations of the Content-Security-Policy are errors in the console of Chromium. */
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

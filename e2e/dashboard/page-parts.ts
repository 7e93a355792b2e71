import { eventually } from '@booner/testkit';
import type { Locator, Page } from 'playwright-core';

type ConnectionWord = 'Connecting' | 'Live' | 'Polling' | 'Offline' | 'Cut off';

/** Deadline for everything that a page shows. A busy machine draws slowly. */
export const SOON_MS = 60_000;

/**
 * Chromium's console messages about failed requests and WebSockets, which a page cannot suppress.
 */
export const NETWORK_ERRORS = /Failed to load resource|WebSocket connection to/;

/** Waits until the connection badge shows this text. */
export const untilConnection = (page: Page, word: ConnectionWord, timeoutMs = SOON_MS): Promise<void> =>
  page.getByRole('button', { name: `Connection: ${word}` }).waitFor({ timeout: timeoutMs });

/** A target's row in the table of the fleet. */
export const rowOf = (page: Page, host: string): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name: host, exact: true }) });

/** Waits until the text of an element changes. */
export async function untilChanged(locator: Locator, what: string, timeoutMs = SOON_MS): Promise<void> {
  const before = await locator.innerText();
  await eventually(async () => (await locator.innerText()) !== before, {
    deadlineMs: timeoutMs,
    what: `${what} to change`,
  });
}

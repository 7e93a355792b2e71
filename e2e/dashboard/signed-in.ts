import type { HubProcess } from '@booner/testkit';
import type { OpenPageOptions } from '@booner/testkit/browser-page';
import type { Page } from 'playwright-core';
import { signIn } from '../access/asking.ts';

/** Prepares a page whose browser has signed in with a token. */
export const signedIn =
  (hub: HubProcess, token = hub.adminToken): NonNullable<OpenPageOptions['prepare']> =>
  (page) =>
    becomeWith(page, hub, token);

/** Signs the browser of a page in with a token, replacing its session. */
export async function becomeWith(page: Page, hub: HubProcess, token: string): Promise<void> {
  const [name = '', value = ''] = (await signIn(hub, token)).split(/=(.*)/s, 2);
  await page.context().addCookies([{ name, value, url: hub.url, httpOnly: true, sameSite: 'Strict' }]);
}

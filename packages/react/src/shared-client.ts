import { type BoonerClient, createBoonerClient } from '@booner/client';

/** Where a hub listens by itself; for runtimes without a page, such as a server that renders. */
const LOCAL_HUB = 'http://localhost:8000';

const clients = new Map<string, BoonerClient>();

/**
 * The one client of this page for a hub: what is connected is connected once, whichever providers and components use it. It is
 * never closed, as it disconnects by itself when nothing is watched; there is one for each hub that the page names.
 * @param url absent: the hub that the page came from
 * @throws TypeError when it is no absolute URL of http or https
 */
export function sharedClient(url?: string): BoonerClient {
  const { location } = globalThis as { location?: { readonly origin: string } };
  const { href } = new URL(url ?? location?.origin ?? LOCAL_HUB);
  const known = clients.get(href);
  if (known !== undefined) return known;
  const client = createBoonerClient({ url: href });
  clients.set(href, client);
  return client;
}

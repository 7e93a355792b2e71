import { type BoonerClient, createBoonerClient } from '@booner/client';

/** Default address of a hub, for runtimes without a page, such as server rendering. */
const LOCAL_HUB = 'http://localhost:8000';

const clients = new Map<string, BoonerClient>();

/**
 * Returns the page's client for a hub, shared by all providers and components. It is never closed,
 * since it disconnects when nothing is watched.
 * @param url default: the hub that served the page
 * @throws TypeError if it is not an absolute URL of http or https
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

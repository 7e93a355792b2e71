/** Path of links in messages that acknowledge an alert. */
export const ACKNOWLEDGE_PATH = '/acknowledge';

let held: string | null = null;

/**
 * Removes the secret of a link from the address before anything else reads it, so that it ends up
 * in no history, bookmark or screenshot. Call it before the router reads the address.
 */
export function holdAcknowledgeLink(): void {
  const { pathname, search, hash } = location;
  if (pathname !== ACKNOWLEDGE_PATH || hash.length < 2) return;
  held = hash.slice(1);
  history.replaceState(history.state, '', `${pathname}${search}`);
}

/** Returns the secret of the link that opened this page; `null`: none did. */
export const acknowledgeSecret = (): string | null => held;

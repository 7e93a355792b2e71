import { SIGN_IN_PATH } from './sign-in-search.ts';

let held: string | null = null;

/**
 * Removes the secret of a sign-in link from the address before anything else reads it, so that it
 * ends up in no history, bookmark or screenshot. Call it before the router reads the address.
 */
export function holdSignInLink(): void {
  const { pathname, search, hash } = location;
  const text = /^#link=(.+)$/.exec(hash)?.[1];
  if (pathname !== SIGN_IN_PATH || text === undefined) return;
  held = text;
  history.replaceState(history.state, '', `${pathname}${search}`);
}

/** Returns the link's secret. `null` if no link opened this page, or it was taken before. */
export function takeSignInLink(): string | null {
  const text = held;
  held = null;
  return text;
}

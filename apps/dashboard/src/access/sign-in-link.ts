import { SIGN_IN_PATH } from './sign-in-search.ts';

let held: string | null = null;

/**
 * Takes what a sign-in link holds out of the address, before anything else sees it: it stays in no history, no bookmark and no
 * screenshot. To be called before the router looks at the address.
 */
export function holdSignInLink(): void {
  const { pathname, search, hash } = location;
  const text = /^#link=(.+)$/.exec(hash)?.[1];
  if (pathname !== SIGN_IN_PATH || text === undefined) return;
  held = text;
  history.replaceState(history.state, '', `${pathname}${search}`);
}

/** What the link held; `null` when this page was opened by none, or it was taken before. */
export function takeSignInLink(): string | null {
  const text = held;
  held = null;
  return text;
}

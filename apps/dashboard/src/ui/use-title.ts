import { useEffect, useSyncExternalStore } from 'react';

/** Titles of the mounted views, innermost last. */
let titles: readonly { readonly text: string }[] = [];
const listeners = new Set<() => void>();

function change(next: typeof titles): void {
  titles = next;
  for (const listener of listeners) listener();
}

/**
 * Sets the view's part of the page's title: `useTitle('Tasks')`, `useTitle(host)`. Trouble of the
 * fleet precedes it.
 */
export function useTitle(text: string): void {
  useEffect(() => {
    const title = { text };
    change([...titles, title]);
    return () => change(titles.filter((each) => each !== title));
  }, [text]);
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
};

/** Returns the title of the current view; empty before it is set. */
export const useViewTitle = (): string => useSyncExternalStore(subscribe, () => titles.at(-1)?.text ?? '');

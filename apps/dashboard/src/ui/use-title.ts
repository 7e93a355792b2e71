import { createStore } from '@booner/client';
import { useEffect, useSyncExternalStore } from 'react';

/** Titles of the mounted views, innermost last. */
const titles = createStore<readonly { readonly text: string }[]>([]);

/**
 * Sets the view's part of the page's title: `useTitle('Tasks')`, `useTitle(host)`. Trouble of the
 * fleet precedes it.
 */
export function useTitle(text: string): void {
  useEffect(() => {
    const title = { text };
    titles.set([...titles.getSnapshot(), title]);
    return () => titles.set(titles.getSnapshot().filter((each) => each !== title));
  }, [text]);
}

/** Returns the title of the current view; empty before it is set. */
export const useViewTitle = (): string =>
  useSyncExternalStore(titles.subscribe, () => titles.getSnapshot().at(-1)?.text ?? '');

import { useEffect, useSyncExternalStore } from 'react';

/** Titles of the views that are mounted, the innermost last. */
let titles: readonly { readonly text: string }[] = [];
const listeners = new Set<() => void>();

function change(next: typeof titles): void {
  titles = next;
  for (const listener of listeners) listener();
}

/** Says what the view shows, in the page's title: `useTitle('Tasks')`, `useTitle(host)`. What troubles the fleet is put before it. */
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

/** What the view on the page says of itself; empty before it says anything. */
export const useViewTitle = (): string => useSyncExternalStore(subscribe, () => titles.at(-1)?.text ?? '');

import { useSyncExternalStore } from 'react';

/** From here on rows have columns; the same as Tailwind's `lg`. */
const query = typeof matchMedia === 'undefined' ? null : matchMedia('(min-width: 64rem)');

const subscribe = (listener: () => void) => {
  query?.addEventListener('change', listener);
  return () => query?.removeEventListener('change', listener);
};

/** Whether the page has room for columns. */
export const useWide = (): boolean => useSyncExternalStore(subscribe, () => query?.matches ?? true);

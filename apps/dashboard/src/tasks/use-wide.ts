import { useSyncExternalStore } from 'react';

/** Width from which rows have columns: Tailwind's `lg`. */
const query = typeof matchMedia === 'undefined' ? null : matchMedia('(min-width: 64rem)');

const subscribe = (listener: () => void) => {
  query?.addEventListener('change', listener);
  return () => query?.removeEventListener('change', listener);
};

/** Returns true if the page is wide enough for columns. */
export const useWide = (): boolean => useSyncExternalStore(subscribe, () => query?.matches ?? true);

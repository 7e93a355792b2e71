import { useCallback, useSyncExternalStore } from 'react';

/** Touch input. */
export const COARSE = '(pointer: coarse)';
/** Tailwind's `sm`: wider than a phone in portrait. */
export const WIDE = '(min-width: 40rem)';

/** Returns true while a media query matches. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = matchMedia(query);
      list.addEventListener('change', listener);
      return () => list.removeEventListener('change', listener);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}

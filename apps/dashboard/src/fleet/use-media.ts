import { useCallback, useSyncExternalStore } from 'react';

/** Used with fingers. */
export const COARSE = '(pointer: coarse)';
/** Tailwind's `sm`: not a phone held upright. */
export const WIDE = '(min-width: 40rem)';

/** Whether a media query holds of the page. */
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

import { useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';

/**
 * Focuses the heading of a newly opened view, so that screen readers read it and Tab continues from
 * there.
 */
export function useFocusOnNavigation(): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe('onRendered', ({ pathChanged, fromLocation }) => {
        if (!pathChanged || fromLocation === undefined) return;
        const heading = document.querySelector<HTMLElement>('main h1');
        if (heading !== null) heading.tabIndex = -1;
        (heading ?? document.getElementById('main'))?.focus({ preventScroll: true });
      }),
    [router],
  );
}

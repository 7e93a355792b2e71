import { useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';

/** Puts the focus on the heading of a view that was gone to, so that it is read out and the next Tab goes on from there. */
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

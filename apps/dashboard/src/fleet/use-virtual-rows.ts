import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, useCallback, useLayoutEffect, useMemo, useState } from 'react';
import { rangeWith } from '../ui/range-with.ts';

/**
 * Space above the rows that is fixed to the window: the page's header and the head of the table.
 */
const HEADER_PX = 48;
const HEAD_PX = 36;

export type VirtualRowsOptions = {
  readonly container: RefObject<HTMLElement | null>;
  readonly count: number;
  readonly rowPx: number;
  readonly gapPx?: number;
  /** Row that stays rendered however far it is scrolled away, so that it keeps the focus. */
  readonly keptIndex: number | null;
};

/**
 * Returns the rows in sight, and a few more, of a list that scrolls with the page. All have the
 * same height.
 */
export function useVirtualRows({ container, count, rowPx, gapPx = 0, keptIndex }: VirtualRowsOptions) {
  const topPx = usePageTop(container);
  const virtualizer = useWindowVirtualizer({
    count,
    estimateSize: useCallback(() => rowPx, [rowPx]),
    gap: gapPx,
    overscan: 6,
    scrollMargin: topPx,
    scrollPaddingStart: HEADER_PX + HEAD_PX + gapPx,
    scrollPaddingEnd: gapPx,
    rangeExtractor: useMemo(() => rangeWith(keptIndex), [keptIndex]),
  });
  // Heights are known. Those computed for others must be discarded.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the virtualizer takes new heights from its options, but does not measure again by itself
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, rowPx, gapPx]);
  const rows = virtualizer.getVirtualItems().map(({ index, start }) => ({ index, startPx: start - topPx }));
  return { rows, totalPx: count * (rowPx + gapPx) - (count > 0 ? gapPx : 0), virtualizer };
}

/** Returns where an element begins on the page. Content above can move it. */
function usePageTop(element: RefObject<HTMLElement | null>): number {
  const [topPx, setTopPx] = useState(0);
  useLayoutEffect(() => {
    const measure = () => {
      const { current } = element;
      if (current !== null) setTopPx(Math.round(current.getBoundingClientRect().top + window.scrollY));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [element]);
  return topPx;
}

import type { LogLine } from '@booner/protocol';
import { useVirtualizer } from '@tanstack/react-virtual';
import clsx from 'clsx';
import { useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef } from 'react';
import { LogLineRow } from './log-line.tsx';
import type { LogRows } from './log-rows.ts';
import { gapText } from './log-text.ts';

const LINE_HEIGHT = 20;
/** Distance from the end that counts as being at the end. */
const END_THRESHOLD = 8;

/** A line to scroll to. Each request is a new object. */
export type LogTarget = { readonly line: number | 'end' };

export type LogLinesProps = {
  readonly rows: LogRows;
  /** Characters of the longest line. */
  readonly widest: number;
  readonly digits: number;
  readonly isWrapped: boolean;
  /** True if it always has its maximum height. */
  readonly isFixed: boolean;
  readonly pattern: RegExp | null;
  readonly currentLine: number | null;
  readonly target: LogTarget | null;
  /** Called when the end comes into sight or leaves it. */
  readonly onFollowing: (isFollowing: boolean) => void;
  readonly onCopy: (line: LogLine) => void;
};

/**
 * Renders the lines in sight. At the end, it follows new lines. Scrolled up, it keeps its position,
 * even when the first lines are dropped.
 */
export function LogLines({
  rows,
  widest,
  digits,
  isWrapped,
  isFixed,
  pattern,
  currentLine,
  target,
  onFollowing,
  onCopy,
}: LogLinesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    getItemKey: useMemo(() => (index: number) => rows.keyAt(index), [rows]),
    overscan: 4,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: END_THRESHOLD,
  });
  const isAtEnd = rows.count === 0 || virtualizer.isAtEnd(END_THRESHOLD);
  useEffect(() => onFollowing(isAtEnd), [isAtEnd, onFollowing]);
  useLayoutEffect(() => virtualizer.scrollToEnd(), [virtualizer]);
  const goTo = useEffectEvent(({ line }: LogTarget) => {
    if (line === 'end') virtualizer.scrollToEnd();
    else virtualizer.scrollToIndex(rows.indexOfLine(line), { align: 'center' });
  });
  useEffect(() => {
    if (target !== null) goTo(target);
  }, [target]);
  const laidOut = useRef(isWrapped);
  useLayoutEffect(() => {
    if (laidOut.current === isWrapped) return;
    laidOut.current = isWrapped;
    const wasAtEnd = virtualizer.isAtEnd(END_THRESHOLD);
    const top = virtualizer.getVirtualItemForOffset(virtualizer.scrollOffset ?? 0);
    virtualizer.measure(); // all lines have other heights
    if (wasAtEnd || top === undefined) virtualizer.scrollToEnd();
    else virtualizer.scrollToIndex(top.index, { align: 'start' });
  }, [isWrapped, virtualizer]);

  return (
    <div
      ref={scroller}
      role="log"
      aria-live="off"
      aria-label="Lines of the log"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable content must be reachable by keyboard
      tabIndex={0}
      className={clsx(
        'overflow-auto font-mono text-sm -outline-offset-2 [overflow-anchor:none] [contain:layout_paint_style]',
        isFixed ? 'h-[65dvh] min-h-64' : 'max-h-[65dvh]',
      )}
    >
      <div
        className="relative min-w-full"
        style={{
          height: virtualizer.getTotalSize(),
          width: isWrapped ? '100%' : `calc(${widest + digits}ch + 4rem)`,
          ['--digits' as string]: digits,
        }}
      >
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const row = rows.at(index);
          return (
            <div
              key={key}
              ref={isWrapped ? virtualizer.measureElement : undefined}
              data-index={index}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${start}px)` }}
            >
              {row.type === 'gap' ? (
                <p className="sticky left-0 h-5 w-fit px-3 font-sans text-warn">⋯ {gapText(row.count)}</p>
              ) : (
                <LogLineRow
                  line={row.line}
                  pattern={pattern}
                  isCurrent={row.line.line === currentLine}
                  isWrapped={isWrapped}
                  onCopy={onCopy}
                />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

import type { Task } from '@booner/protocol';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { rangeWith } from '../ui/range-with.ts';
import { ROW_COLUMNS, TaskRow } from './task-row.tsx';
import { useWide } from './use-wide.ts';

const WIDE_ROW = 49; // two lines of text, 4 px around them and the border
const STACKED_ROW = 85;
/**
 * With an error that needs a second line: this many characters fit into one on the narrowest
 * phones.
 */
const STACKED_ROW_OF_TWO_LINES = 105;
const ONE_LINE_CHARACTERS = 40;
/** Heights of the page's header and the table's own, which stick to the top. */
const COVERED_TOP = 88;

const MOVES: Readonly<Record<string, (index: number, last: number) => number>> = {
  ArrowDown: (index) => index + 1,
  ArrowUp: (index) => index - 1,
  PageDown: (index) => index + 10,
  PageUp: (index) => index - 10,
  Home: () => 0,
  End: (_, last) => last,
};

/**
 * The tasks, of which only the rows in sight are rendered. Arrows move between rows, Enter opens
 * one.
 */
export function TaskTable({ tasks }: { readonly tasks: readonly Task[] }) {
  const isWide = useWide();
  const body = useRef<HTMLTableSectionElement>(null);
  const [margin, setMargin] = useState(0);
  const [currentId, setCurrentId] = useState<string | null>(null);
  const wanted = useRef<string | null>(null);
  useLayoutEffect(() => {
    if (body.current !== null) setMargin(body.current.getBoundingClientRect().top + scrollY);
  });
  const currentIndex = Math.max(
    0,
    tasks.findIndex(({ id }) => id === currentId),
  );
  const virtualizer = useWindowVirtualizer({
    count: tasks.length,
    scrollMargin: margin,
    scrollPaddingStart: COVERED_TOP,
    overscan: 8,
    rangeExtractor: useMemo(() => rangeWith(currentIndex), [currentIndex]),
    // New functions for each list, so that the rows are laid out again.
    getItemKey: useCallback((index: number) => tasks[index]?.id ?? index, [tasks]),
    estimateSize: (index) => {
      if (isWide) return WIDE_ROW;
      return (tasks[index]?.error?.length ?? 0) > ONE_LINE_CHARACTERS
        ? STACKED_ROW_OF_TWO_LINES
        : STACKED_ROW;
    },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: sizes depend on the width of the page
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, isWide]);
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    const link = body.current?.querySelector<HTMLElement>(`[data-row-link="${CSS.escape(wanted.current)}"]`);
    if (link == null) return; // the row comes into sight with one of the next renders
    wanted.current = null;
    link.focus({ preventScroll: true });
  });

  const onKeyDown = (event: KeyboardEvent) => {
    const move = MOVES[event.key];
    if (move === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const last = tasks.length - 1;
    const index = Math.min(last, Math.max(0, move(currentIndex, last)));
    wanted.current = tasks[index]!.id;
    setCurrentId(wanted.current);
    virtualizer.scrollToIndex(index);
  };
  const onFocus = useCallback((id: string) => setCurrentId(id), []);

  return (
    <table className="block" aria-label="Tasks" aria-rowcount={tasks.length + 1}>
      <thead className="block sticky top-(--header-height) z-20 max-lg:sr-only">
        <tr
          aria-rowindex={1}
          className={`grid h-10 items-center rounded-t-md border border-line bg-raised px-3 text-sm text-muted ${ROW_COLUMNS}`}
        >
          <th scope="col" className="text-left font-normal">
            Status
          </th>
          <th scope="col" className="text-left font-normal">
            Action
          </th>
          <th scope="col" className="text-left font-normal">
            Host
          </th>
          <th scope="col" className="text-left font-normal">
            Progress, result or error
          </th>
          <th scope="col" className="text-right font-normal">
            Created
          </th>
          <th scope="col" className="text-right font-normal">
            Duration
          </th>
        </tr>
      </thead>
      <tbody
        ref={body}
        data-rows
        onKeyDown={onKeyDown}
        className="relative block overflow-clip rounded-b-md border-x border-line bg-panel max-lg:rounded-t-md max-lg:border-t"
        style={{ height: virtualizer.getTotalSize() }}
      >
        {virtualizer.getVirtualItems().map(({ index, key, start, size }) => {
          const task = tasks[index];
          if (task === undefined) return null;
          return (
            <TaskRow
              key={key}
              task={task}
              index={index}
              offset={start - margin}
              size={size}
              isCurrent={index === currentIndex}
              onFocus={onFocus}
            />
          );
        })}
      </tbody>
    </table>
  );
}
